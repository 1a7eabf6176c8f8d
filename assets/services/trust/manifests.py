"""Reading the manifests that could hold an image, so that a platform's digest can be judged by its index."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assets.errors import NotFoundError, RegistryError, RegistryUnavailableError
from assets.images.digest import Digest
from assets.registry.media_types import LISTS
from assets.registry.oci import ContentDescriptor, ManifestError, ManifestList, parse_manifest, stated_media_type
from assets.registry.port import ImageRegistry, ResolvedManifest
from assets.services.chain.chain_access import Documents
from assets.services.trust.image_tree import Document
from assets.services.trust.originals import original_documents
from wallet.errors import StoreError

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with how many manifests were read, and how many there are to read."""

MAX_MANIFESTS = 20_000
"""More than any repository of one owner releases; a bound against one that is made to exhaust its readers."""


@dataclass(slots=True)
class Contents:
    """What each manifest that was read holds, and the indexes inside of them that could not be read."""

    held: dict[Digest, tuple[Digest, ...]] = field(default_factory=dict)
    unreadable: list[Digest] = field(default_factory=list)


class ManifestReader:
    """Manifests of one repository, from the cache or the registry.

    A registry that did not answer once is not asked again, so that one which is down costs one attempt and no more.
    """

    def __init__(
        self,
        registry: ImageRegistry,
        cache: Documents,
        name: str,
        sealed: Mapping[Digest, Sequence[Digest]] | None = None,
    ) -> None:
        """`sealed` are the sealed forms of plain images, which need not be in the registry themselves."""
        self._registry = registry
        self._cache = cache
        self._name = name
        self._sealed = sealed or {}
        self._down: RegistryUnavailableError | None = None

    def contents(
        self, needed: Iterable[Digest], welcome: Iterable[Digest], progress: Progress | None = None
    ) -> Contents:
        """Which manifests these hold, indexes of indexes followed.

        One of `needed` that cannot be had is left out, and so is one of `welcome`; an index inside of one that was
        read and that cannot be had itself is told as unreadable.
        """
        found = Contents()
        waiting = list(dict.fromkeys((*needed, *welcome)))
        known = set(waiting)
        inner: set[Digest] = set()
        for count, digest in enumerate(waiting):
            if count >= MAX_MANIFESTS:
                found.unreadable.append(digest)
                break
            if progress is not None:
                progress(count, len(waiting))
            lists = self._read(digest, found)
            if lists is None:
                if digest in inner:
                    found.unreadable.append(digest)
                continue
            fresh = [one for one in dict.fromkeys(lists) if one not in known]
            waiting += fresh
            known.update(fresh)
            inner.update(fresh)
        return found

    def refuse_ambiguous(self, digest: Digest) -> None:
        """Raises ManifestError where one program could read the document of a digest as this, and another as that.

        A digest says nothing of what will run then. Where the document cannot be had it cannot be run either, and the
        digest is judged by itself.
        """
        try:
            self._document(digest)
        except ManifestError:
            raise
        except RegistryError as error:
            _log.info("the manifest in question could not be read: %s", error)

    def children(self, digest: Digest) -> tuple[ContentDescriptor, ...]:
        """What a manifest lists; empty for one that is no list. Raises RegistryError where it cannot be had."""
        document = self._document(digest)
        return document.children if isinstance(document, ManifestList) else ()

    def _read(self, digest: Digest, found: Contents) -> tuple[Digest, ...] | None:
        """Notes what a manifest holds; the lists among its children, or None where it cannot be had."""
        try:
            document = self._document(digest)
        except RegistryError:
            return None
        children = document.children if isinstance(document, ManifestList) else ()
        found.held[digest] = tuple(child.digest for child in children)
        return tuple(child.digest for child in children if child.media_type in LISTS)

    def _document(self, digest: Digest) -> object:
        kept = self._cache.load(digest)
        if kept is not None:
            return parse_manifest(kept, stated_media_type(kept))
        answer = self._asked(digest)
        if _states_its_type(answer.data):
            self._keep(answer.data)
        return answer.document

    def _asked(self, digest: Digest) -> ResolvedManifest | Document:
        if self._down is not None:
            raise self._down
        try:
            return self._registry.manifest(self._name, digest)
        except RegistryUnavailableError as error:
            self._down = error
            raise
        except NotFoundError:
            original = self._beside_its_sealed_form(digest)
            if original is None:
                raise
            return original

    def _beside_its_sealed_form(self, digest: Digest) -> Document | None:
        """A manifest that the registry has only in the artifact beside a sealed form; the lists in it are kept too."""
        for ciphertext in self._sealed.get(digest, ()):
            for documents in original_documents(self._registry, self._name, ciphertext):
                if digest in documents:
                    for one in documents.values():
                        if _states_its_type(one.data):
                            self._keep(one.data)
                    return documents[digest]
        return None

    def _keep(self, data: bytes) -> None:
        """A cache that cannot be written costs time, and no answer."""
        try:
            self._cache.save(data)
        except StoreError as error:
            _log.warning("a manifest could not be kept: %s", error)


def _states_its_type(data: bytes) -> bool:
    """A manifest without a mediaType was read as what the registry served it as, which the bytes do not prove."""
    try:
        stated_media_type(data)
    except RegistryError:
        return False
    return True
