"""Selling lots until it is stopped: from a bundle to a service. Nothing here needs a wallet."""

import logging
import threading
import time

from assets.server.limits import RateLimit
from assets.server.listening import Listener, http_url, parse_loopback
from assets.server.shop import Shop
from assets.server.shop_http import ShopService
from tui.shop import open_shop, read_bundle
from tui.verbs.market.requests import Serve
from tui.verbs.market.views import Served
from tui.verbs.reading import Reading
from wallet.errors import ChainError

SETTLE_SECONDS = 30.0
"""How often the shop looks after what it sold."""

_NOTHING_LEFT = (
    "nothing is for sale: every lot is sold or gone, or its listing expired; `dockchains market cancel NAME --lots`"
    " brings back what is left, to be listed and exported anew"
)

_log = logging.getLogger(__name__)


def serve(request: Serve, place: Reading) -> Served:
    """Serves until a signal. Raises StateError, StoreError, ChainError."""
    host, port = parse_loopback(request.listen, "shop")
    opened = open_shop(place.house, read_bundle(place.house, request.bundle), request.journal)
    stopped = threading.Event()
    with opened.journal.serving():
        listener = Listener(host, port, proxied=request.proxied)
        opened.shop.settle()
        if not opened.shop.counts()[1]:
            place.note(_NOTHING_LEFT)
        keeper = threading.Thread(target=_keep, args=(opened.shop, stopped), name="settle", daemon=True)
        keeper.start()
        limit = RateLimit(per_minute=request.per_minute, burst=request.per_minute, clock=time.monotonic)
        app = ShopService(opened.shop, limit, proxied=request.proxied).app()
        try:
            listener.run(app, lambda: place.note(f"selling at {http_url(*listener.address)}"))
        finally:
            stopped.set()
            keeper.join()
        _, lots, sold = opened.shop.counts()
    opened.journal.close()
    return Served(sold=sold, lots=lots)


def _keep(shop: Shop, stopped: threading.Event) -> None:
    """Looks after what was sold, again and again."""
    while not stopped.wait(SETTLE_SECONDS):
        try:
            shop.settle()
        except ChainError as error:
            _log.warning("the shop cannot look after its sales now: %s", error)
        except Exception:  # noqa: BLE001 - the next round may go well, and selling goes on
            _log.exception("looking after the sales failed")
