"""From a reference to a verified image at its destination."""

from collections.abc import Callable

from assets.images.reference import ImageReference
from assets.images.verdict import parse_allowed
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.gate_keys import GateClient
from assets.registry.transport import Transport
from assets.services.images.content_keys import FileKeys, GateKeys, KeySource, OwnKeys
from assets.services.images.delivery import Delivery, Destination
from assets.services.images.delivery import Kind as Place
from assets.services.images.image_content import StoredContent
from assets.services.images.key_gate import key_gate
from assets.services.images.mirroring import mirror_originals
from assets.services.images.pulling import NotToBeHandedOverError, Pulled, kept_image, pull, sealed_form
from assets.services.read_models.image_views import VerificationView
from assets.services.trust.verification_view import verification_view
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.image_store import ImageStore
from assets.store.staging import staging_folder
from assets.store.trust_store import read_lock
from tui.app.access_asks import Pull
from tui.app.access_views import Opened, PulledView
from tui.app.backend.access import Access
from tui.app.backend.access_checks import destination_of
from tui.app.backend.access_secrets import secrets_of
from tui.app.services import Stop
from tui.verbs.files import whole_path
from tui.verbs.progress import Progress, Report, StoppedError
from wallet.hashes import parse_txid

Told = Callable[[int, int], None]
STOPPED = "stopped; what was fetched stays, and the next pull goes on there"


def image_store(access: Access) -> ImageStore:
    """The images that this user pulled on the wallet's network."""
    return access.house.images


def teller(what: str, progress: Report, stop: Stop, stopped: str) -> Told:
    """What a service tells its progress to; it ends the work where a person wants that."""

    def told(done: int, total: int) -> None:
        progress(Progress(what=what, done=done, total=total))
        if stop():
            raise StoppedError(stopped)

    return told


class Pulls:
    """Pulling, over one wallet's house."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._house = access.house

    def pull(self, ask: Pull, opened: Opened | None, progress: Report, stop: Stop) -> PulledView:
        """Verifies, fetches, opens, hands over. What does not verify is not fetched."""
        destination = destination_of(ask.to) if ask.to.strip() else None
        answer = self._judged(ask, progress, stop)
        view = self._view(answer)
        if view.exit_code:
            return PulledView(verification=view)
        store, registry = image_store(self._access), self._house.registry
        opening = destination is not None and not ask.keep_sealed and sealed_form(answer) is not None
        keys = self._keys(ask, answer, opened) if opening else ()
        try:
            pulled = pull(answer, registry, store, keys, teller("pulling (bytes)", progress, stop, STOPPED))
        except NotToBeHandedOverError as other:
            return PulledView(verification=self._view(other.answer))
        with RegistryClient(CredentialFinder.nowhere(), self._house.registry_settings) as anybody:
            store.keep(kept_image(answer, pulled, registry, anybody))
        where = "" if destination is None else self._delivered(answer, pulled, store, destination, progress, stop)
        return PulledView(
            verification=view,
            image=f"{answer.reference.name}@{pulled.tree.root.digest}",
            where=where,
            opened=pulled.sealed_form is not None and pulled.content is not None,
            sealed=pulled.sealed_form is not None,
            size=pulled.fetched.size,
        )

    def _view(self, answer: Answer) -> VerificationView:
        settled = self._access.reading_confirmations
        return verification_view(answer, self._house.network, confirmations=settled, now=self._house.now())

    def _judged(self, ask: Pull, progress: Report, stop: Stop) -> Answer:
        house = self._house
        lock = read_lock(whole_path(ask.lock)) if ask.lock.strip() else None
        question = Question(
            reference=ImageReference.parse(ask.reference.strip()),
            pins=house.pins.load(),
            lock=lock.require(house.network) if lock is not None else None,
            genesis=parse_txid(ask.genesis.strip().lower()) if ask.genesis.strip() else None,
            confirmations=self._access.reading_confirmations,
            allow=parse_allowed(ask.allow) if ask.allow.strip() else frozenset(),
            platform=ask.platform.strip() or None,
        )
        told = teller("reading manifests", progress, stop, STOPPED)
        return verify(question, self._access.chain(), house.registry, self._access.manifests, told)

    def _keys(self, ask: Pull, answer: Answer, opened: Opened | None) -> tuple[KeySource, ...]:
        """Where the key is looked for: the file that was named, the wallet's own words, the gate."""
        if ask.key_file.strip():
            return (FileKeys(whole_path(ask.key_file)),)
        house = self._house
        client = GateClient(Transport(house.registry_settings), house.gate_logins.at_gate)
        gate = GateKeys(client, lambda: key_gate(answer, house.registry, self._access.definitions))
        if opened is None:
            return (gate,)
        return OwnKeys(lambda: secrets_of(opened).ring), gate

    def _delivered(
        self, answer: Answer, pulled: Pulled, store: ImageStore, place: Destination, progress: Report, stop: Stop
    ) -> str:
        house = self._house
        content = pulled.content or StoredContent(store)
        with staging_folder(house.paths.network(house.network.name) / "staging") as staging:
            told = teller("handing over (bytes)", progress, stop, STOPPED)
            where = Delivery(content, answer.reference, staging, told).deliver(pulled.tree, place, house.registry)
        if pulled.content is None and place.kind is Place.REGISTRY:
            mirror_originals(answer, pulled, store, house.registry, str(place.name), house.network)
        return where
