"""What the commands that seal images share: keys, the staging folder, and the order of what is done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assets.images.digest import Digest
from assets.images.secret_ring import SecretRing
from assets.registry.layer_keys import Recipient
from assets.registry.layout import LayoutReference
from assets.services.access.gate_finding import key_due
from assets.services.images.image_source import ImageSource, LayoutSource, RegistrySource
from assets.services.images.sealing import SealedImage, Sealer, push_sealed, tag_sealed
from assets.services.owning.releasing import ReleaseRequest, draft_release
from assets.services.owning.seal_records import ContentSecret, draft_seal
from assets.services.repository_secrets.resealing import reseal_warnings
from assets.services.repository_secrets.secret_epochs import present_secret
from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.spending.drafts import Draft
from assets.services.spending.signing import Unlock, send_in_order
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.services.wallets.unlocking import Unlocked
from assets.store.staging import staging_folder
from tui.cli import images
from tui.cli.call import Call
from tui.cli.interruption import cleaned_up
from tui.cli.options import source
from tui.cli.output import Output
from tui.cli.progress import Progress
from tui.cli.secrets import password
from tui.cli.sending import Sent, reviewed
from wallet.errors import EncodingError, StateError
from wallet.signer import Signer
from wallet.store.files import write_private

ACCESS_IS_ACCESS = (
    "Whoever has opened a sealed image can keep it, and pass it on: a key cannot be taken back. A new holder sees every"
    " release that was sealed with a key that is handed out."
)

CONFIG_IS_PLAIN = (
    "Only the layers are encrypted: anybody who has the sealed image reads its config (environment, command, history)"
    " and the sizes of its layers."
)


class Keys:
    """A wallet's keys and secrets, opened once, when they are first needed."""

    def __init__(self, call: Call, password_file: Path | None, password_fd: int | None) -> None:
        self._call = call
        self._source = source(password_file, password_fd)
        self._opened: Unlocked | None = None

    @property
    def whole(self) -> Unlocked:
        """Keys and secrets. Raises WrongPasswordError, LockedError."""
        if self._opened is None:
            house = self._call.house
            house.require_keys()
            secret = password(self._source, self._call.terminal, of=f"wallet {house.wallet_paths.name}")
            self._opened = house.unlocked(secret)
        return self._opened

    @property
    def ring(self) -> SecretRing:
        """Every repository secret that the wallet has, those that sellers handed over too."""
        return secret_ring(self.whole.secrets, self._call.house.wallet_store.handovers)

    def unlock(self) -> Signer:
        """The keys that sign."""
        return self.whole.signer


@contextmanager
def staging_of(call: Call) -> Iterator[Path]:
    """A folder (0700) on the disk that holds this user's data; gone at the end, whatever happens."""
    with cleaned_up(), staging_folder(call.house.paths.network(call.house.network.name) / "staging") as folder:
        yield folder


def source_of(call: Call, name: str, digest: Digest, layout: str | None) -> ImageSource:
    """Where the plain image is read from. Raises EncodingError for a layout that holds another one."""
    if layout is None:
        return RegistrySource(call.house.registry, name)
    found = LayoutSource(LayoutReference.parse(layout))
    if found.digest != digest:
        raise EncodingError(
            f"the layout holds {found.digest}, and {digest} is to be sealed", hint="name the layout of that release"
        )
    return found


def content_secret(
    call: Call, session: Session, keys: Keys, name: str, owned: OwnedTitle, *, epoch: int | None, generation: int
) -> ContentSecret:
    """The owner's secret for the next sealed form: the one in use, or the one that `epoch` asks for."""
    chosen = present_secret(
        name, owned, session, keys.whole.secrets, call.house.registry, epoch=epoch, generation=generation
    )
    for note in chosen.notes:
        call.note(note)
    return chosen.content


@dataclass(frozen=True, slots=True, kw_only=True)
class SealOrder:
    """What is to be sealed, how, and what goes with it: drafts that are sent before, tags that are pushed after."""

    name: str
    digest: Digest
    owned: OwnedTitle
    layout: str | None
    content: ContentSecret
    tags: tuple[str, ...]
    before: Sequence[Draft]
    rate: str | None
    key_out: Path | None
    yes: bool
    dry_run: bool


