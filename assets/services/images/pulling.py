"""Use case: pull an image that verified, with every blob, and open it where it is sealed.

Only digests that the chain speaks for are fetched, everything is hashed on arrival, and a pull that was cut off goes on
where it ended. Nothing is handed over from here that was not checked.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from assets.errors import BrokenSealError, ImageError, NotFoundError, RegistryError, RegistryUnavailableError
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.content_key import ContentKey
from assets.images.contents import Contents
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.record import Seal as SealRecord
from assets.images.repository import RepositoryState
from assets.registry.encryption import Seal, is_encrypted
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.port import ArtifactSource, ContentSource, ManifestSource
from assets.registry.settings import MANIFEST_LIMIT
from assets.remedies import ImageRemedy
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from assets.services.images.content_keys import KeyQuestion, KeySource, find_key
from assets.services.images.image_content import ImageContent, StoredContent, opened
from assets.services.images.withholding import is_open, is_withheld
from assets.services.trust.image_tree import Document, ImageTree, read_tree
from assets.services.trust.originals import document_of, original_documents
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore, KeptImage
from wallet.errors import EncodingError

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
SIBLING = "dockchains"
"""The last part of the public repository beside a gated one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """An image whose every byte lies in the store.

    `tree` is the image as it is to be handed over (the original, where it was sealed and opened), `content` gives its
    blobs, `fetched` is what the registry had. `sealed_form` is the ciphertext's digest, None for a plain image.
    `contents` are all documents that were read on the way.
    """

    tree: ImageTree
    content: ImageContent | None
    fetched: ImageTree
    sealed_form: Digest | None
    contents: Contents


class NotToBeHandedOverError(ImageError):
    """What was fetched or opened is not what verified: `answer` is the verdict on what it is."""

    def __init__(self, answer: Answer) -> None:
        reason = next((one.reason for one in answer.judgement.findings), "it does not verify")
        super().__init__(
            f"what was fetched is {answer.digest}, and that is {answer.judgement.verdict.name}: {reason}",
            hint="nothing was handed over; ask the publisher for another release",
        )
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedForm:
    """Which plain digest an answer's digest stands for: itself or a part of `ciphertext` is asked for."""

    plaintext: Digest
    ciphertext: Digest


def sealed_form(answer: Answer) -> SealedForm | None:
    """What the chain says about the answer's digest being sealed; None for a plain image."""
    ruling = answer.judgement.ruling
    if ruling is None:
        return None
    records = (step.record for step in ruling.steps)
    found = next((record for record in records if isinstance(record, SealRecord)), None)
    return None if found is None else SealedForm(plaintext=found.plaintext, ciphertext=found.ciphertext)


