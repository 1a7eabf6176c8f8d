"""Read models of a repository's timeline and definition: only texts, integers, booleans and tuples of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLine:
    """A tag that was bound to a digest.

    `word` says what has become of it: current, superseded, revoked, pending, final or ignored; `why` the reason where
    it is ignored. `height` is None in the mempool.
    """

    tag: str
    digest: str
    height: int | None
    txid: str
    word: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionView:
    """A definition document whose sha256 is the one that the chain carries. Its texts are the issuer's own words."""

    sha256: str
    name: str
    name_short: str
    issuer: str
    description: str
    links: tuple[tuple[str, str], ...]
