"""Dropping images that were pulled and are kept here. All that goes can be pulled again."""

from dataclasses import dataclass, field, replace

from assets.images.reference import ImageReference
from assets.services.images.forgetting import Forgetting as Plan
from assets.services.images.forgetting import forget, plan_forgetting
from assets.services.read_models.access_views import KeptView
from assets.store.image_store import ImageStore, KeptImage
from tui.verbs.image.reader_requests import Forget
from tui.verbs.reading import Reading
from wallet.errors import EncodingError, StateError
from wallet.hashes import display
from wallet.network import NETWORKS


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenView:
    """What goes, or is gone where it was `forgotten`: images, blobs that no other image needs, beginnings, in bytes."""

    forgotten: bool
    images: tuple[str, ...]
    blobs: tuple[str, ...]
    unfinished: tuple[str, ...]
    bytes: int
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What would go, for a person's yes."""

    view: ForgottenView
    _plan: Plan = field(repr=False)
    _store: ImageStore = field(repr=False)

    def finish(self) -> ForgottenView:
        """Drops it. Raises StoreError."""
        forget(self._store, self._plan)
        return replace(self.view, forgotten=True)


def prepare(request: Forget, reading: Reading) -> Forgetting:
    """What would go. Raises EncodingError where nothing is asked, StateError for what is not kept, StoreError."""
    asked, shown, unfinished = request.references, request.shown, request.unfinished
    if not (asked or shown or unfinished or request.everything):
        raise EncodingError("what is to be dropped?", hint="say NAME:TAG, --unfinished or --all")
    place = on_network_of_images(reading, unfinished=unfinished or request.everything)
    store = place.images
    missing = next((one for one in asked if not any(_fits(one, image) for image in store.kept())), None)
    if missing is not None:
        raise StateError(f"{missing} is not kept here", hint="`dockchains image serve --check` lists what is")
    plan = plan_forgetting(
        store,
        lambda image: kept_view(image) == shown or any(_fits(one, image) for one in asked),
        unfinished=unfinished,
        everything=request.everything,
    )
    view = ForgottenView(
        forgotten=False,
        images=tuple(str(image.reference) for image in plan.images),
        blobs=tuple(str(digest) for digest in plan.blobs),
        unfinished=tuple(str(digest) for digest in plan.beginnings),
        bytes=plan.size,
        network=place.network.name,
    )
    return Forgetting(view=view, _plan=plan, _store=store)


def kept_view(one: KeptImage) -> KeptView:
    """An image that is kept, as it is shown."""
    return KeptView(
        name=one.name,
        tag=one.tag,
        digest=str(one.digest),
        genesis=display(one.genesis),
        sealed=one.sealed,
        gated=one.gated,
    )


def on_network_of_images(reading: Reading, *, unfinished: bool = False) -> Reading:
    """The network that was named, or the only one on which this user has images; with `unfinished`, or parts of some.

    Raises EncodingError where there are several, StateError where there is none.
    """
    if reading.is_on_named_network:
        return reading
    stores = {name: reading.on(name).images for name in NETWORKS}
    found = [name for name, one in stores.items() if one.kept() or (unfinished and (one.blobs() or one.beginnings()))]
    if len(found) == 1:
        return reading.on(found[0])
    if found:
        raise EncodingError(f"there are images on {', '.join(found)}", hint="say which with --network")
    raise StateError("no image is kept yet", hint="pull one first: dockchains image pull NAME:TAG")


def _fits(one: ImageReference, image: KeptImage) -> bool:
    tag_fits, digest_fits = one.tag in (None, image.tag), one.digest in (None, image.digest)
    return one.name == image.name and tag_fits and digest_fits
