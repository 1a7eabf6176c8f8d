"""Which platforms of an image were revoked alone.

A REVOKE of one platform's manifest leaves the index that holds it as it is, and a container engine picks that platform
out of the index by itself. So whoever verifies the index is told which of its platforms must not run.
"""

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.images.repository import RepositoryState, Revocation
from assets.registry.media_types import LISTS
from assets.registry.oci import ContentDescriptor
from assets.services.trust.manifests import ManifestReader

MAX_PARTS = 1_000
"""Manifests of one image that are looked through; no tool builds images of more platforms."""

_UNREAD = "the owner revoked single platforms, and the image's manifest could not be read to see whether they are in it"


def revoked_parts(state: RepositoryState, digest: Digest, reader: ManifestReader) -> tuple[str, ...]:
    """In words, each manifest inside of an image that was revoked though the image was not.

    Nothing is read where nothing but released digests was revoked. An image that cannot be read is told, too, since
    the engine may have it already.
    """
    released = state.released()
    revoked = {one.digest: one for one in state.revocations if one.digest != digest}
    if all(one in released for one in revoked):
        return ()
    try:
        parts = _parts(digest, reader)
    except RegistryError:
        return (_UNREAD,)
    return tuple(_words(part, revoked[part.digest]) for part in parts if part.digest in revoked)


def _parts(digest: Digest, reader: ManifestReader) -> list[ContentDescriptor]:
    """Every manifest inside of an image, those in lists of lists included, each once."""
    parts: dict[Digest, ContentDescriptor] = {}
    waiting = [digest]
    while waiting and len(parts) < MAX_PARTS:
        for child in reader.children(waiting.pop()):
            if child.digest not in parts:
                parts[child.digest] = child
                waiting += [child.digest] if child.media_type in LISTS else []
    return list(parts.values())


def _words(part: ContentDescriptor, revocation: Revocation) -> str:
    platform = "" if part.platform is None else f" for {part.platform}"
    return (
        f"do not run it where its manifest{platform} would be taken: the owner revoked {part.digest} "
        f"({revocation.reason.name.lower()})"
    )
