"""A registry whose every answer has been checked, over a wire that is not trusted.

- The digest of a manifest or blob is the sha256 of the bytes that came. What was asked for by digest must have it, and
  what the registry itself says of the digest must agree.
- A blob has the size that its descriptor states.
- A manifest is what it was served as (see `oci`).
"""

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeGuard

from assets.errors import DigestMismatchError, NotFoundError, RegistryError
from assets.images.digest import Digest
from assets.images.name import canonical_name
from assets.images.reference import ImageReference
from assets.images.tag import parse_tag
from assets.registry.artifacts import (
    EMPTY_CONFIG_BYTES,
    artifact_layer,
    artifact_manifest,
    artifact_type_of,
)
from assets.registry.media_types import EMPTY_CONFIG
from assets.registry.oci import ContentDescriptor, ManifestError, parse_manifest, registry_digest, stated_media_type
from assets.registry.port import Artifact, Landing, RegistryWire, ResolvedManifest
from assets.registry.printable import printable
from assets.registry.refusals import not_found
from assets.registry.settings import MANIFEST_LIMIT
from wallet.errors import EncodingError

logger = logging.getLogger(__name__)

_LATEST = "latest"


class CheckedRegistry:
    """Implements `ImageRegistry` over any `RegistryWire`."""

    def __init__(self, wire: RegistryWire) -> None:
        self._wire = wire

    def resolve(self, reference: ImageReference) -> ResolvedManifest:
        """What a reference stands for: its digest, else its tag, else `latest`."""
        selector = reference.digest or reference.tag or _LATEST
        try:
            return self.manifest(reference.name, selector)
        except NotFoundError as error:
            raise self._explained(reference.name, selector) from error

    def manifest(self, name: str, selector: Digest | str) -> ResolvedManifest:
        """A manifest by digest or tag."""
        _require_name(name)
        wanted = str(selector) if isinstance(selector, Digest) else parse_tag(selector)
        answer = self._wire.read_manifest(name, wanted, MANIFEST_LIMIT)
        digest = Digest.of(answer.data)
        if isinstance(selector, Digest):
            _require_digest(digest, selector, "manifest", "was asked for")
        if answer.claimed:
            _require_digest(digest, registry_digest(answer.claimed), "manifest", "the registry states")
        document = parse_manifest(answer.data, answer.content_type)
        return ResolvedManifest(
            name=name, digest=digest, media_type=document.media_type, data=answer.data, document=document
        )

    def blob(self, name: str, descriptor: ContentDescriptor, limit: int) -> bytes:
        """Content of at most `limit` bytes, with the size and the digest that the descriptor states."""
        _require_name(name)
        if descriptor.size > limit:
            raise RegistryError(
                f"content of {descriptor.size} bytes, more than the {limit} that this may have",
                hint="it is no such document; do not use it",
            )
        data = self._wire.read_blob(name, str(descriptor.digest), descriptor.size)
        _require_digest(Digest.of(data), descriptor.digest, "content", "was asked for")
        if len(data) != descriptor.size:
            raise _other_size(len(data), descriptor)
        return data

    def download(self, name: str, descriptor: ContentDescriptor, landing: Landing) -> None:
        """Content of any size into a landing, going on where an earlier attempt ended.

        Bytes that an earlier attempt left may come from elsewhere; where the whole is wrong, it is fetched anew once.
        """
        _require_name(name)
        if landing.size > descriptor.size:
            landing.restart()
        attempts = 2 if landing.size > 0 else 1
        found, size = landing.digest(), landing.size
        for _ in range(attempts):
            if landing.size < descriptor.size:
                self._wire.read_blob_into(name, str(descriptor.digest), descriptor.size, landing)
            found, size = landing.digest(), landing.size
            if found == descriptor.digest and size == descriptor.size:
                return
            landing.restart()
        _require_digest(found, descriptor.digest, "content", "was asked for")
        raise _other_size(size, descriptor)

    def upload(
        self, name: str, descriptor: ContentDescriptor, path: Path, advance: Callable[[int], None] | None = None
    ) -> bool:
        """Store a file's content, unless the registry has it already; whether it was sent."""
        _require_name(name)
        digest = str(descriptor.digest)
        if self._wire.has_blob(name, digest):
            return False
        self._wire.write_blob_file(name, digest, path, descriptor.size, advance)
        return True

    def push_blob(self, name: str, data: bytes, media_type: str) -> ContentDescriptor:
        """Store content; the descriptor names it with `media_type`."""
        _require_name(name)
        digest = Digest.of(data)
        self._wire.write_blob(name, str(digest), data)
        return ContentDescriptor(media_type=media_type, digest=digest, size=len(data))

    def push_manifest(self, name: str, data: bytes, tag: str | None = None) -> Digest:
        """Store a manifest, under a tag where one is given. Its `mediaType` says what it is."""
        _require_name(name)
        media_type = stated_media_type(data)
        parse_manifest(data, media_type)
        digest = Digest.of(data)
        selector = str(digest) if tag is None else parse_tag(tag)
        claimed = self._wire.write_manifest(name, selector, media_type, data)
        if claimed:
            _require_digest(digest, registry_digest(claimed), "pushed manifest", "the registry states")
        return digest

    def tags(self, name: str) -> tuple[str, ...]:
        """All tags of a repository, in the registry's order."""
        _require_name(name)
        found = self._wire.list_tags(name)
        for tag in found:
            try:
                parse_tag(tag)
            except EncodingError as error:
                raise RegistryError(
                    f"the registry lists a tag out of grammar: {printable(tag)!r}", hint="tell its operator"
                ) from error
        return found

    def push_artifact(
        self,
        name: str,
        tag: str,
        artifact_type: str,
        data: bytes,
        annotations: Mapping[str, str],
        *,
        replaces: Collection[str] = (),
    ) -> Digest:
        """Store a document under a tag, in place of an older one of the same type, or of one that it replaces."""
        held = self._held(name, tag)
        if held is not None and not any(_is_artifact(held, one) for one in (artifact_type, *replaces)):
            raise RegistryError(
                f"the tag {tag} of {name} holds something else ({_kind(held)}), which is not overwritten",
                hint="delete that tag in the registry if it is not needed, then try again",
            )
        self.push_blob(name, EMPTY_CONFIG_BYTES, EMPTY_CONFIG)
        self.push_blob(name, data, artifact_type)
        return self.push_manifest(name, artifact_manifest(artifact_type, (data,), annotations, subject=None), tag)

    def fetch_artifact(
        self, name: str, tag: str, artifact_type: str, limit: int, note: Callable[[str], None] | None = None
    ) -> Artifact | None:
        """The document of this type under a tag; None, with a note, where the tag holds anything else."""
        held = self._held(name, tag)
        if held is None:
            return None
        if not _is_artifact(held, artifact_type):
            (note or logger.warning)(f"the tag {tag} of {name} holds something else ({_kind(held)}); not believed")
            return None
        layer = artifact_layer(held.document, artifact_type)
        return Artifact(self.blob(name, layer, limit), held.document.annotations)

    def _held(self, name: str, tag: str) -> ResolvedManifest | ManifestError | None:
        """What a tag holds: nothing, a manifest, or something that is none."""
        try:
            return self.manifest(name, tag)
        except NotFoundError:
            return None
        except ManifestError as error:
            return error

    def _explained(self, name: str, selector: Digest | str) -> NotFoundError:
        """The same refusal, with the repository told from the tag where the registry says which is unknown."""
        try:
            self._wire.list_tags(name)
        except NotFoundError:
            known = False
        except RegistryError:
            known = True
        else:
            known = True
        what = f"manifest {selector}" if isinstance(selector, Digest) else f"tag {selector}"
        return not_found(name, what, repository_known=known)


def _is_artifact(held: ResolvedManifest | ManifestError, artifact_type: str) -> TypeGuard[ResolvedManifest]:
    return isinstance(held, ResolvedManifest) and artifact_type_of(held.document) == artifact_type


def _kind(held: ResolvedManifest | ManifestError) -> str:
    """In a few words what stands where an artifact was looked for."""
    if isinstance(held, ManifestError):
        return "no readable manifest"
    return printable(artifact_type_of(held.document) or held.media_type)


def _other_size(size: int, descriptor: ContentDescriptor) -> DigestMismatchError:
    return DigestMismatchError(
        f"the content has {size} bytes, and its descriptor says {descriptor.size}",
        hint="the manifest is wrong; do not use it",
    )


def _require_name(name: str) -> None:
    if canonical_name(name) != name:
        raise EncodingError(f"not a canonical name: {name[:80]!a}", hint=f"expected {canonical_name(name)}")


def _require_digest(found: Digest, wanted: Digest, what: str, who: str) -> None:
    if found != wanted:
        raise DigestMismatchError(
            f"the {what} has the digest {found}, and {wanted} {who}",
            hint="the registry, or something between, serves other bytes than it should; do not use it",
        )
