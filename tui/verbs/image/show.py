"""Looking at repositories: those of a wallet, and one with all that is known of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bitcoin.core.script import CScript

from assets.images.coverage import Coverage
from assets.images.repository import RepositoryState
from assets.services.chain.definitions import find_definition
from assets.services.chain.evidence import make_evidence
from assets.services.chain.script_address import unit_address_or_nothing
from assets.services.read_models.image_views import LineageView, RepositoriesView, RepositoryView
from assets.services.read_models.lineage_views import DefinitionView, ReleaseLine
from assets.services.trust.manifests import covering
from assets.services.trust.timeline import timeline
from assets.services.wallets.repositories import own_repositories, show_history, show_repository
from tui.verbs.files import require_new, write_new
from tui.verbs.image.evidence import revoked_manifests_of
from tui.verbs.image.finding import shown_by_name
from tui.verbs.progress import counted
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.hashes import Txid
from wallet.network import network_named


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryDetail:
    """A repository with its timeline, newest first, its history, oldest first, and its definition.

    `why_no_definition` says why there is none, or is empty.
    """

    repository: RepositoryView
    releases: tuple[ReleaseLine, ...]
    lineage: LineageView
    definition: DefinitionView | None
    why_no_definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """Evidence in a new file, as of a block: how many transactions it is."""

    file: str
    height: int
    steps: int


def repositories(place: Workplace) -> RepositoriesView:
    """The repositories whose title this wallet holds or held."""
    with place.session() as session:
        settled = place.reading_confirmations
        found = own_repositories(session, place.chain(), covering(None, place.manifests), confirmations=settled)
    named = tuple(shown_by_name(one, place) for one in found)
    return RepositoriesView(network=session.network.name, wallet=session.name, repositories=named)


def repository(genesis: Txid, place: Workplace, *, note: str = "") -> RepositoryView:
    """A repository by its genesis, with a note on how it was found. Raises ImageError where there is none."""
    chain, settled = place.chain(), place.reading_confirmations
    chain.catch_up()
    with place.session_if_any() as session:
        view = show_repository(
            genesis, chain, session, _covers(place), confirmations=settled, notes=(note,) if note else ()
        )
    return shown_by_name(view, place)


def history(genesis: Txid, reading: Reading) -> LineageView:
    """Everything that happened to a title, oldest first. Raises ImageError where there is no such genesis."""
    chain = reading.chain()
    chain.catch_up()
    return show_history(genesis, chain, _covers(reading), confirmations=reading.reading_confirmations)


def detail(genesis: Txid, place: Workplace) -> RepositoryDetail:
    """Everything about a repository. Raises ImageError where there is no such genesis."""
    view, lineage = repository(genesis, place), history(genesis, place)
    definition, why_not = find_definition(view.name, view.definition, place.definitions, place.registry)
    return RepositoryDetail(
        repository=view,
        releases=timeline(view, lineage),
        lineage=lineage,
        definition=definition,
        why_no_definition=why_not,
    )


def write_evidence(genesis: Txid, file: Path, reading: Reading, *, name: str | None = None) -> EvidenceView:
    """A repository's evidence in a new file, by which others verify without an index.

    `name` says where revoked lists are, where the chain holds only its hash. Raises StoreError, ImageError.
    """
    require_new(file)
    chain, told = reading.chain(), counted(reading.report, "reading the blocks of its lineage")
    made = make_evidence(genesis, chain, told, revoked_manifests_of(reading, chain, genesis, name))
    write_new(file, made.serialize())
    return EvidenceView(file=str(file), height=made.height, steps=len(made.steps))


def owner_shown(script: str, network: str) -> str:
    """An owner's unit address, or the script (hex) where it has none."""
    return unit_address_or_nothing(CScript(bytes.fromhex(script)), network_named(network)) or script


def _covers(reading: Reading) -> Callable[[RepositoryState], Coverage]:
    """What revocations cover, by manifests that were read before, and else by the registry's."""
    return covering(reading.registry, reading.manifests)