def seal(call: Call, session: Session, order: SealOrder, unlock: Unlock) -> Output:
    """Encrypts, asks, pushes by digest, signs, sends, and only then moves the registry's tags."""
    if order.key_out is not None and order.key_out.exists():
        raise StateError(f"{order.key_out} is there already", hint="name a file that does not exist yet")
    name, content = order.name, order.content
    key = content.secret.content_key(order.digest, content.generation)
    with staging_of(call) as staging:
        sealer = Sealer(source_of(call, name, order.digest, order.layout), key, staging)
        with Progress("encrypting", call.terminal, size=True) as progress:
            sealed = sealer.seal(order.digest, content.annotations(order.digest), progress)
        state, form = order.owned.state, sealed.ciphertext.digest
        reading = reader_of(call.house.registry, state, (name,))
        record = draft_seal(
            name,
            order.digest,
            form,
            order.owned,
            session,
            rate=order.rate,
            warnings=reseal_warnings(state, order.digest, form, sealed.seal, reading),
            before=order.before,
        )
        drafts = (*order.before, record)
        call.note(f"{ACCESS_IS_ACCESS} {CONFIG_IS_PLAIN}")
        answer = reviewed(call, session, drafts, yes=order.yes, dry_run=order.dry_run)
        if answer is not None:
            return answer
        _push(call, order, sealed)
    sent = Sent(call, session)
    send_in_order(drafts, unlock, session, sent)
    if order.key_out is not None:
        write_private(order.key_out, Recipient(key).private_pem(), overwrite=False)
    tagged = images.quietly(call.note, lambda: tag_sealed(sealed, name, order.tags, call.house.registry))
    if not tagged:
        image = f"{name}@{sealed.ciphertext.digest}"
        call.note(
            f"the records are sent; let the tags stand for {image} yourself: skopeo copy --all"
            f" --preserve-digests docker://{image} docker://{name}:{order.tags[0]}"
        )
    due = key_due(name, order.owned.state, call.house.registry, images.definitions_of(call))
    if due is not None:
        call.note(due)
    return _answer(order, sealed, sent, tags=order.tags if tagged else ())


def _push(call: Call, order: SealOrder, sealed: SealedImage) -> None:
    """The encrypted image, and the manifests that it takes to open it. Raises RegistryError; nothing is signed then."""
    genesis, house = order.owned.state.genesis.txid, call.house
    try:
        with Progress("pushing", call.terminal, size=True) as progress:
            push_sealed(sealed, order.name, house.registry, genesis=genesis, network=house.network, progress=progress)
    except BaseException:
        call.note("nothing was signed; run the same again: layers that the registry has by then are not sent twice")
        raise


def release_sealed(
    call: Call,
    request: ReleaseRequest,
    *,
    layout: str | None,
    generation: int,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Releases an image and its sealed form at once: both records are shown, and sent together."""
    session = call.session()
    chain, confirmations = images.chain_of(call), images.reading_confirmations(call)
    release = draft_release(request, session, chain, confirmations=confirmations)
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    keys = Keys(call, password_file, password_fd)
    order = SealOrder(
        name=request.name,
        digest=request.digest,
        owned=owned,
        layout=layout,
        content=content_secret(call, session, keys, request.name, owned, epoch=None, generation=generation),
        tags=request.tags,
        before=release.drafts,
        rate=request.rate,
        key_out=None,
        yes=yes,
        dry_run=dry_run,
    )
    return seal(call, session, order, keys.unlock)


def _answer(order: SealOrder, sealed: SealedImage, sent: Sent, *, tags: tuple[str, ...]) -> Output:
    image = f"{order.name}@{sealed.ciphertext.digest}"
    data = {
        "name": order.name,
        "image": image,
        "plaintext": str(sealed.plaintext),
        "ciphertext": str(sealed.ciphertext.digest),
        "tags": list(tags),
        "generation": order.content.generation,
        "secret": order.content.secret.id.hex(),
        "key_sha256": sealed.key.commitment.hex(),
        "transactions": sent.documents,
    }
    return Output(data=data, text=image)
