"""Use case: drop images that were pulled and are kept for serving, and what interrupted pulls left behind.

A blob goes only where no image that stays needs it. Everything here can be pulled again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assets.images.digest import Digest
from assets.registry.oci import ManifestList
from assets.registry.settings import MANIFEST_LIMIT
from assets.services.trust.originals import document_of
from assets.store.image_store import ImageStore, KeptImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What is to go: kept images, blobs that no other image needs, and beginnings of blobs. `size` is in bytes."""

    images: tuple[KeptImage, ...]
    blobs: tuple[Digest, ...]
    beginnings: tuple[Digest, ...]
    size: int


def plan_forgetting(
    store: ImageStore, chosen: Callable[[KeptImage], bool], *, unfinished: bool, everything: bool = False
) -> Forgetting:
    """What would go with the kept images that are chosen, and with what was never finished. Raises StoreError.

    Beginnings that another process is at work on are left alone. `everything` is for a store that is given up.
    """
    kept = store.kept()
    images = tuple(one for one in kept if everything or chosen(one))
    staying = _held(store, (one.digest for one in kept if one not in images))
    going = _held(store, (one.digest for one in images)) - staying
    if unfinished or everything:
        going |= {one for one in store.blobs() if everything or not _is_document(store, one)} - staying
    blobs = tuple(sorted(one for one in going if store.has(one)))
    beginnings = tuple(sorted(store.beginnings())) if unfinished or everything else ()
    size = sum(store.size(one) for one in blobs) + sum(store.beginning_size(one) for one in beginnings)
    return Forgetting(images=images, blobs=blobs, beginnings=beginnings, size=size)


def forget(store: ImageStore, plan: Forgetting) -> None:
    """Drops it: the records first, so that nothing is kept of which parts are missing. Raises StoreError."""
    for image in plan.images:
        store.drop(image)
    for blob in plan.blobs:
        store.discard(blob)
    for beginning in plan.beginnings:
        store.discard_beginning(beginning)


def _held(store: ImageStore, roots: Iterable[Digest]) -> set[Digest]:
    """Manifests and blobs of images, as far as their manifests are here."""
    found: set[Digest] = set()
    waiting = list(roots)
    while waiting:
        digest = waiting.pop()
        if digest in found:
            continue
        found.add(digest)
        data = store.document(digest, MANIFEST_LIMIT)
        read = document_of(data) if data is not None else None
        if read is None:
            continue
        if isinstance(read.document, ManifestList):
            waiting += [child.digest for child in read.document.children]
        else:
            found.update(part.digest for part in (read.document.config, *read.document.layers))
    return found


def _is_document(store: ImageStore, digest: Digest) -> bool:
    """Manifests are small, and judging a sealed image takes those of its original."""
    data = store.document(digest, MANIFEST_LIMIT) if store.size(digest) <= MANIFEST_LIMIT else None
    return data is not None and document_of(data) is not None
