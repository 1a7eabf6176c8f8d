"""Read models of the way that units came: texts, integers, booleans and tuples of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """A coin on the way. `holds` is what it carried, `what` what its transaction did, in words.

    `height` is None in the mempool; `own` tells whether a key of this wallet held it.
    """

    outpoint: str
    txid: str
    sats: int
    holds: str
    what: str
    height: int | None
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """The way of a coin's units, the coin itself first. `complete` is false where it is longer than what is shown."""

    outpoint: str
    holds: str
    steps: tuple[TraceStep, ...]
    complete: bool
