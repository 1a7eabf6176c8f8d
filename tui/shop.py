"""Composition root of the shop: from a bundle to what sells its lots. Nothing here needs a wallet."""

from dataclasses import dataclass
from pathlib import Path

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.canonical import FILE_LIMIT
from assets.images.shop_bundle import ShopBundle
from assets.protocols.table import RULE
from assets.server.shop import Shop, ShopLot, ShopParts
from assets.services.market.lot_signer import BundleSigner
from assets.store.shop_journal import ShopJournal
from tui.bootstrap import House
from wallet.errors import EncodingError, StoreError
from wallet.keys.message import message_flaw
from wallet.store.files import read_private

ANCESTOR_LIMIT = 2_000
"""Transactions that are looked at to find out what a buyer's coin is; a coin with more behind it is refused."""


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
