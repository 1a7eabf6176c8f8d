"""Sealing an image: it is encrypted and pushed by its digest (`encrypt`), and then said on the chain (`prepare`).

The keys come first, since an image's key follows from the words. Nothing is said on the chain of an image that the
registry does not have; the registry's tags move last.
"""

from dataclasses import dataclass, field

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.tag import Tag
from assets.registry.layer_keys import Recipient
from assets.registry.layout import LayoutReference
from assets.services.access.gate_finding import key_due
from assets.services.images.image_source import ImageSource, LayoutSource, RegistrySource
from assets.services.images.sealing import SealedImage, Sealer, push_sealed, tag_sealed
from assets.services.owning.releasing import check_served, draft_release
from assets.services.owning.seal_records import draft_seal, sealable
from assets.services.repository_secrets.resealing import reseal_warnings
from assets.services.repository_secrets.secret_epochs import ChosenSecret, present_secret
from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.spending.drafts import Draft
from assets.services.spending.signing import send_in_order
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.store.staging import staging_folder
from tui.verbs.files import require_new, write_new
from tui.verbs.image.release import WhichDigest, asked_of, chosen_digest, which_digest
from tui.verbs.image.requests import RecordSeal, ReleaseSealed, Seal, Sealing
from tui.verbs.keys import Keys, Secrets
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.progress import counted
from tui.verbs.workplace import Workplace
from wallet.advice import Prose
from wallet.errors import EncodingError, StateError, WalletError


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedForm:
    """An image that is encrypted, and not named on the chain yet; `tags` are the registry's that will stand for it.

    `generation` and `secret` (its id) say which key it is sealed with. `notes` are for a person.
    """

    plaintext: str
    ciphertext: str
    tags: tuple[str, ...]
    generation: int
    secret: str
    notes: tuple[Prose, ...] = ()
    image: SealedImage | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecorded:
    """What was sealed, by which key, and the registry's tags that stand for the sealed form by now."""

    name: str
    image: str
    plaintext: str
    ciphertext: str
    tags: tuple[str, ...]
    generation: int
    secret: str
    key_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The image that is meant: its repository and digest, the registry's tags that will stand for the sealed form."""

    name: str
    owned: OwnedTitle
    digest: Digest
    tags: tuple[Tag, ...]
    notes: tuple[Prose, ...] = ()


def which(request: Sealing, place: Workplace) -> WhichDigest | None:
    """The question that has to be answered before an image is released and sealed at once; None where there is none."""
    if isinstance(request, ReleaseSealed) and chosen_digest(request.release) is None:
        return which_digest(request.release, place)
    return None


def encrypt(request: Sealing, place: Workplace, secrets: Secrets, *, push: bool = True) -> SealedForm:
    """Encrypts the image, and pushes it by its digest unless it is only looked at.

    Nothing is signed by it. Raises StateError where there is nothing to seal, StoreError where the key's file could not
    be written or the disk is full, RegistryError, StoppedError.
    """
    if isinstance(request, Seal):
        require_new(request.key_out)
    with place.session() as session:
        chosen = _chosen(request, session, place)
        found = _secret(request, chosen, session, place, secrets)
    content = found.content
    key = content.secret.content_key(chosen.digest, content.generation)
    with staging_folder(place.house.paths.network(place.network.name) / "staging") as staging:
        sealer = Sealer(_source(request, chosen, place), key, staging)
        told = counted(place.report, "encrypting", sizes=True)
        sealed = sealer.seal(chosen.digest, content.annotations(chosen.digest), told)
        if push:
            _push(sealed, chosen, place)
    return SealedForm(
        plaintext=str(sealed.plaintext),
        ciphertext=str(sealed.ciphertext.digest),
        tags=chosen.tags,
        generation=content.generation,
        secret=content.secret.id.hex(),
        notes=(*chosen.notes, *found.notes),
        image=sealed,
    )


def prepare(request: RecordSeal, place: Workplace) -> Prepared[SealRecorded]:
    """The record of an image that was pushed encrypted, after its release where it is released at once."""
    sealing, form = request.sealing, request.form
    if form.image is None:
        raise StateError("the image is not encrypted yet", hint="encrypt and push it first")
    sealed, rate = form.image, place.rate(request.rate)

    def make(session: Session) -> Ready[SealRecorded]:
        chosen = _chosen(sealing, session, place)
        if chosen.digest != sealed.plaintext:
            raise StateError(
                f"{chosen.digest} is meant by now, and another image was encrypted", hint="encrypt it anew"
            )
        drafts = _drafts(sealing, chosen, sealed, session, place, rate)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[SealRecorded]:
            send_in_order(drafts, keys, now, done)
            return _finished(sealing, chosen, form, sealed, place)

        return Ready(drafts=drafts, ending=ending)

    return prepared(request, place, make, rate=request.rate)


