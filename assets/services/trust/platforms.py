"""Which image of a multi-platform one is meant by `os/architecture`, as docker and skopeo choose it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from assets.errors import ImageError
from assets.images.contents import MAX_DEPTH, MAX_MANIFESTS
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.media_types import LISTS
from assets.registry.oci import ImageManifest, Manifest, ManifestList, Platform
from assets.registry.port import BlobSource, ResolvedManifest
from assets.registry.printable import printable
from assets.remedies import ImageRemedy
from assets.services.trust.image_tree import Document
from wallet.documents import decode_json
from wallet.errors import EncodingError

CONFIG_LIMIT = 16 * 1024 * 1024
"""Bytes of the largest config that is read; one that is larger is no engine's."""


class _Config(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    platform: Platform
    digest: Digest


def pick(
    resolved: Document | ResolvedManifest,
    platform: str,
    reference: ImageReference,
    registry: BlobSource,
    read: Callable[[Digest], Document | ResolvedManifest],
) -> Digest:
    """The one manifest for `os/architecture` or `os/architecture/variant`; without a variant, whichever it has.

    Lists in lists are looked through, by `read`. An image of one platform is taken where its config says that it fits.
    Raises EncodingError where it is not to be had, ImageError for an image out of bounds, RegistryError.
    """
    if isinstance(resolved.document, ImageManifest):
        offers = [_Offer(platform=_own_platform(resolved.document, reference, registry), digest=resolved.digest)]
    else:
        offers = list(_offers(resolved.document, lambda one: read(one).document))
    exact = [one.digest for one in offers if str(one.platform) == platform]
    loose = [one.digest for one in offers if f"{one.platform.os}/{one.platform.architecture}" == platform]
    fitting = dict.fromkeys(exact or loose)
    if len(fitting) != 1:
        listed = ", ".join(sorted({printable(str(one.platform)) for one in offers})) or "none"
        raise EncodingError(
            f"{reference} has {'several manifests' if fitting else 'no manifest'} for {platform[:60]}",
            hint=f"it has: {listed}" + ("; name the one that you mean by its digest" if fitting else ""),
        )
    return next(iter(fitting))


def _offers(document: ManifestList, read: Callable[[Digest], Manifest]) -> Iterator[_Offer]:
    """Every manifest of a platform, level by level."""
    level, count = [document], 0
    for _ in range(MAX_DEPTH):
        inner: dict[Digest, None] = {}
        for one in level:
            count += len(one.children)
            if count > MAX_MANIFESTS:
                raise ImageError(f"the image holds more than {MAX_MANIFESTS} manifests", hint="do not use it")
            for child in one.children:
                if child.media_type in LISTS:
                    inner[child.digest] = None
                elif child.platform is not None:
                    yield _Offer(platform=child.platform, digest=child.digest)
        level = [found for digest in inner if isinstance(found := read(digest), ManifestList)]


def _own_platform(image: ImageManifest, reference: ImageReference, registry: BlobSource) -> Platform:
    try:
        config = decode_json(registry.blob(reference.name, image.config, CONFIG_LIMIT), _Config, what="the config")
    except EncodingError:
        config = _Config()
    if not config.os or not config.architecture:
        raise EncodingError(
            f"{reference} is an image of one platform, and its config does not say which",
            hint=ImageRemedy.WITHOUT_PLATFORM.of(),
        )
    return Platform(os=config.os, architecture=config.architecture, variant=config.variant or None)
