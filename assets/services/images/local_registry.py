"""A registry whose manifests come from the store first, so that what was pulled can be judged without its registry."""

from collections.abc import Callable

from assets.errors import RegistryUnavailableError
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.oci import ContentDescriptor
from assets.registry.port import Artifact, Landing, RegistryReader, ResolvedManifest
from assets.registry.settings import MANIFEST_LIMIT
from assets.remedies import ImageRemedy
from assets.services.trust.originals import document_of
from assets.store.image_store import ImageStore


class LocalFirst:
    """Implements `RegistryReader`. Without a `remote` everything but kept manifests is unavailable."""

    def __init__(self, store: ImageStore, remote: RegistryReader | None) -> None:
        self._store = store
        self._remote = remote

    def manifest(self, name: str, selector: Digest | str) -> ResolvedManifest:
        """A manifest that is kept, or the registry's."""
        if isinstance(selector, Digest):
            data = self._store.document(selector, MANIFEST_LIMIT)
            found = document_of(data) if data is not None else None
            if found is not None:
                return ResolvedManifest(
                    name=name,
                    digest=found.digest,
                    media_type=found.media_type,
                    data=found.data,
                    document=found.document,
                )
        return self._asked.manifest(name, selector)

    def resolve(self, reference: ImageReference) -> ResolvedManifest:
        """What a reference stands for; by its digest also from the store."""
        if reference.digest is not None:
            return self.manifest(reference.name, reference.digest)
        return self._asked.resolve(reference)

    def fetch_artifact(
        self, name: str, tag: str, artifact_type: str, limit: int, note: Callable[[str], None] | None = None
    ) -> Artifact | None:
        """The registry's document."""
        return self._asked.fetch_artifact(name, tag, artifact_type, limit, note)

    def blob(self, name: str, descriptor: ContentDescriptor, limit: int) -> bytes:
        """The registry's content."""
        return self._asked.blob(name, descriptor, limit)

    def download(self, name: str, descriptor: ContentDescriptor, landing: Landing) -> None:
        """The registry's content."""
        self._asked.download(name, descriptor, landing)

    def tags(self, name: str) -> tuple[str, ...]:
        """The registry's tags."""
        return self._asked.tags(name)

    @property
    def _asked(self) -> RegistryReader:
        if self._remote is None:
            raise RegistryUnavailableError("registries are not asked", hint=ImageRemedy.ASK_REGISTRIES.of())
        return self._remote
