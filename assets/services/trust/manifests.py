"""Reading the manifests that an answer hangs on: of the image, of lists that could hold it, of what was revoked."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assets.errors import ImageError, NotFoundError, RegistryError, RegistryUnavailableError
from assets.images.contents import MAX_MANIFESTS as MAX_LAYERS
from assets.images.contents import Contents, extent
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.gaps import gaps, worth_reading
from assets.images.repository import RepositoryState
from assets.images.tag import TagKey
from assets.images.word import Words
from assets.registry.artifacts import held_in
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.oci import (
    ContentDescriptor,
    ImageManifest,
    ManifestError,
    ManifestList,
    parse_manifest,
    stated_media_type,
)
from assets.registry.port import ContentSource, ResolvedManifest
from assets.registry.referrers import attached
from assets.registry.settings import MANIFEST_LIMIT
from assets.services.chain.chain_access import Documents
from assets.services.trust.image_tree import Document, read_tree
from assets.services.trust.originals import document_of
from wallet.errors import StoreError

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with how many manifests were read, and how many there are to read."""

MAX_MANIFESTS = 20_000
"""More than any repository of one owner releases; a bound against one that is made to exhaust its readers."""

MAX_KEEPERS = 64
"""Digests of one repository beside which artifacts with manifests are looked for."""


def gather(
    state: RepositoryState,
    key: TagKey | None,
    digest: Digest,
    read: Callable[[Digest], tuple[Digest, ...] | None],
    progress: Progress | None = None,
) -> Contents:
    """The documents that an answer on a digest hangs on, as far as `read` has them (None for one that it has not)."""
    contents: dict[Digest, tuple[Digest, ...]] = {}
    tried: set[Digest] = set()
    while len(tried) < MAX_MANIFESTS:
        wanted = _wanted(Words(Coverage(state, contents), key), digest, tried)[: MAX_MANIFESTS - len(tried)]
        if not wanted:
            break
        total = len(tried) + len(wanted)
        for one in wanted:
            if progress is not None:
                progress(len(tried), total)
            tried.add(one)
            held = read(one)
            if held is not None:
                contents[one] = held
    return contents


def _wanted(words: Words, digest: Digest, tried: set[Digest]) -> list[Digest]:
    """What is to be read next: first what could give a better word, which may make the rest needless."""
    ranked = [(gap.rank, one) for gap in gaps(words, digest) for one in gap.unread if one not in tried]
    if not ranked:
        return [one for one in worth_reading(words) if one not in tried]
    first = min(rank for rank, _ in ranked)
    return list(dict.fromkeys(one for rank, one in ranked if rank == first))


def read_all(
    digests: Iterable[Digest],
    read: Callable[[Digest], tuple[Digest, ...] | None],
    progress: Progress | None = None,
) -> Contents:
    """The documents of these digests and of all that they hold, within bounds, as far as `read` has them."""
    contents: dict[Digest, tuple[Digest, ...]] = {}
    roots, tried = tuple(dict.fromkeys(digests)), set[Digest]()
    while wanted := {one: None for root in roots for one in extent(contents, root).unread if one not in tried}:
        for one in wanted:
            if len(tried) >= MAX_MANIFESTS:
                return contents
            if progress is not None:
                progress(len(tried), len(tried) + len(wanted))
            tried.add(one)
            held = read(one)
            if held is not None:
                contents[one] = held
    return contents


def covering(registry: ContentSource | None, cache: Documents) -> Callable[[RepositoryState], Coverage]:
    """What asks of a whole repository what its revocations cover: by the cache, and by the registry where one is given.

    Nothing is read where nothing was revoked.
    """

    def cached(digest: Digest) -> tuple[Digest, ...] | None:
        data = cache.load(digest)
        found = None if data is None else document_of(data)
        if found is None:
            return None
        document = found.document
        return tuple(one.digest for one in document.children) if isinstance(document, ManifestList) else ()

    def of(state: RepositoryState) -> Coverage:
        if not state.revocations:
            return Coverage(state, {})
        name = state.statement.name.name
        read = cached
        if registry is not None and name is not None:
            read = ManifestReader(registry, cache, name, keepers_of(state)).held
        ends = (end for one in state.sealings for end in (one.plaintext, one.ciphertext))
        revoked = (one.digest for one in state.revocations if not one.alone)
        return Coverage(state, read_all((*state.released(), *revoked, *ends), read))

    return of


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepers:
    """Beside which digests a publisher keeps manifests: what was revoked, and sealed forms, the newest first.

    `near` says of a digest beside which ones it lies if all is as it should be; the others may hold it as well.
    """

    near: Mapping[Digest, Sequence[Digest]] = field(default_factory=dict)
    others: Sequence[Digest] = ()


def keepers_of(state: RepositoryState) -> Keepers:
    """Where manifests of a repository are kept."""
    near: dict[Digest, list[Digest]] = {}
    for sealing in reversed(state.sealings):
        near.setdefault(sealing.plaintext, []).append(sealing.ciphertext)
    for revocation in state.revocations:
        near.setdefault(revocation.digest, []).append(revocation.digest)
    revoked = [one.digest for one in state.revocations if not one.alone]
    sealed = [one.ciphertext for one in state.sealings]
    return Keepers(near=near, others=tuple(dict.fromkeys((*reversed(revoked), *reversed(sealed)))))