class Puller:
    """Fetches images of one repository into the store."""

    def __init__(self, registry: ContentSource, store: ImageStore, name: str) -> None:
        self._registry = registry
        self._store = store
        self._name = name

    def tree(self, digest: Digest) -> ImageTree:
        """An image's manifests, without its blobs. Raises RegistryError, ImageError, StoreError."""
        return read_tree(self.manifest, digest)

    def fetch(self, digest: Digest, progress: Progress | None = None) -> ImageTree:
        """An image with all its blobs. Raises RegistryError, ImageError, StoreError, BusyError."""
        tree = self.tree(digest)
        self._fetch_blobs(tree, progress)
        return tree

    def fetch_sealed(
        self,
        form: SealedForm,
        digest: Digest,
        answer: Answer,
        keys: Sequence[KeySource],
        progress: Progress | None = None,
    ) -> Pulled:
        """A sealed image, or the part of it that `digest` names, and its original.

        Without `keys` it is not opened. Raises what `fetch` and `find_key` raise, and ImageError where the original
        manifests are not to be had.
        """
        whole = self.tree(form.ciphertext)
        part = whole.child(digest)
        if part is None:
            raise ImageError(f"{form.ciphertext} does not hold {digest}", hint="do not use it; ask the publisher")
        if not keys:
            self._fetch_blobs(part, progress)
            return Pulled(tree=part, content=None, fetched=part, sealed_form=form.ciphertext, contents=whole.contents())
        key = self.key(form, whole, answer, keys)
        originals = self.original(form)
        original = _counterpart(whole, originals, digest)
        content = opened(self._store, part, original, key)
        self._fetch_blobs(part, progress)
        return Pulled(
            tree=original,
            content=content,
            fetched=part,
            sealed_form=form.ciphertext,
            contents={**whole.contents(), **originals.contents()},
        )

    def key(self, form: SealedForm, whole: ImageTree, answer: Answer, keys: Sequence[KeySource]) -> ContentKey:
        """The key of a sealed image. Raises what `find_key` raises, and BrokenSealError where it commits to none."""
        assert answer.state is not None, "a verdict on a sealed image comes from a repository"
        question = KeyQuestion(
            name=self._name,
            known_as=answer.state.statement.name.name,
            genesis=answer.state.genesis.txid,
            plaintext=form.plaintext,
            ciphertext=form.ciphertext,
            seal=_commitment(whole),
        )
        return find_key(keys, question)

    def original(self, form: SealedForm) -> ImageTree:
        """The manifests that were released: from the artifact beside the sealed form, else from the registry itself.

        The outermost must have the digest that SEAL names, and the others those that it lists.
        """
        attached = self._attached(form)
        if attached is not None:
            return attached
        try:
            return read_tree(self.manifest, form.plaintext)
        except NotFoundError as error:
            raise ImageError(
                f"the original manifests of {form.ciphertext} are not in the registry",
                hint=f"ask the publisher to seal it again; the artifact is {MANIFESTS_ARTIFACT}",
            ) from error

    def _attached(self, form: SealedForm) -> ImageTree | None:
        """The original from an artifact; None where there is none, or whoever may push made the list unreadable."""
        try:
            for documents in original_documents(self._registry, self._name, form.ciphertext):
                with suppress(KeyError):
                    return read_tree(documents.__getitem__, form.plaintext)
        except RegistryUnavailableError:
            raise
        except RegistryError as error:
            _log.info("the original manifests beside %s cannot be read: %s", form.ciphertext, error)
        return None

    def manifest(self, digest: Digest) -> Document:
        """A manifest from the store, else from the registry, and kept."""
        data = self._store.document(digest, MANIFEST_LIMIT)
        if data is not None and (found := document_of(data)) is not None:
            return found
        fetched = self._registry.manifest(self._name, digest)
        self._store.add(fetched.data)
        return Document(
            digest=fetched.digest, media_type=fetched.media_type, data=fetched.data, document=fetched.document
        )

    def _fetch_blobs(self, tree: ImageTree, progress: Progress | None) -> None:
        done, total = 0, tree.size

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done, total)

        self._store.require_space((blob.digest, blob.size) for blob in tree.blobs())
        for blob in tree.blobs():
            if self._store.whole(blob.digest, blob.size, advance):
                continue
            with self._store.landing(blob.digest, advance) as landing:
                self._registry.download(self._name, blob, landing)
                landing.sync()
                self._store.settle(blob.digest)


def pull(
    answer: Answer,
    registry: ContentSource,
    store: ImageStore,
    keys: Sequence[KeySource],
    progress: Progress | None = None,
) -> Pulled:
    """Everything behind the digest of an answer whose verdict let it pass. Without keys a sealed image stays sealed.

    What came out is judged again by what it is, with every document that was read on the way. Raises
    NotToBeHandedOverError where that does not pass, ImageError, RegistryError, StoreError; what was fetched so far
    stays in the store for the next attempt.
    """
    pulled = _fetched(answer, registry, store, keys, progress)
    for digest in dict.fromkeys((pulled.fetched.root.digest, pulled.tree.root.digest)):
        again = answer.judged_as(digest, pulled.contents)
        if again.judgement.exit_code:
            raise NotToBeHandedOverError(again)
    return pulled


