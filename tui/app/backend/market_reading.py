"""Where listings come from, what they are called, and under which rules they are believed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from assets.coloring.asks import AskRules
from assets.errors import RegistryError
from assets.images.board import Board, parse_listing
from assets.images.canonical import ASKS_LIMIT
from assets.images.offer import Ask
from assets.images.record import RecordName
from assets.registry.endpoint import Origin
from assets.server.shop_client import ShopClient
from assets.services.chain.lineage import read_lineage
from assets.services.market.boards import read_board
from assets.services.market.offers import Place, Source
from assets.services.wallets.naming import meant_repository
from tui.app.backend.access import Access
from tui.app.backend.market_checks import full_path, is_url
from tui.verbs.image.fields import bare_name
from wallet.errors import EncodingError
from wallet.hashes import Txid, parse_txid
from wallet.keys.message import message_flaw

HERE = "this wallet"
"""Where the wallet's own listings are found."""


def rules(access: Access, genesis: Txid | None = None) -> AskRules:
    """What a buyer on this network demands of a listing."""
    return AskRules(
        network=access.house.network,
        confirmations=access.settling_confirmations,
        verify=message_flaw,
        genesis=genesis,
    )


def listings_in(place: str, access: Access) -> Source:
    """The listings at a shop's URL or in a file. Raises ShopError, EncodingError."""
    shop = place.strip() if is_url(place) else ""
    board = _shop(shop, access) if shop else parse_listing(read_bounded(full_path(place), ASKS_LIMIT + 1024))
    flaws = tuple(f"entry {number} of {place}: {flaw}" for number, flaw in board.flaws)
    return Source(
        where=place.strip(),
        asks=board.asks,
        place=Place.SHOP if shop else Place.PAPER,
        shop=shop,
        notes=flaws,
    )


def listings_on_board(name: str, access: Access) -> Source:
    """The listings on the registry's board of a canonical name; none, with a note, where it cannot be read."""
    where = f"{name}:dockchains-asks"
    try:
        answer = read_board(name, access.house.registry)
    except RegistryError as error:
        return Source(where=where, asks=(), place=Place.BOARD, notes=(f"the registry's board cannot be read: {error}",))
    return Source(where=where, asks=answer.asks, place=Place.BOARD, notes=answer.notes)


def read_bounded(file: Path, limit: int) -> bytes:
    """The bytes of a file. Raises EncodingError where it cannot be read or is too large."""
    try:
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise EncodingError(f"cannot read {file}: {reason}", hint="check the path") from error
    if len(data) > limit:
        raise EncodingError(f"{file} has more than {limit} bytes", hint="is this the right file?")
    return data


def genesis_of(text: str, access: Access) -> Txid:
    """The genesis of a repository by its name, or by the genesis itself."""
    try:
        return parse_txid(text.strip().lower())
    except EncodingError:
        name = bare_name(text)
    chain = access.chain()
    chain.catch_up()
    with access.session() as session:
        return meant_repository(name, None, chain, access.house.pins.load(), session, access.house.registry).genesis


def names_of(access: Access) -> Callable[[Txid], str]:
    """Tells the newest name of a repository, as this user knows it; each is looked up once."""
    house = access.house
    known = (*house.names.names(), *(pin.name for pin in house.pins.load().pins))
    chain, found = access.chain(), dict[Txid, str]()

    def name(genesis: Txid) -> str:
        if genesis not in found:
            lineage = read_lineage(chain, genesis, confirmations=1)
            found[genesis] = "" if lineage is None else _spelled(lineage.state.statements[-1].name, known)
        return found[genesis]

    return name


def _spelled(name: RecordName, known: tuple[str, ...]) -> str:
    return name.name or next((one for one in known if name.matches(one)), f"name with hash {name.name_hash.hex()}")


@contextmanager
def shop_at(url: str, access: Access, named_by: Origin | None = None) -> Iterator[ShopClient]:
    """A shop, reached as this user reaches registries; `named_by` is who named it, if not the user.

    Raises EncodingError for a URL that is none.
    """
    client = ShopClient(url.strip(), access.house.registry_settings, named_by=named_by)
    try:
        yield client
    finally:
        client.close()


def _shop(url: str, access: Access) -> Board:
    with shop_at(url, access) as client:
        return client.asks()


def by_id(asks: tuple[Ask, ...]) -> Mapping[bytes, Ask]:
    """Asks by their ids."""
    return {ask.id: ask for ask in asks}