def revoked_manifests(state: RepositoryState, reader: "ManifestReader") -> tuple[bytes, ...]:
    """The manifests of every list that was revoked with what it holds, as far as they can be had: for evidence."""
    found: dict[Digest, bytes] = {}
    for one in state.revocations:
        try:
            documents = () if one.alone else reader.whole(one.digest)
        except (RegistryError, ImageError) as error:
            _log.info("%s is left out of the evidence: %s", one.digest, error)
            continue
        found |= {document.digest: document.data for document in documents}
    return tuple(found.values())


class ManifestReader:
    """Manifests of one repository, from this machine, from evidence, or from the registry.

    A registry that did not answer once is not asked again, so that one which is down costs one attempt and no more.
    """

    def __init__(
        self,
        registry: ContentSource,
        cache: Documents,
        name: str,
        keepers: Keepers | None = None,
        also: Callable[[Digest], bytes | None] = lambda _: None,
    ) -> None:
        """`keepers` are where artifacts with manifests lie; `also` has documents from elsewhere."""
        self._registry = registry
        self._cache = cache
        self._name = name
        self._keepers = keepers or Keepers()
        self._looked: set[Digest] = set()
        self._also = also
        self._layers: dict[Digest, list[ContentDescriptor]] = {}
        self._down: RegistryUnavailableError | None = None

    def held(self, digest: Digest) -> tuple[Digest, ...] | None:
        """What a manifest holds: nothing where it is no list, None where it cannot be had."""
        try:
            found = self.document(digest).document
        except RegistryError as error:
            _log.info("%s could not be read: %s", digest, error)
            return None
        return tuple(child.digest for child in found.children) if isinstance(found, ManifestList) else ()

    def whole(self, digest: Digest) -> tuple[Document, ...]:
        """A manifest with all that it holds, the outermost first. Raises RegistryError, ImageError out of bounds."""
        return tuple({one.digest: one for one in read_tree(self.document, digest).walk()}.values())

    def refuse_ambiguous(self, digest: Digest) -> None:
        """Raises ManifestError where one program could read the document of a digest as this, and another as that.

        A digest says nothing of what will run then. Where the document cannot be had it cannot be run either, and the
        digest is judged by itself.
        """
        try:
            self.document(digest)
        except ManifestError:
            raise
        except RegistryError as error:
            _log.info("the manifest in question could not be read: %s", error)

    def document(self, digest: Digest) -> Document:
        """A manifest. Raises RegistryError where it cannot be had."""
        kept = self._cache.load(digest) or self._also(digest)
        media_type = None if kept is None else _stated_type(kept)
        if kept is not None and media_type is not None:
            return Document(digest=digest, media_type=media_type, data=kept, document=parse_manifest(kept, media_type))
        answer = self._asked(digest)
        self._keep(answer.data)
        return Document(digest=answer.digest, media_type=answer.media_type, data=answer.data, document=answer.document)

    def _asked(self, digest: Digest) -> ResolvedManifest | Document:
        if self._down is not None:
            raise self._down
        try:
            return self._registry.manifest(self._name, digest)
        except RegistryUnavailableError as error:
            self._down = error
            raise
        except NotFoundError:
            kept = self._beside(digest)
            if kept is None:
                raise
            return kept

    def _beside(self, digest: Digest) -> Document | None:
        """A manifest that the registry has only in an artifact: where it should lie, else beside any other keeper."""
        for keeper in (*self._keepers.near.get(digest, ()), *self._keepers.others[:MAX_KEEPERS]):
            if digest in self._layers:
                break
            if keeper in self._looked:
                continue
            self._looked.add(keeper)
            for artifact in self._artifacts(keeper):
                for layer in artifact.layers[:MAX_LAYERS]:
                    self._layers.setdefault(held_in(layer), []).append(layer)
        return next((one for layer in self._layers.get(digest, ()) if (one := self._opened(layer, digest))), None)

    def _artifacts(self, keeper: Digest) -> tuple[ImageManifest, ...]:
        """The artifacts beside a digest; none where somebody put something else into the list's place."""
        try:
            return attached(self._registry, self._name, keeper, MANIFESTS_ARTIFACT)
        except RegistryUnavailableError:
            raise
        except RegistryError as error:
            _log.info("the artifacts beside %s cannot be read: %s", keeper, error)
            return ()

    def _opened(self, layer: ContentDescriptor, digest: Digest) -> Document | None:
        """The manifest in a layer, if it is the one; whoever may push can put others there."""
        try:
            data = self._registry.blob(self._name, layer, MANIFEST_LIMIT + 1)
        except RegistryUnavailableError:
            raise
        except RegistryError:
            return None
        found = document_of(data if layer.digest == digest else data.removesuffix(b"\n"))
        return found if found is not None and found.digest == digest else None

    def _keep(self, data: bytes) -> None:
        """A cache that cannot be written costs time, and no answer."""
        if _stated_type(data) is None:
            return
        try:
            self._cache.save(data)
        except StoreError as error:
            _log.warning("a manifest could not be kept: %s", error)


def _stated_type(data: bytes) -> str | None:
    """A manifest without a mediaType was read as what the registry served it as, which the bytes do not prove."""
    try:
        return stated_media_type(data)
    except RegistryError:
        return None