def _fetched(
    answer: Answer,
    registry: ContentSource,
    store: ImageStore,
    keys: Sequence[KeySource],
    progress: Progress | None,
) -> Pulled:
    assert answer.digest is not None, "a verdict that passes has a digest"
    puller = Puller(registry, store, answer.reference.name)
    form = sealed_form(answer)
    if form is not None:
        return puller.fetch_sealed(form, answer.digest, answer, keys, progress)
    try:
        tree = puller.fetch(answer.digest, progress)
    except NotFoundError as error:
        raise _only_sealed(answer, error) from error
    if any(is_encrypted(one.document) for one in tree.walk()):
        raise ImageError(
            f"{answer.digest} is encrypted, and no SEAL says what it is the sealed form of",
            hint=ImageRemedy.ASK_TO_SEAL.of(),
        )
    return Pulled(tree=tree, content=StoredContent(store), fetched=tree, sealed_form=None, contents=tree.contents())


def _only_sealed(answer: Answer, missing: NotFoundError) -> NotFoundError:
    """Says under which digest an image may lie sealed that is not there in the clear."""
    assert answer.state is not None
    forms = [one.ciphertext for one in answer.state.sealings if one.plaintext == answer.digest and one.step.settled]
    if not forms:
        return missing
    name = f"{answer.reference.name}@{forms[-1]}"
    return NotFoundError(str(missing), hint=f"the owner sealed this image; its sealed form opens to it: {name}")


def kept_image(
    answer: Answer, pulled: Pulled, registry: ArtifactSource, anybody: ManifestSource | None = None
) -> KeptImage:
    """What the store remembers of a pull, for serving. `anybody` asks the registry without credentials.

    An image whose definition cannot be had might be gated, so it counts as that; and the plain form of an image that
    the owner sealed is nothing to be handed on, nor is one that the registry does not give to everybody.
    """
    assert answer.state is not None
    assert answer.digest is not None
    state = answer.state
    withheld = is_withheld(answer, [one.digest for one in pulled.fetched.walk()])
    definition = present_definition(answer.reference.name, state, registry)
    gated = withheld or definition is None or definition.claim.gate is not None
    if not gated and pulled.sealed_form is None and anybody is not None:
        gated = not is_open(anybody, answer.reference.name, answer.digest)
    return KeptImage(
        name=answer.reference.name,
        tag=answer.reference.tag,
        digest=answer.digest,
        genesis=state.genesis.txid,
        sealed=pulled.sealed_form is not None,
        gated=gated,
    )


def present_definition(name: str, state: RepositoryState, registry: ArtifactSource) -> Definition | None:
    """The definition whose sha256 the chain carries, from the repository or from its public sibling.

    None where neither has it.
    """
    wanted = Digest.from_raw(state.statement.definition)
    for place in (f"{name}/{SIBLING}", name):
        try:
            artifact = registry.fetch_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, _ignored)
            if artifact is not None and Digest.of(artifact.data) == wanted:
                return Definition.parse(artifact.data)
        except (RegistryError, EncodingError):
            continue
    return None


def _ignored(_: str) -> None:
    """Notes about what else stands under the tag are of no use here."""


def _commitment(encrypted: ImageTree) -> Seal:
    """What the encrypted image says of its key. Raises BrokenSealError where it does not say it."""
    try:
        return Seal.read(encrypted.root.document)
    except EncodingError as error:
        raise BrokenSealError(str(error)) from error


def _counterpart(encrypted: ImageTree, original: ImageTree, digest: Digest) -> ImageTree:
    """The part of the original that stands where a digest stands in the encrypted image."""
    if encrypted.root.digest == digest:
        return original
    for one, other in zip(encrypted.children, original.children, strict=False):
        if one.child(digest) is not None:
            return _counterpart(one, other, digest)
    raise BrokenSealError("the encrypted image is not built as the released one is")
