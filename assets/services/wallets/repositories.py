"""Use case: look at repositories: those of a wallet, or any that has a genesis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assets.errors import ImageError, RegistryError
from assets.images.pin import Pins
from assets.images.repository import RepositoryState
from assets.model import GenesisFact
from assets.registry.port import ImageRegistry
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.claims import read_claim
from assets.services.chain.image_words import asset_text, genesis_view, history_views, record_view, tag_views
from assets.services.chain.lineage import Lineage, absence, read_lineage
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.image_views import LineageView, RepositoryView
from assets.services.wallets.ownership import own_geneses, unit_scripts
from assets.services.wallets.session import Session
from wallet.hashes import Txid, display, outpoint_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A genesis for a name, and how it was found."""

    genesis: Txid
    note: str


def own_repositories(session: Session, chain: ChainAccess, *, confirmations: int) -> tuple[RepositoryView, ...]:
    """Every repository whose title the wallet holds or held, those it holds first, each group by name."""
    chain.catch_up()
    with chain.store.snapshot() as reader:
        geneses = own_geneses(session, reader)
    scripts = unit_scripts(session)
    lineages = [read_lineage(chain, genesis, confirmations=confirmations) for genesis in geneses]
    views = [repository_view(one, chain, scripts) for one in lineages if one is not None]
    return tuple(sorted(views, key=lambda view: (not view.owned, view.name, view.genesis)))


def find_genesis(
    name: str, chain: ChainAccess, pins: Pins, session: Session | None, registry: ImageRegistry
) -> Whereabouts:
    """The genesis that speaks for a canonical name: pinned, this wallet's own, or what the registry claims.

    Raises ImageError where none is found; geneses on the chain that claim the name are told, and not chosen.
    """
    pin = pins.named(name)
    if pin is not None:
        return Whereabouts(genesis=pin.genesis, note="as you pinned it")
    if session is not None:
        own = _own_named(name, session, chain)
        if own is not None:
            return Whereabouts(genesis=own, note="issued or held by this wallet")
    notes: tuple[str, ...] = ()
    try:
        answer = read_claim(registry, name, chain)
        notes = answer.notes
        if answer.claim is not None:
            return Whereabouts(genesis=answer.claim.genesis, note="as the registry claims; nobody else vouches")
    except RegistryError as error:
        notes = (str(error),)
    raise ImageError("; ".join((f"nothing is known to speak for {name}", *notes)), hint=_hint(name, chain))


def _own_named(name: str, session: Session, chain: ChainAccess) -> Txid | None:
    with chain.store.snapshot() as reader:
        geneses = own_geneses(session, reader)
    for genesis in geneses:
        lineage = read_lineage(chain, genesis, confirmations=1)
        if lineage is not None and any(one.name.matches(name) for one in lineage.state.statements):
            return genesis
    return None


def _hint(name: str, chain: ChainAccess) -> str:
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(name)
    if not named:
        return "check the name; `dockchains image list` shows what this wallet holds"
    return f"on the chain it is claimed by {', '.join(display(fact.txid) for fact in named[:5])}: look with --genesis"


def show_repository(
    genesis: Txid, chain: ChainAccess, session: Session | None, *, confirmations: int, notes: Sequence[str] = ()
) -> RepositoryView:
    """A repository by its genesis. Raises ImageError where the chain has no such genesis."""
    scripts = unit_scripts(session) if session is not None else {}
    return repository_view(_lineage(genesis, chain, confirmations), chain, scripts, notes)


def show_history(genesis: Txid, chain: ChainAccess, *, confirmations: int) -> LineageView:
    """Everything that happened to a title. Raises ImageError where the chain has no such genesis."""
    state = _lineage(genesis, chain, confirmations).state
    return LineageView(
        name=_name(state),
        genesis=display(genesis),
        network=chain.network.name,
        records=history_views(state),
    )


def _lineage(genesis: Txid, chain: ChainAccess, confirmations: int) -> Lineage:
    lineage = read_lineage(chain, genesis, confirmations=confirmations)
    if lineage is None:
        missing = absence(chain, genesis)
        raise ImageError(missing.reason, hint=missing.hint)
    return lineage


def repository_view(
    lineage: Lineage, chain: ChainAccess, scripts: Iterable[bytes], notes: Sequence[str] = ()
) -> RepositoryView:
    """A repository as both front ends show it; `scripts` are the wallet's own."""
    state, network = lineage.state, chain.network
    genesis = state.genesis
    return RepositoryView(
        name=_name(state),
        name_hash=state.statements[-1].name.name_hash.hex(),
        genesis=display(genesis.txid),
        height=genesis.position.height,
        asset=asset_text(genesis.asset, network),
        definition=state.statements[-1].definition.hex(),
        access_units=genesis.units,
        state=_condition(lineage),
        owned=bytes(state.present.script) in set(scripts) and not lineage.lost and state.lost is None,
        owner=state.owner.hex(),
        owner_address=address_or_nothing(state.owner, network),
        title=outpoint_text(state.present.outpoint),
        title_sats=state.present.value,
        tags=tag_views(state),
        pending=tuple(record_view(step) for step in state.history if not step.settled),
        rivals=tuple(genesis_view(fact, network) for fact in _rivals(state, chain)),
        notes=tuple(notes),
    )


def _name(state: RepositoryState) -> str:
    newest = state.statements[-1].name
    return newest.name or f"name with hash {newest.name_hash.hex()}"


def _condition(lineage: Lineage) -> str:
    state = lineage.state
    if lineage.lost or state.frozen:
        return "frozen"
    if state.undecided is not None:
        return "undecided"
    return "pending" if state.genesis.position.height is None else "held"


def _rivals(state: RepositoryState, chain: ChainAccess) -> tuple[GenesisFact, ...]:
    name = state.statements[-1].name.name
    if name is None:
        return ()
    with chain.store.snapshot() as reader:
        return tuple(fact for fact in reader.geneses_named(name) if fact.txid != state.genesis.txid)
