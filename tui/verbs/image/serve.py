"""The pull-only registry of this user's images: what is in it, and running it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from assets.services.images.checked_blobs import CheckedBlobs
from assets.services.images.local_registry import LocalFirst
from assets.services.images.serving import Inventory, VerifiedShelf, take_stock
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.image_store import KeptImage
from tui.verbs.image.forget import on_network_of_images
from tui.verbs.image.reader_requests import Serve
from tui.verbs.reading import Reading
from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedImage:
    """An image that is handed on; `sealed` as ciphertext."""

    image: str
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedImage:
    """An image that is kept and not handed on, and why."""

    image: str
    why: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class StockView:
    """What would be served, and what would not."""

    served: tuple[ServedImage, ...]
    refused: tuple[RefusedImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingView:
    """Where images are served; `open` where others than this machine reach it."""

    address: str
    open: bool


def stock(request: Serve, reading: Reading) -> StockView:
    """What would be served, judged now. Raises EncodingError, StateError, StoreError."""
    with _shelf(request, on_network_of_images(reading)) as shelf:
        return _view(shelf.inventory())


def serve(
    request: Serve, reading: Reading, stocked: Callable[[StockView], None], listening: Callable[[ServingView], None]
) -> ServingView:
    """Serves until it is told to stop by Ctrl-C. `stocked` hears what is served, `listening` when and where.

    Raises EncodingError, StateError, StoreError.
    """
    from assets.server.listening import Listener  # a web server, which nothing else needs here
    from assets.server.pull_registry import pull_registry

    with _shelf(request, on_network_of_images(reading)) as shelf:
        stocked(_view(shelf.inventory()))
        listener = Listener(request.host, request.port)
        host, port = listener.address
        is_open = not host.startswith("127.") and host != "::1"
        view = ServingView(address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}", open=is_open)
        with suppress(KeyboardInterrupt):
            listener.run(pull_registry(shelf), lambda: listening(view))
    return view


@contextmanager
def _shelf(request: Serve, place: Reading) -> Iterator[VerifiedShelf]:
    store, pins = place.images, place.pins.load()
    registry = LocalFirst(store, None if request.offline else place.registry)

    def ask(image: KeptImage) -> Answer:
        question = Question(
            reference=image.reference,
            pins=pins,
            lock=None,
            genesis=None,
            confirmations=place.reading_confirmations,
            allow=request.allow,
        )
        return verify(question, place.chain(), registry, place.manifests)

    shelf = VerifiedShelf(
        lambda: take_stock(store, ask), CheckedBlobs(store), time.monotonic, lambda: place.house.node.tip().hash
    )
    try:
        yield shelf
    finally:
        shelf.close()


def _view(inventory: Inventory) -> StockView:
    return StockView(
        served=tuple(ServedImage(image=str(one.image.reference), sealed=one.image.sealed) for one in inventory.shelved),
        refused=tuple(RefusedImage(image=str(image.reference), why=why) for image, why in inventory.refused),
    )
