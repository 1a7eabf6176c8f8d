"""Composition root of the shop: from a bundle to a service that sells its lots. Nothing here needs a wallet."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.canonical import FILE_LIMIT
from assets.images.shop_bundle import ShopBundle
from assets.protocols.table import RULE
from assets.server.limits import RateLimit
from assets.server.listening import Listener, http_url, parse_loopback
from assets.server.shop import Shop, ShopLot, ShopParts
from assets.server.shop_http import ShopService
from assets.services.market.lot_signer import BundleSigner
from assets.store.shop_journal import ShopJournal
from tui.bootstrap import House
from wallet.errors import ChainError, EncodingError, StoreError
from wallet.keys.message import message_flaw
from wallet.store.files import read_private

SETTLE_SECONDS = 30.0
"""How often the shop looks after what it sold."""

_NOTHING_LEFT = (
    "nothing is for sale: every lot is sold or gone, or its listing expired; `dockchains market cancel NAME --lots`"
    " brings back what is left, to be listed and exported anew"
)

ANCESTOR_LIMIT = 2_000
"""Transactions that are looked at to find out what a buyer's coin is; a coin with more behind it is refused."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShop:
    """A shop and its journal."""

    shop: Shop
    journal: ShopJournal


def read_bundle(house: House, path: Path) -> ShopBundle:
    """A bundle of this network that only its user can read. Raises StoreError, EncodingError."""
    data = read_private(path, FILE_LIMIT)
    if data is None:
        raise StoreError(f"there is no {path}", hint="make it with `dockchains market export-shop`")
    bundle = ShopBundle.parse(data)
    if not bundle.is_on(house.network):
        raise EncodingError(f"{path} is for another network than {house.network.name}", hint="say --network NAME")
    for lot in bundle.lots:
        flaw = message_flaw(lot.ask.text, lot.script, lot.ask.signature)
        if flaw is not None:
            raise EncodingError(f"a listing in {path} is not signed by its lot: {flaw}", hint="export it again")
    return bundle


def open_shop(house: House, bundle: ShopBundle, journal: Path) -> OpenShop:
    """The parts of a shop, put together."""
    node = house.node
    kept = ShopJournal(journal, bundle.network)
    parts = ShopParts(
        lots=tuple(ShopLot(ask=lot.ask, script=lot.script) for lot in bundle.lots),
        source=node,
        colors=ColorWalker(RULE, node, MemoryCache(), ANCESTOR_LIMIT).color,
        verify=message_flaw,
        signer=BundleSigner(bundle),
        journal=kept,
        refusal=node.refusal,
        clock=house.now,
    )
    return OpenShop(shop=Shop(parts), journal=kept)


def serve(
    house: House,
    path: Path,
    *,
    listen: str,
    journal: Path,
    proxied: bool,
    per_minute: int,
    note: Callable[[str], None],
) -> tuple[int, int, int]:
    """Serves until a signal; the tip's height, lots for sale, lots sold. Raises StateError, StoreError, ChainError."""
    host, port = parse_loopback(listen, "shop")
    opened = open_shop(house, read_bundle(house, path), journal)
    stopped = threading.Event()
    with opened.journal.serving():
        listener = Listener(host, port, proxied=proxied)
        opened.shop.settle()
        if not opened.shop.counts()[1]:
            note(_NOTHING_LEFT)
        keeper = threading.Thread(target=_keep, args=(opened.shop, stopped), name="settle", daemon=True)
        keeper.start()
        limit = RateLimit(per_minute=per_minute, burst=per_minute, clock=time.monotonic)
        app = ShopService(opened.shop, limit, proxied=proxied).app()
        try:
            listener.run(app, lambda: note(f"selling at {http_url(*listener.address)}"))
        finally:
            stopped.set()
            keeper.join()
        counts = opened.shop.counts()
    opened.journal.close()
    return counts


def _keep(shop: Shop, stopped: threading.Event) -> None:
    """Looks after what was sold, again and again."""
    while not stopped.wait(SETTLE_SECONDS):
        try:
            shop.settle()
        except ChainError as error:
            _log.warning("the shop cannot look after its sales now: %s", error)
        except Exception:  # noqa: BLE001 - the next round may go well, and selling goes on
            _log.exception("looking after the sales failed")
