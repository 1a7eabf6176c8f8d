"""What the commands about the market share: where listings come from, the rules, the keys."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assets.coloring.asks import AskRules
from assets.images.board import parse_listing
from assets.images.canonical import ASKS_LIMIT
from assets.images.offer import Ask
from assets.services.market.offers import Place, Source
from assets.services.wallets.reserve import ColorOf
from assets.services.wallets.session import Session
from tui.cli import images
from tui.cli.call import Call
from tui.cli.options import source
from tui.cli.secrets import password
from tui.verbs.files import read_given
from wallet.errors import WalletError
from wallet.hashes import Txid

if TYPE_CHECKING:
    from assets.registry.endpoint import Origin
    from assets.server.shop_client import ShopClient
    from assets.services.wallets.ownership import OwnedTitle
    from wallet.signer import WalletSigner


def rules(call: Call, genesis: Txid | None = None, *, replacing: Txid | None = None) -> AskRules:
    """What a buyer on this network demands of a listing."""
    from wallet.keys.message import message_flaw

    return AskRules(
        network=call.house.network,
        confirmations=images.settling_confirmations(call),
        verify=message_flaw,
        genesis=genesis,
        replacing=replacing,
    )


def keys(
    call: Call, session: Session, password_file: Path | None, password_fd: int | None
) -> "Callable[[], WalletSigner]":
    """Opens the keys when they are first needed, and asks for the password no second time."""
    opened: list[WalletSigner] = []

    def unlock() -> "WalletSigner":
        if not opened:
            call.house.require_keys()
            secret = password(source(password_file, password_fd), call.terminal, of=f"wallet {session.name}")
            opened.append(call.house.signer(secret))
        return opened[0]

    return unlock


def is_url(place: str) -> bool:
    """Whether a source of listings is a shop."""
    return place.startswith(("https://", "http://"))


def asks_from(call: Call, place: str) -> Source:
    """The listings of a file, of standard input (`-`), or of a shop by its URL; bad entries are told and left out."""
    if is_url(place):
        with shop_at(call, place) as client:
            board = client.asks()
    else:
        board = parse_listing(read_given(Path(place), ASKS_LIMIT + 1024))
    for number, flaw in board.flaws:
        call.note(f"entry {number} of {place}: {flaw}")
    return (
        paper(place, board.asks)
        if not is_url(place)
        else Source(where=place, asks=tuple(board.asks), place=Place.SHOP, shop=place)
    )


def paper(where: str, asks: Sequence[Ask]) -> Source:
    """Listings of whatever age."""
    return Source(where=where, asks=tuple(asks), place=Place.PAPER)


@contextmanager
def shop_at(call: Call, url: str, named_by: "Origin | None" = None) -> "Iterator[ShopClient]":
    """A shop, reached as this user reaches registries; `named_by` is who named it, if not the user.

    Raises EncodingError for a URL that is none.
    """
    from assets.server.shop_client import ShopClient

    client = ShopClient(url, call.house.registry_settings, named_by=named_by)
    try:
        yield client
    finally:
        client.close()


def owned(call: Call, session: Session, name: str, genesis: Txid) -> "OwnedTitle":
    """The title of a repository, which goes by a canonical name. Raises NotOwnerError."""
    from assets.services.wallets.ownership import title_of

    confirmations = images.reading_confirmations(call)
    return title_of(genesis, name, session, images.chain_of(call), confirmations=confirmations)


def repository_of(call: Call, session: Session, name: str, genesis: str | None) -> "tuple[Txid, OwnedTitle | None]":
    """The repository of a canonical name that a seller means, and its title where it is this wallet's.

    Whoever does not own it may hold access units of it.
    """
    from assets.errors import NotOwnerError
    from tui.cli.whereabouts import locate

    found = locate(call, images.chain_of(call), session, name, genesis).genesis
    try:
        return found, owned(call, session, name, found)
    except NotOwnerError:
        return found, None


def asks_on_board(call: Call, name: str) -> Source:
    """The listings on the registry's board of a canonical name; trouble is told, and there are none then."""
    from assets.services.market.boards import read_board

    try:
        answer = read_board(name, call.house.registry)
    except WalletError as error:
        call.note(f"the registry's board cannot be read: {error}")
        return Source(where=f"{name}:dockchains-asks", asks=(), place=Place.BOARD)
    for note in answer.notes:
        call.note(note)
    return Source(where=f"{name}:dockchains-asks", asks=answer.asks, place=Place.BOARD)


def colors(call: Call) -> ColorOf:
    """Tells the colour of any coin from its ancestors; remembers what it learned for this command."""
    from assets.coloring.trace import MemoryCache
    from assets.coloring.walk import ColorWalker
    from assets.protocols.table import RULE

    return ColorWalker(RULE, call.house.node, MemoryCache()).color
