"""Sealing an image: encrypted and pushed first, said on the chain afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assets.images.digest import Digest
from assets.images.tag import Tag, parse_tag
from assets.registry.layer_keys import Recipient
from assets.services.access.gate_finding import key_due
from assets.services.images.image_source import ImageSource, LayoutSource, RegistrySource
from assets.services.images.sealing import Sealer, push_sealed, tag_sealed
from assets.services.owning.releasing import ReleaseRequest, check_served, draft_release
from assets.services.owning.seal_records import draft_seal, sealable
from assets.services.repository_secrets.resealing import reseal_warnings
from assets.services.repository_secrets.secret_epochs import present_secret
from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.spending.drafts import Draft
from assets.services.spending.signing import Unlock
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.store.staging import staging_folder
from tui.app.access_asks import Seal
from tui.app.access_views import Opened, SealedView
from tui.app.backend.access import Access
from tui.app.backend.access_checks import key_number, layout_of
from tui.app.backend.access_pulls import teller
from tui.app.backend.access_secrets import secrets_of
from tui.app.backend.checks import bare_name, build_digest
from tui.app.backend.image_drafts import Ready, chosen_digest
from tui.app.backend.prepared import one_by_one
from tui.app.services import Stop
from tui.verbs.files import require_new, whole_path, write_new
from tui.verbs.progress import Report
from wallet.advice import Prose
from wallet.errors import EncodingError, StateError, WalletError
from wallet.hashes import parse_txid

STOPPED = "stopped; nothing was said on the chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The image that is meant: its repository and digest, the registry's tags that will stand for the sealed form."""

    name: str
    owned: OwnedTitle
    digest: Digest
    tags: tuple[Tag, ...]
    notes: tuple[Prose, ...] = ()


class Seals:
    """Encrypting and pushing, over one wallet's house. What was pushed is remembered until it is on the chain."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._house = access.house

    def seal(self, ask: Seal, opened: Opened, progress: Report, stop: Stop) -> SealedView:
        """Encrypts an image and pushes it by digest."""
        secrets, house = secrets_of(opened), self._house
        if ask.key_out.strip():
            require_new(whole_path(ask.key_out))
        with self._access.session() as session:
            chosen = _chosen(ask, session, self._access)
            found = present_secret(
                chosen.name,
                chosen.owned,
                session,
                secrets.own,
                house.registry,
                epoch=key_number(ask.epoch) if ask.epoch.strip() else None,
                generation=key_number(ask.generation),
            )
        content = found.content
        key = content.secret.content_key(chosen.digest, content.generation)
        with staging_folder(house.paths.network(house.network.name) / "staging") as staging:
            sealer = Sealer(_source(ask, chosen, self._access), key, staging)
            told = teller("encrypting (bytes)", progress, stop, STOPPED)
            sealed = sealer.seal(chosen.digest, content.annotations(chosen.digest), told)
            told = teller("pushing (bytes)", progress, stop, STOPPED)
            push_sealed(
                sealed,
                chosen.name,
                house.registry,
                genesis=chosen.owned.state.genesis.txid,
                network=house.network,
                progress=told,
            )
        self._access.sealed[_key(ask)] = sealed
        return SealedView(
            plaintext=str(sealed.plaintext),
            ciphertext=str(sealed.ciphertext.digest),
            tags=chosen.tags,
            notes=(*chosen.notes, *found.notes),
        )


def prepare_seal(ask: Seal, session: Session, access: Access) -> Ready:
    """The SEAL record of an image that was pushed encrypted, after its release where it is released at once."""
    sealed = access.sealed.get(_key(ask))
    if sealed is None:
        raise StateError("the image is not encrypted yet", hint="encrypt and push it first")
    chosen, rate, registry = _chosen(ask, session, access), access.rate(ask.rate), access.house.registry
    if chosen.digest != sealed.plaintext:
        raise StateError(f"{chosen.digest} is meant by now, and another image was encrypted", hint="encrypt it anew")
    chain, settled = access.chain(), access.reading_confirmations
    before: tuple[Draft, ...] = ()
    if ask.tags:
        request = ReleaseRequest(
            genesis=chosen.owned.state.genesis.txid,
            name=chosen.name,
            tags=chosen.tags,
            digest=chosen.digest,
            final=ask.final,
            rate=rate,
        )
        before = draft_release(request, session, chain, confirmations=settled).drafts
    owned = title_of(chosen.owned.state.genesis.txid, chosen.name, session, chain, confirmations=settled)
    form = sealed.ciphertext.digest
    reading = reader_of(registry, owned.state, (chosen.name,))
    record = draft_seal(
        chosen.name,
        chosen.digest,
        form,
        owned,
        session,
        rate=rate,
        warnings=reseal_warnings(owned.state, chosen.digest, form, sealed.seal, reading),
        before=before,
    )
    drafts = (*before, record)

    def finish(unlock: Unlock, now: Session, done: Callable[[Draft], None]) -> tuple[Prose, ...]:
        notes: list[Prose] = list(one_by_one(drafts)(unlock, now, done))
        if ask.key_out.strip():
            path = whole_path(ask.key_out)
            write_new(path, Recipient(sealed.key).private_pem())
            notes.append(f"the key for skopeo is in {path}: a secret")
        try:
            tag_sealed(sealed, chosen.name, chosen.tags, registry)
        except WalletError as error:
            notes.append(f"the records are sent, but the tags could not be moved: {error}")
        access.sealed.pop(_key(ask), None)
        due = key_due(chosen.name, owned.state, registry, access.definitions)
        return (*notes, *(() if due is None else (due,)))

    return drafts, finish


def _chosen(ask: Seal, session: Session, access: Access) -> _Chosen:
    genesis, name = parse_txid(ask.genesis), bare_name(ask.name)
    chain, settled = access.chain(), access.reading_confirmations
    if ask.tags:
        tags = tuple(parse_tag(tag) for tag in ask.tags)
        digest = chosen_digest(ask.build, ask.compared)
        if ask.compared:
            request = ReleaseRequest(genesis=genesis, name=name, tags=tags, digest=digest)
            check_served(request, access.house.registry, access.manifests)
        owned = title_of(genesis, name, session, chain, confirmations=settled)
        return _Chosen(name=name, owned=owned, digest=digest, tags=tags)
    wanted, tag = _named(ask.image)
    found = sealable(genesis, name, tag, wanted, session, chain, confirmations=settled)
    return _Chosen(
        name=name,
        owned=found.owned,
        digest=found.digest,
        tags=(tag,) if tag is not None and not ask.keep_tag else (),
        notes=tuple(f"{one} is a sealed form of this image already; it stays one" for one in found.sealed_forms),
    )


def _named(text: str) -> tuple[Digest | None, Tag | None]:
    """A digest or a tag as typed. Raises EncodingError."""
    digest = build_digest(text)
    return digest, parse_tag(text.strip()) if digest is None else None


def _source(ask: Seal, chosen: _Chosen, access: Access) -> ImageSource:
    """Where the plain image is read from. Raises EncodingError for a layout that holds another one."""
    text = ask.layout.strip() or (ask.build.strip() if ask.build.strip().startswith("oci:") else "")
    if not text:
        return RegistrySource(access.house.registry, chosen.name)
    found = LayoutSource(layout_of(text))
    if found.digest != chosen.digest:
        raise EncodingError(
            f"the layout holds {found.digest}, and {chosen.digest} is to be sealed",
            hint="name the layout of that release",
        )
    return found


def _key(ask: Seal) -> Seal:
    """The same work at another fee is the same work."""
    return replace(ask, rate="")
