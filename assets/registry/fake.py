"""A registry in memory for tests. It holds bytes exactly as given, so that it can lie as a real one could."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.errors import RegistryError, RegistryUnavailableError
from assets.images.digest import Digest
from assets.registry.checked import CheckedRegistry
from assets.registry.media_types import LISTS, MANIFESTS
from assets.registry.oci import ManifestList, parse_manifest, stated_media_type
from assets.registry.port import Landing, ManifestAnswer
from assets.registry.refusals import not_found

_PIECE = 1000


@dataclass(frozen=True, slots=True)
class _Stored:
    data: bytes
    media_type: str


class FakeWire:
    """Implements `RegistryWire` as Distribution behaves: children and blobs must be there before what names them.

    `down` makes every call fail as an unreachable registry does. `served` replaces what is served for a selector of a
    repository, whatever was stored.
    """

    def __init__(self) -> None:
        self.down = False
        self.served: dict[tuple[str, str], ManifestAnswer] = {}
        self._manifests: dict[tuple[str, Digest], _Stored] = {}
        self._tags: dict[tuple[str, str], Digest] = {}
        self._blobs: dict[tuple[str, Digest], bytes] = {}

    def read_manifest(self, name: str, selector: str, limit: int) -> ManifestAnswer:
        """A manifest as it was stored, or as `served` has it."""
        self._require_up(name)
        if (name, selector) in self.served:
            return self.served[(name, selector)]
        digest = Digest.parse(selector) if ":" in selector else self._tags.get((name, selector))
        stored = None if digest is None else self._manifests.get((name, digest))
        if digest is None or stored is None:
            what = f"manifest {selector}" if ":" in selector else f"tag {selector}"
            raise not_found(name, what, repository_known=True)
        _require_limit(stored.data, limit)
        return ManifestAnswer(data=stored.data, content_type=stored.media_type, claimed=str(digest))

    def read_blob(self, name: str, digest: str, limit: int) -> bytes:
        """A blob as it was stored."""
        self._require_up(name)
        data = self._blobs.get((name, Digest.parse(digest)))
        if data is None:
            raise not_found(name, f"blob {digest}", repository_known=True)
        _require_limit(data, limit)
        return data

    def read_blob_into(self, name: str, digest: str, size: int, landing: Landing) -> None:
        """What a landing misses of a blob, in small pieces."""
        data = self.read_blob(name, digest, size)
        for start in range(landing.size, len(data), _PIECE):
            landing.write(data[start : start + _PIECE])

    def has_blob(self, name: str, digest: str) -> bool:
        """Whether a blob was stored."""
        self._require_up(name)
        return (name, Digest.parse(digest)) in self._blobs

    def write_blob_file(
        self, name: str, digest: str, path: Path, size: int, advance: Callable[[int], None] | None
    ) -> None:
        """Store a file's content."""
        self.write_blob(name, digest, path.read_bytes())
        if advance is not None:
            advance(size)

    def replace_blob(self, name: str, digest: Digest, data: bytes) -> None:
        """Serve other bytes for a digest from now on, as a registry that lies would."""
        self._blobs[(name, digest)] = data

    def write_blob(self, name: str, digest: str, data: bytes) -> None:
        """Store a blob under its digest."""
        self._require_up(name)
        if str(Digest.of(data)) != digest:
            raise RegistryError("the fake registry refuses a blob with another digest")
        self._blobs[(name, Digest.of(data))] = data

    def write_manifest(self, name: str, selector: str, media_type: str, data: bytes) -> str:
        """Store a manifest under its digest, and under a tag where the selector is one."""
        self._require_up(name)
        self._require_parts(name, data, media_type)
        return str(self.store(name, None if ":" in selector else selector, data, media_type))

    def store(self, name: str, tag: str | None, data: bytes, media_type: str) -> Digest:
        """Store a manifest whatever it names, under a tag where one is given."""
        digest = Digest.of(data)
        self._manifests[(name, digest)] = _Stored(data, media_type)
        if tag is not None:
            self._tags[(name, tag)] = digest
        return digest

    def list_tags(self, name: str) -> tuple[str, ...]:
        """All tags, sorted."""
        self._require_up(name)
        if not any(held == name for held, _ in (*self._manifests, *self._blobs)):
            raise not_found(name, "list of tags", repository_known=False)
        return tuple(sorted(tag for held, tag in self._tags if held == name))

    def untag(self, name: str, tag: str) -> None:
        """Take a tag away, as whoever may push could."""
        del self._tags[(name, tag)]

    def _require_up(self, name: str) -> None:
        if self.down:
            host = name.partition("/")[0]
            raise RegistryUnavailableError(f"the registry {host} does not answer", hint="see that it runs")

    def _require_parts(self, name: str, data: bytes, media_type: str) -> None:
        document = parse_manifest(data, media_type)
        if isinstance(document, ManifestList):
            missing = [child.digest for child in document.children if (name, child.digest) not in self._manifests]
        else:
            parts = (document.config, *document.layers)
            missing = [part.digest for part in parts if (name, part.digest) not in self._blobs]
        if missing:
            raise RegistryError(f"the fake registry misses {missing[0]}", hint="push the parts first")


class FakeRegistry(CheckedRegistry):
    """Implements `ImageRegistry` in memory, with the checks that every registry has; `wire` can be made to lie."""

    def __init__(self) -> None:
        self.wire = FakeWire()
        super().__init__(self.wire)

    def put(self, name: str, tag: str | None, data: bytes) -> Digest:
        """Place a manifest without the parts that it names. Returns its digest."""
        media_type = stated_media_type(data)
        assert media_type in LISTS | MANIFESTS, "a manifest"
        return self.wire.store(name, tag, data, media_type)


def _require_limit(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise RegistryError(f"the registry sends more than the {limit} bytes that this may have")
