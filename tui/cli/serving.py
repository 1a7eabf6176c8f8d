"""The pull-only registry of this user's images, put together and run."""

import time
from contextlib import suppress

from assets.images.verdict import parse_allowed
from assets.services.images.checked_blobs import CheckedBlobs
from assets.services.images.local_registry import LocalFirst
from assets.services.images.serving import Inventory, VerifiedShelf, take_stock
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.image_store import ImageStore, KeptImage
from tui.cli import images
from tui.cli.call import Call
from tui.cli.output import Output
from tui.cli.pulling import store_of
from tui.cli.remedies import words
from tui.settings import Origin
from tui.text import lines
from wallet.errors import EncodingError, StateError
from wallet.network import NETWORKS


def serve_images(call: Call, *, listen: str, allow: str | None, offline: bool, check: bool) -> Output:
    """Serves until it is told to stop; with `check` only says what it would serve."""
    call = on_network_of_images(call)
    host, port = _address(listen)
    store = store_of(call)
    shelf = VerifiedShelf(
        lambda: _stock(call, store, allow=allow, offline=offline),
        CheckedBlobs(store),
        time.monotonic,
        lambda: call.house.node.tip().hash,
    )
    try:
        inventory = shelf.inventory()
        if check:
            return _stated(inventory)
        _tell(call, inventory)
        return _serve(call, shelf, host, port)
    finally:
        shelf.close()


def _serve(call: Call, shelf: VerifiedShelf, host: str, port: int) -> Output:
    from assets.server.listening import Listener
    from assets.server.pull_registry import pull_registry

    listener = Listener(host, port)
    host, port = listener.address
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not host.startswith("127.") and host != "::1":
        call.note("warning: anybody who reaches this address can pull; what they check is the digest")
    with suppress(KeyboardInterrupt):
        listener.run(pull_registry(shelf), lambda: call.note(f"serving at {shown}; end with Ctrl-C"))
    return Output(data={"address": shown}, text="")


def on_network_of_images(call: Call, *, unfinished: bool = False) -> Call:
    """The network that was named, or the only one on which this user has images; with `unfinished`, or parts of some.

    Raises EncodingError where there are several, StateError where there is none.
    """
    if call.settings.origin("network") in (Origin.FLAG, Origin.ENVIRONMENT):
        return call
    stores = {name: call.house.images_on(name) for name in NETWORKS}
    found = [name for name, one in stores.items() if one.kept() or (unfinished and (one.blobs() or one.beginnings()))]
    if len(found) == 1:
        return images.on_network(call, found[0])
    if found:
        raise EncodingError(f"there are images on {', '.join(found)}", hint="say which with --network")
    raise StateError("no image is kept yet", hint="pull one first: dockchains image pull NAME:TAG")


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise EncodingError(f"not an address to listen on: {text[:80]!a}", hint="expected HOST:PORT, as 127.0.0.1:5010")
    return host, int(port)


def _stock(call: Call, store: ImageStore, *, allow: str | None, offline: bool) -> Inventory:
    house, confirmations = call.house, images.reading_confirmations(call)
    pins = house.pins.load()
    registry = LocalFirst(store, None if offline else house.registry)
    allowed = parse_allowed(allow) if allow is not None else frozenset()

    def ask(image: KeptImage) -> Answer:
        question = Question(
            reference=image.reference, pins=pins, lock=None, genesis=None, confirmations=confirmations, allow=allowed
        )
        return verify(question, images.chain_of(call), registry, images.manifests_of(call))

    return take_stock(store, ask)


def _tell(call: Call, inventory: Inventory) -> None:
    if not inventory.shelved and not inventory.refused:
        call.note("no image is kept yet; pull one, and it is served from then on")
    for one in inventory.shelved:
        call.note(f"serves {one.image.reference}" + (" (sealed)" if one.image.sealed else ""))
    for image, why in inventory.refused:
        call.note(f"does not serve {image.reference}: " + why)


def _stated(inventory: Inventory) -> Output:
    served = [{"image": str(one.image.reference), "sealed": one.image.sealed} for one in inventory.shelved]
    refused = [{"image": str(image.reference), "why": words(why)} for image, why in inventory.refused]
    text = [f"serves {one['image']}{' (sealed)' if one['sealed'] else ''}" for one in served]
    text += [f"does not serve {one['image']}: {one['why']}" for one in refused]
    return Output(data={"served": served, "refused": refused}, text=lines(text))
