"""Where listings come from, and under which rules they are believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assets.coloring.asks import AskRules
from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.errors import RegistryError
from assets.images.board import Board, parse_listing
from assets.images.canonical import ASKS_LIMIT
from assets.protocols.table import RULE
from assets.server.shop_client import ShopClient
from assets.services.market.boards import read_board
from assets.services.market.listing import OwnWord
from assets.services.market.offers import Judge, Place, Source
from tui.verbs.files import read_given
from tui.verbs.market.requests import AtShop, InFile, OnBoard, Where
from tui.verbs.reading import Reading
from wallet.hashes import Txid
from wallet.keys.message import message_flaw

if TYPE_CHECKING:
    from assets.registry.endpoint import Origin


def rules(place: Reading, genesis: Txid | None = None) -> AskRules:
    """What a buyer on this network demands of a listing."""
    return AskRules(
        network=place.network, confirmations=place.settling_confirmations, verify=message_flaw, genesis=genesis
    )


def judge(place: Reading, genesis: Txid | None, own: OwnWord | None = None) -> Judge:
    """Tells good listings; the colour of any coin is found out from its ancestors, and remembered by this judge."""
    node = place.house.node
    colors = ColorWalker(RULE, node, MemoryCache()).color
    return Judge(rules=rules(place, genesis), source=node, colors=colors, own=own or OwnWord())


def listings_at(where: Where, place: Reading) -> Source:
    """The listings of one place, with notes on what was left out.

    A board that cannot be read has none, and a note. Raises ShopError, EncodingError.
    """
    match where:
        case AtShop():
            with shop_at(where.url, place) as client:
                return _source(where, client.asks(), Place.SHOP, where.url)
        case InFile():
            return _source(where, parse_listing(read_given(where.path, ASKS_LIMIT + 1024)), Place.PAPER, "")
        case OnBoard():
            return _on_board(where, place)


@contextmanager
def shop_at(url: str, place: Reading, named_by: "Origin | None" = None) -> Iterator[ShopClient]:
    """A shop, reached as this user reaches registries; `named_by` is who named it, if not the user.

    Raises EncodingError for a URL that is none.
    """
    client = ShopClient(url.strip(), place.house.registry_settings, named_by=named_by)
    try:
        yield client
    finally:
        client.close()


def _source(where: Where, board: Board, kind: Place, shop: str) -> Source:
    flaws = tuple(f"entry {number} of {where}: {flaw}" for number, flaw in board.flaws)
    return Source(where=str(where), asks=tuple(board.asks), place=kind, shop=shop, notes=flaws)


def _on_board(where: OnBoard, place: Reading) -> Source:
    try:
        answer = read_board(where.name, place.registry)
    except RegistryError as error:
        told = (f"the registry's board cannot be read: {error}",)
        return Source(where=str(where), asks=(), place=Place.BOARD, notes=told)
    return Source(where=str(where), asks=answer.asks, place=Place.BOARD, notes=answer.notes)
