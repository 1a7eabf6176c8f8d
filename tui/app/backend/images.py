"""Repositories, verdicts and pins of an open wallet."""

from pathlib import Path

from assets.errors import TrustError
from assets.images.reference import ImageReference
from assets.images.tag import parse_tag
from assets.images.verdict import parse_allowed
from assets.services.chain.definitions import find_definition
from assets.services.chain.holders import list_holders
from assets.services.chain.image_words import pin_view
from assets.services.chain.known_names import is_hidden, with_name
from assets.services.read_models.image_views import (
    PinProposalView,
    PinView,
    RepositoriesView,
    RepositoryView,
    VerificationView,
)
from assets.services.trust.manifests import covering
from assets.services.trust.pin_view import proposal_view
from assets.services.trust.pinning import PinProposal, propose_pin
from assets.services.trust.timeline import timeline
from assets.services.trust.verification_view import verification_view
from assets.services.trust.verifying import Question, verify
from assets.services.wallets.naming import meant_repository
from assets.services.wallets.repositories import own_repositories, show_history, show_repository
from assets.store.name_store import NameStore
from assets.store.trust_store import read_lock
from tui.app.asks import PinAsk, Verify
from tui.app.backend.access import Access
from tui.app.backend.history_lines import history_line, holders_list
from tui.app.views import HoldersList, RepositoryDetail
from tui.verbs.image.fields import bare_name
from tui.verbs.image.publish import publish
from tui.verbs.image.requests import Publish
from tui.verbs.image.served import ServedTag, image_tags, served
from tui.verbs.progress import Progress, Report
from wallet.errors import EncodingError, StateError
from wallet.hashes import display, parse_txid


class HouseImages:
    """Implements `ImageServices`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def repositories(self) -> RepositoriesView:
        """The repositories whose title this wallet holds or held."""
        access = self._access
        with access.session() as session:
            covers = covering(None, access.manifests)
            found = own_repositories(session, access.chain(), covers, confirmations=access.reading_confirmations)
        named = tuple(self.named(one) for one in found)
        return RepositoriesView(network=session.network.name, wallet=session.name, repositories=named)

    def repository(self, genesis: str) -> RepositoryDetail:
        """A repository with its timeline, its history and its definition."""
        access = self._access
        txid, chain, settled = parse_txid(genesis), access.chain(), access.reading_confirmations
        chain.catch_up()
        covers = covering(access.house.registry, access.manifests)
        with access.session() as session:
            view = self.named(show_repository(txid, chain, session, covers, confirmations=settled))
        lineage = show_history(txid, chain, covers, confirmations=settled)
        definition, why_not = find_definition(view.name, view.definition, access.definitions, access.house.registry)
        network = access.house.network
        return RepositoryDetail(
            repository=view,
            releases=timeline(view, lineage),
            history=tuple(history_line(one, network) for one in reversed(lineage.records)),
            definition=definition,
            why_no_definition=why_not,
        )

    def holders(self, genesis: str, progress: Report) -> HoldersList:
        """Who holds access units; every coin is asked for at the node."""

        def told(done: int, total: int) -> None:
            progress(Progress(what="asking for coins", done=done, total=total))

        return holders_list(list_holders(parse_txid(genesis), self._access.chain(), progress=told))

    def find(self, text: str) -> str:
        """The genesis that a name means, or itself. Raises AmbiguousNameError where the name fits several."""
        try:
            return display(parse_txid(text.strip().lower()))
        except EncodingError:
            name = bare_name(text)
        access = self._access
        chain = access.chain()
        chain.catch_up()
        with access.session() as session:
            found = meant_repository(name, None, chain, access.house.pins.load(), session, access.house.registry)
        if is_hidden(name):
            self._names.remember(name)
        return display(found.genesis)

    def tags(self, name: str) -> tuple[str, ...]:
        """The tags of images that the registry has."""
        return image_tags(name, self._access.place)

    def served(self, genesis: str, name: str, tags: tuple[str, ...]) -> tuple[ServedTag, ...]:
        """What each tag stands for, on the chain, in the registry and on this machine."""
        return served(parse_txid(genesis), name, tuple(map(parse_tag, tags)), self._access.place)

    def publish(self, genesis: str, name: str) -> str:
        """Pushes a repository's definition to its registry again."""
        done = publish(Publish(genesis=parse_txid(genesis), name=bare_name(name)), self._access.place)
        return f"the definition of {done.name} is published"

    def verify(self, ask: Verify, progress: Report) -> VerificationView:
        """The verdict on an image, on the network of the open wallet."""
        access, house = self._access, self._access.house
        lock = read_lock(Path(ask.lock).expanduser()) if ask.lock else None
        question = Question(
            reference=ImageReference.parse(ask.reference.strip()),
            pins=house.pins.load(),
            lock=lock.require(house.network) if lock is not None else None,
            genesis=parse_txid(ask.genesis.strip().lower()) if ask.genesis else None,
            confirmations=access.reading_confirmations,
            allow=parse_allowed(ask.allow) if ask.allow else frozenset(),
            platform=ask.platform or None,
        )

        def told(done: int, total: int) -> None:
            progress(Progress(what="reading manifests", done=done, total=total))

        answer = verify(question, access.chain(), house.registry, access.manifests, told)
        return verification_view(answer, house.network, confirmations=question.confirmations, now=house.now())

    def propose_pin(self, ask: PinAsk) -> PinProposalView:
        """What pinning would mean."""
        return proposal_view(self._proposal(ask), self._access.house.network)

    def pin(self, ask: PinAsk, proposal: PinProposalView) -> None:
        """Takes a pin exactly as it was shown."""
        fresh = self._proposal(ask)
        now, shown = proposal_view(fresh, self._access.house.network).pin, proposal.pin
        if now != shown:
            raise StateError(
                f"another pin than was shown: genesis {now.genesis} held by {', '.join(now.owners)}, and what was shown"
                f" is genesis {shown.genesis} held by {', '.join(shown.owners)}",
                hint="nothing was pinned; look at it again",
            )
        self._access.house.pins.pin(fresh.pin)

    def unpin(self, pin: PinView) -> None:
        """Forgets a pin exactly as it was shown."""
        house = self._access.house
        present = house.pins.load().named(pin.name)
        if present is not None and pin_view(present, house.network) != pin:
            raise TrustError(
                f"{pin.name} is pinned to genesis {display(present.genesis)} by now, and what was shown is genesis"
                f" {pin.genesis}",
                hint="nothing was changed; look at it again",
            )
        house.pins.unpin(pin.name, present)

    def named(self, view: RepositoryView) -> RepositoryView:
        """Under the name that this user knows it by, where the chain holds only the name's hash."""
        pinned = (pin.name for pin in self._access.house.pins.load().pins)
        return with_name(view, (*self._names.names(), *pinned))

    def _proposal(self, ask: PinAsk) -> PinProposal:
        access, house = self._access, self._access.house
        return propose_pin(
            bare_name(ask.name),
            access.chain(),
            house.registry,
            house.pins.load(),
            genesis=parse_txid(ask.genesis.strip().lower()) if ask.genesis else None,
            confirmations=access.settling_confirmations,
            accept_owner=ask.accept_owner,
        )

    @property
    def _names(self) -> NameStore:
        return self._access.house.names
