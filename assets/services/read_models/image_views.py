"""Frozen read models of images and repositories: only texts, integers, booleans and tuples of these.

Hashes and txids are in display order, scripts in hex with their address beside them, heights None in the mempool.
"""

from dataclasses import dataclass

from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """One step of a repository's history.

    `kind` is the record's kind in lower case, `transfer` where there is no record, `loss` where the title ended, and
    `flaw` where the metadata is no record. `counts` says whether it counts, `why_not` the reason where it does not.
    `revoked` says of a release that what it binds is covered by a revocation, as far as is known.
    """

    kind: str
    txid: str
    height: int | None
    block: str | None
    settled: bool
    counts: bool
    why_not: str
    digest: str | None
    tags: tuple[str, ...]
    detail: str
    author: str
    owner: str | None
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A verdict that applies, its exit code, and why."""

    verdict: str
    exit_code: int
    reason: str
    txid: str | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherView:
    """What vouches for a genesis, and the owners that it accepts (script hex)."""

    kind: str
    genesis: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisView:
    """A genesis as a line: somebody's claim to a name."""

    genesis: str
    height: int | None
    asset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TipView:
    """The node's last block; `time` in unix seconds and `age` in seconds, both by the block's header."""

    height: int
    hash: str
    time: int
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationView:
    """The answer of `image verify`, whatever it is.

    `image` is `name@digest` and empty where the digest is not known. `findings` are all that apply, by rank; `allowed`
    those among them that were allowed to pass, and the first of the others decides. `deciding` is the record that the
    word rests on and `history` every record for the tag, or the digest where there is no tag, oldest first.
    """

    verdict: str
    exit_code: int
    reason: str
    reference: str
    name: str
    tag: str | None
    digest: str | None
    image: str
    network: str
    confirmations: int
    tip: TipView | None
    findings: tuple[FindingView, ...]
    allowed: tuple[FindingView, ...]
    vouchers: tuple[VoucherView, ...]
    claimed: str | None
    genesis: str | None
    genesis_height: int | None
    genesis_block: str | None
    asset: str | None
    owner: str | None
    owner_address: str | None
    deciding: RecordView | None
    history: tuple[RecordView, ...]
    rivals: tuple[GenesisView, ...]
    notes: tuple[Prose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinView:
    """A pin: the genesis that speaks for a name, and the accepted owners (script hex, with their addresses)."""

    name: str
    network: str
    genesis: str
    owners: tuple[str, ...]
    owner_addresses: tuple[str, ...]
    height: int
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PinsView:
    """All pins of the networks that were asked for, by name."""

    pins: tuple[PinView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinProposalView:
    """What pinning would mean: the pin, what is known of the repository, and what speaks against it."""

    pin: PinView
    known: bool
    asset: str
    access_units: int
    tags: tuple[str, ...]
    issuer: str
    description: str
    confirmations: int
    rivals: tuple[GenesisView, ...]
    warnings: tuple[Prose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagView:
    """A tag and the digest that it is settled on, with the record that bound it.

    `revoked` says that a revocation covers it; `unsure` that documents are missing without which nobody can tell.
    """

    tag: str
    digest: str
    final: bool
    revoked: bool
    txid: str
    height: int | None
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """A repository: identity, owner, what is bound, how many access units there are.

    `state` is pending (the genesis is in no block), held, frozen or undecided. `owned` says whether the title lies in
    this wallet; `title_sats` is what its coin holds, which pays for releases.
    """

    name: str
    name_hash: str
    genesis: str
    height: int | None
    asset: str
    definition: str
    access_units: int
    state: str
    owned: bool
    owner: str
    owner_address: str
    title: str
    title_sats: int
    tags: tuple[TagView, ...]
    pending: tuple[RecordView, ...]
    rivals: tuple[GenesisView, ...]
    notes: tuple[Prose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesView:
    """The repositories whose title, or units of which, a wallet holds."""

    network: str
    wallet: str
    repositories: tuple[RepositoryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageView:
    """A repository's whole history, oldest first."""

    name: str
    genesis: str
    network: str
    records: tuple[RecordView, ...]
