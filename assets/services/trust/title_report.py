"""What a buyer of a repository should know before paying: what was bound and revoked, what is outstanding, what comes
apart from the title."""

from dataclasses import dataclass

from assets.errors import OfferError
from assets.images.offer import Ask
from assets.images.repository import RepositoryState
from assets.index.liveness import Liveness, held
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from wallet.hashes import Txid, display, parse_txid


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleReport:
    """The repository that is sold, or whose access units are. `name` as its newest record says.

    `bindings` and `revocations` count records; `outstanding` are access units that would be neither the buyer's nor
    destroyed; `sealed` counts sealed forms of its images. `checklist` is for a buyer of the title.
    """

    name: str
    bindings: int
    revocations: int
    issued: int
    outstanding: int
    rivals: tuple[str, ...]
    checklist: tuple[str, ...]
    warnings: tuple[str, ...]
    sealed: int = 0


def report(ask: Ask, chain: ChainAccess, *, confirmations: int) -> SaleReport:
    """Reads the lineage of the ask's repository. Raises OfferError where it is unknown, frozen or undecided."""
    chain.catch_up()
    lineage = read_lineage(chain, ask.genesis, confirmations=confirmations)
    if lineage is None:
        raise OfferError(
            "repository",
            f"the chain has no genesis {display(ask.genesis)}",
            hint=ImageRemedy.LATE_INDEX.of(),
        )
    state = lineage.state
    if ask.sells.has_title and (lineage.lost or state.frozen or state.undecided is not None):
        why = "its title is lost" if lineage.lost or state.frozen else "a witness of its lineage is missing"
        raise OfferError("title", f"the repository cannot be bought: {why}")
    outstanding = _outstanding(ask, chain)
    warnings = [f"{outstanding:,} access units stay with others, or with the seller"] if outstanding else []
    if ask.sells.has_title and state.present.outpoint != ask.coins[0].outpoint:
        raise OfferError("title", "the title moved meanwhile", hint="ask the seller for a new listing")
    return SaleReport(
        name=_name(state),
        bindings=len(state.bindings),
        revocations=len(state.revocations),
        issued=state.genesis.units,
        outstanding=outstanding,
        rivals=_rivals(state, chain),
        checklist=_checklist(state) if ask.sells.has_title else _access_checklist(),
        warnings=tuple(warnings) if ask.sells.has_title else (),
        sealed=len(state.sealings),
    )


def _name(state: RepositoryState) -> str:
    newest = state.statements[-1].name
    return newest.name or hashed_name(newest.name_hash)


def hashed_name(name_hash: bytes) -> str:
    """What a repository is called whose name was too long for a record, where only the hash is known."""
    return f"name with hash {name_hash.hex()}"


def _outstanding(ask: Ask, chain: ChainAccess) -> int:
    """Access units in coins that the node still has and that are not in this sale."""
    sold = set(ask.outpoints)
    with chain.store.snapshot() as reader:
        others = [
            units.quantity
            for holding, units in reader.holdings(ask.genesis)
            if not units.title
            and holding.outpoint not in sold
            and held(chain.source, reader, holding.outpoint) is not Liveness.FROZEN
        ]
    return sum(others)


def _rivals(state: RepositoryState, chain: ChainAccess) -> tuple[str, ...]:
    name = state.statements[-1].name.name
    if name is None:
        return ()
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(name)
    others: list[Txid] = [fact.txid for fact in named if fact.txid != state.genesis.txid]
    return tuple(display(txid) for txid in others)


def _checklist(state: RepositoryState) -> tuple[str, ...]:
    name = _name(state)
    return (
        f"the account at the registry that may push to {name} is not on the chain: agree on its hand-over first",
        "the name itself (the registry's host and path) stays with whoever runs the registry",
        (
            "a seller can issue another genesis for the same name; pins of this genesis are not moved by it, and say"
            " PIN_CHANGED where the registry follows"
        ),
        "whoever pinned the repository sees NEW_OWNER until they accept you",
        "the seller keeps copies of everything ever published, and of a repository secret; release anew with your own",
        *sealed_checklist(len(state.sealings)),
    )


def sealed_forms_of(genesis: str, chain: ChainAccess) -> int:
    """How many sealed forms the images of a repository have, by its genesis; 0 for one that is not in the chain."""
    chain.catch_up()
    lineage = read_lineage(chain, parse_txid(genesis), confirmations=1)
    return 0 if lineage is None else len(lineage.state.sealings)


def sealed_checklist(sealed: int) -> tuple[str, ...]:
    """What a buyer of the title depends on where images of the repository are sealed; nothing where none is."""
    if not sealed:
        return ()
    forms = "one sealed form of its images opens" if sealed == 1 else f"{sealed:,} sealed forms of its images open"
    return (
        f"{forms} only with the repository's secret, which the seller sends once the sale has its confirmations",
        "nothing on the chain forces that: without the secret you can neither open those images nor serve their keys",
        "what you release yourself is under a secret of your own, and does not depend on the seller",
    )


def _access_checklist() -> tuple[str, ...]:
    return (
        "access is access: whoever held a unit before you can have kept what it opened",
        "the owner decides what is released next; a unit opens what a gate or a sealed image honours",
    )
