"""Use case: look at repositories: those of a wallet, or any that has a genesis."""

from collections.abc import Callable, Iterable, Sequence

from assets.errors import ImageError
from assets.images.coverage import Coverage
from assets.images.repository import RepositoryState
from assets.model import GenesisFact
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.image_words import asset_text, genesis_view, history_views, record_view, tag_views
from assets.services.chain.lineage import Lineage, absence, read_lineage
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.image_views import LineageView, RepositoryView
from assets.services.wallets.ownership import own_geneses, unit_scripts
from assets.services.wallets.session import Session
from wallet.hashes import Txid, display, outpoint_text

Covers = Callable[[RepositoryState], Coverage]
"""What says of a repository what its revocations cover."""


def own_repositories(
    session: Session, chain: ChainAccess, covers: Covers, *, confirmations: int
) -> tuple[RepositoryView, ...]:
    """Every repository whose title the wallet holds or held, those it holds first, each group by name."""
    chain.catch_up()
    with chain.store.snapshot() as reader:
        geneses = own_geneses(session, reader)
    scripts = unit_scripts(session)
    lineages = [read_lineage(chain, genesis, confirmations=confirmations) for genesis in geneses]
    views = [repository_view(one, chain, scripts, covers) for one in lineages if one is not None]
    return tuple(sorted(views, key=lambda view: (not view.owned, view.name, view.genesis)))


def show_repository(
    genesis: Txid,
    chain: ChainAccess,
    session: Session | None,
    covers: Covers,
    *,
    confirmations: int,
    notes: Sequence[str] = (),
) -> RepositoryView:
    """A repository by its genesis. Raises ImageError where the chain has no such genesis."""
    scripts = unit_scripts(session) if session is not None else {}
    return repository_view(_lineage(genesis, chain, confirmations), chain, scripts, covers, notes)


def show_history(genesis: Txid, chain: ChainAccess, covers: Covers, *, confirmations: int) -> LineageView:
    """Everything that happened to a title. Raises ImageError where the chain has no such genesis."""
    state = _lineage(genesis, chain, confirmations).state
    return LineageView(
        name=_name(state),
        genesis=display(genesis),
        network=chain.network.name,
        records=history_views(covers(state)),
    )


def _lineage(genesis: Txid, chain: ChainAccess, confirmations: int) -> Lineage:
    lineage = read_lineage(chain, genesis, confirmations=confirmations)
    if lineage is None:
        missing = absence(chain, genesis)
        raise ImageError(missing.reason, hint=missing.hint)
    return lineage


def repository_view(
    lineage: Lineage, chain: ChainAccess, scripts: Iterable[bytes], covers: Covers, notes: Sequence[str] = ()
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
        tags=tag_views(covers(state)),
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