def _chosen(request: Sealing, session: Session, place: Workplace) -> _Chosen:
    chain, settled = place.chain(), place.reading_confirmations
    if isinstance(request, ReleaseSealed):
        release = request.release
        digest = chosen_digest(release)
        if digest is None:
            raise EncodingError("no digest from your builder", hint="what a registry merely says is never signed")
        if not release.built:
            check_served(asked_of(release, digest, place), place.registry, place.manifests)
        owned = title_of(release.genesis, release.name, session, chain, confirmations=settled)
        return _Chosen(name=release.name, owned=owned, digest=digest, tags=release.tags)
    found = sealable(request.genesis, request.name, request.tag, request.digest, session, chain, confirmations=settled)
    return _Chosen(
        name=request.name,
        owned=found.owned,
        digest=found.digest,
        tags=(request.tag,) if request.tag is not None and not request.keep_tag else (),
        notes=tuple(f"{one} is a sealed form of this image already; it stays one" for one in found.sealed_forms),
    )


def _secret(request: Sealing, chosen: _Chosen, session: Session, place: Workplace, secrets: Secrets) -> ChosenSecret:
    """The owner's secret for the next sealed form: the one in use, or the one that is asked for."""
    return present_secret(
        chosen.name,
        chosen.owned,
        session,
        secrets(),
        place.registry,
        epoch=request.epoch if isinstance(request, Seal) else None,
        generation=request.generation,
    )


def _source(request: Sealing, chosen: _Chosen, place: Workplace) -> ImageSource:
    """Where the plain image is read from. Raises EncodingError for a layout that holds another one."""
    if isinstance(request, Seal):
        layout = request.layout
    else:
        layout = next((one for one in request.release.built if isinstance(one, LayoutReference)), None)
    if layout is None:
        return RegistrySource(place.registry, chosen.name)
    found = LayoutSource(layout)
    if found.digest != chosen.digest:
        raise EncodingError(
            f"the layout holds {found.digest}, and {chosen.digest} is to be sealed",
            hint="name the layout of that release",
        )
    return found


def _push(sealed: SealedImage, chosen: _Chosen, place: Workplace) -> None:
    """The encrypted image, and the manifests that it takes to open it. Raises RegistryError."""
    told = counted(place.report, "pushing", sizes=True)
    genesis = chosen.owned.state.genesis.txid
    try:
        push_sealed(sealed, chosen.name, place.registry, genesis=genesis, network=place.network, progress=told)
    except BaseException:
        place.note("nothing was signed; run the same again: layers that the registry has by then are not sent twice")
        raise


def _drafts(
    request: Sealing, chosen: _Chosen, sealed: SealedImage, session: Session, place: Workplace, rate: str | None
) -> tuple[Draft, ...]:
    chain, settled, form = place.chain(), place.reading_confirmations, sealed.ciphertext.digest
    before: tuple[Draft, ...] = ()
    if isinstance(request, ReleaseSealed):
        wanted = asked_of(request.release, chosen.digest, place)
        before = draft_release(wanted, session, chain, confirmations=settled).drafts
    state = chosen.owned.state
    reading = reader_of(place.registry, state, (chosen.name,))
    record = draft_seal(
        chosen.name,
        chosen.digest,
        form,
        chosen.owned,
        session,
        rate=rate,
        warnings=reseal_warnings(state, chosen.digest, form, sealed.seal, reading),
        before=before,
    )
    return (*before, record)


def _finished(
    request: Sealing, chosen: _Chosen, form: SealedForm, sealed: SealedImage, place: Workplace
) -> Ended[SealRecorded]:
    """What comes after the records are sent: the key's file, the registry's tags, and what the gate should know."""
    notes, to_do, name = list[str](), list[str](), chosen.name
    image = f"{name}@{sealed.ciphertext.digest}"
    if isinstance(request, Seal) and request.key_out is not None:
        try:
            write_new(request.key_out, _private(sealed.key))
            notes.append(f"the key for skopeo is in {request.key_out}: a secret")
        except WalletError as error:
            to_do.append(f"the records are sent, and the key could not be written to {request.key_out}: {error}")
    tags = chosen.tags
    try:
        tag_sealed(sealed, name, tags, place.registry)
    except WalletError as error:
        to_do.append(
            f"the records are sent, but the registry's tags could not be moved ({error}); let them stand for {image}"
            f" yourself: skopeo copy --all --preserve-digests docker://{image} docker://{name}:{tags[0]}"
        )
        tags = ()
    due = key_due(name, chosen.owned.state, place.registry, place.definitions)
    result = SealRecorded(
        name=name,
        image=image,
        plaintext=form.plaintext,
        ciphertext=form.ciphertext,
        tags=tags,
        generation=form.generation,
        secret=form.secret,
        key_sha256=sealed.key.commitment.hex(),
    )
    return Ended(result=result, notes=(*notes, *(() if due is None else (due,))), to_do=tuple(to_do))


def _private(key: ContentKey) -> bytes:
    return Recipient(key).private_pem()
