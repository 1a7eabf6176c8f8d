"""From a reference to a verified image at its destination. What does not verify is not fetched."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assets.errors import BrokenSealError
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.gate_keys import GateClient
from assets.registry.layer_keys import Recipient
from assets.registry.transport import Transport
from assets.services.images.content_keys import FileKeys, GateKeys, KeySource, OwnKeys
from assets.services.images.delivery import Delivery, Kind
from assets.services.images.image_content import StoredContent
from assets.services.images.key_gate import key_gate
from assets.services.images.mirroring import mirror_originals
from assets.services.images.pulling import NotToBeHandedOverError, Pulled, Puller, SealedForm, kept_image, sealed_form
from assets.services.images.pulling import pull as fetch
from assets.services.images.seal_proving import RememberedKey
from assets.services.read_models.image_views import VerificationView
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.trust.verifying import Answer
from tui.verbs.files import require_new, write_new
from tui.verbs.image.cautions import ACCESS_IS_ACCESS
from tui.verbs.image.judging import judged, view_of
from tui.verbs.image.reader_requests import Pull
from tui.verbs.image.seal_proofs import with_proof
from tui.verbs.progress import counted
from tui.verbs.reading import Reading, unheard
from wallet.errors import StateError
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A wallet's secrets, which open what it sealed or was handed; asked for late. `first`: before the gate."""

    secrets: Callable[[Reading], SecretStore] = field(repr=False)
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledView:
    """What was handed over, by its digest. `to` is where it is now, empty where it is kept here for serving.

    `sealed_form` is the digest of the ciphertext that came, None for a plain image; `opened` that its plain form is
    what was handed over. `key_file` is the new file with the key for other tools, or empty.
    """

    image: str
    name: str
    tag: str | None
    digest: str
    sealed_form: str | None
    opened: bool
    bytes: int
    network: str
    to: str
    key_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullView:
    """The verdict, and what was handed over: nothing unless it passed. `notes` are for a person.

    `is_of_what_came`: the verdict is on what was fetched, which is not what was asked.
    """

    verification: VerificationView
    pulled: PulledView | None = None
    is_of_what_came: bool = False
    notes: tuple[str, ...] = ()


def pull(
    request: Pull,
    reading: Reading,
    words: OwnWords | None = None,
    told: Callable[[VerificationView], None] = unheard,
) -> PullView:
    """Verifies, fetches all of it, opens it where it is sealed and is to go somewhere, hands it over.

    `words` open what no key file is given for; `told` hears the verdict before anything is fetched. What was fetched
    stays for the next attempt, whatever ends it. Raises StateError, StoreError, ImageError, RegistryError, and
    BrokenSealError where the owner broke the seal.
    """
    for file in (request.proof, request.key_out):
        require_new(file)
    place, answer = judged(request.image, reading)
    view = view_of(answer, place)
    told(view)
    if view.exit_code:
        return PullView(verification=view)
    return _Pull(request, place, answer).done(view, words)


class _Pull:
    """One pull of an image that verified, on the network on which it did."""

    def __init__(self, request: Pull, place: Reading, answer: Answer) -> None:
        self._request = request
        self._place = place
        self._answer = answer
        self._name = answer.reference.name
        self._store = place.images
        self._form = sealed_form(answer)

    def done(self, view: VerificationView, words: OwnWords | None) -> PullView:
        """Fetched, opened, handed over; or the verdict on what came, where that does not pass."""
        request, form, registry = self._request, self._form, self._place.registry
        if form is None and request.key_out is not None:
            raise StateError(f"{self._name} is not sealed here, so there is no key", hint="leave out --key-out")
        opens = form is not None and request.to is not None and not request.keep_sealed
        keys = RememberedKey(self._sources(words) if opens or request.key_out is not None else ())
        progress = counted(self._place.report, "pulling", sizes=True)
        try:
            pulled = fetch(self._answer, registry, self._store, (keys,) if opens else (), progress)
            with RegistryClient(CredentialFinder.nowhere(), self._place.house.registry_settings) as anybody:
                self._store.keep(kept_image(self._answer, pulled, registry, anybody))
            where = self._delivered(pulled)
            if form is not None and request.key_out is not None:
                self._write_key(form, keys)
        except NotToBeHandedOverError as other:
            return PullView(verification=view_of(other.answer, self._place), is_of_what_came=True)
        except BrokenSealError as broken:
            assert form is not None, "only what is sealed is opened"
            puller = Puller(registry, self._store, self._name)
            raise with_proof(broken, self._answer, form, puller, keys, request.proof, self._place.network) from broken
        notes = (ACCESS_IS_ACCESS,) if keys.found is not None else ()
        return PullView(verification=view, pulled=self._view(pulled, where), notes=notes)

    def _sources(self, words: OwnWords | None) -> tuple[KeySource, ...]:
        """Where the key is looked for: in the file that was named and nowhere else, or at the gate and in words."""
        place, request = self._place, self._request
        house = place.house
        if request.key_file is not None:
            return (FileKeys(request.key_file),)
        client = GateClient(Transport(house.registry_settings), house.gate_logins.at_gate)
        gate = GateKeys(client, lambda: key_gate(self._answer, place.registry, place.definitions))
        if words is None or not (words.first or house.wallet_paths.keystore.is_file()):
            return (gate,)
        asked = words.secrets
        own = OwnKeys(lambda: secret_ring(asked(place), house.wallet_store.handovers))
        return (own, gate) if words.first else (gate, own)

    def _delivered(self, pulled: Pulled) -> str:
        """Where the image is now."""
        place, to, registry = self._place, self._request.to, self._place.registry
        if to is None:
            return ""
        content = pulled.content or StoredContent(self._store)
        with place.staging() as staging:
            progress = counted(place.report, "handing over", sizes=True)
            where = Delivery(content, self._answer.reference, staging, progress).deliver(pulled.tree, to, registry)
        if pulled.content is None and to.kind is Kind.REGISTRY:
            mirror_originals(self._answer, pulled, self._store, registry, str(to.name), place.network)
        return where

    def _write_key(self, form: SealedForm, keys: RememberedKey) -> None:
        assert self._request.key_out is not None
        puller = Puller(self._place.registry, self._store, self._name)
        key = keys.found or puller.key(form, puller.tree(form.ciphertext), self._answer, (keys,))
        write_new(self._request.key_out, Recipient(key).private_pem())

    def _view(self, pulled: Pulled, where: str) -> PulledView:
        digest, key_file = pulled.tree.root.digest, self._request.key_out
        return PulledView(
            image=f"{self._name}@{digest}",
            name=self._name,
            tag=self._answer.reference.tag,
            digest=str(digest),
            sealed_form=None if pulled.sealed_form is None else str(pulled.sealed_form),
            opened=pulled.sealed_form is not None and pulled.content is not None,
            bytes=pulled.fetched.size,
            network=self._place.network.name,
            to=where,
            key_file="" if key_file is None else str(key_file),
        )
