"""Listings, bids and sales of an open wallet."""

from contextlib import AbstractContextManager
from pathlib import Path

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.errors import NotOwnerError
from assets.images.bid import PACKAGE_LIMIT, BidPackage
from assets.images.offer import Ask, Sells
from assets.server.shop_client import ShopClient
from assets.services.market.bid_checks import Result, judge_bid
from assets.services.market.buying import namer_of
from assets.services.market.delivering import ShopReply, ask_shop, hand_to_shop
from assets.services.market.listing import coins_at_shop, last_terms, offers_of, open_asks, own_word
from assets.services.market.lots import own_lots
from assets.services.market.offers import Judge, Place, Source, gather, rank
from assets.services.market.own_bids import bids_of, stand_again
from assets.services.market.own_listings import own_listings
from assets.services.market.secret_due import secrets_due
from assets.services.market.stock import Stock, holders_stock, owners_stock
from assets.services.market.withdrawing import find_offer, withdraw_asks
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from tui.app.backend.access import Access
from tui.app.backend.checks import bare_name
from tui.app.backend.market_boards import publish
from tui.app.backend.market_checks import full_path
from tui.app.backend.market_lines import bid_line, bid_paper, listing_line, listing_paper, offer_line
from tui.app.backend.market_reading import (
    HERE,
    by_id,
    genesis_of,
    listings_in,
    listings_on_board,
    names_of,
    read_bounded,
    rules,
    shop_at,
)
from tui.app.backend.market_secrets import document_of
from tui.app.market_asks import Look
from tui.app.market_views import CheckLine, Desk, Judgement, OffersList, Paper, StockView
from tui.app.remedies import words
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import Txid, display, parse_txid
from wallet.keys.message import message_flaw
from wallet.store.files import write_private
from wallet.store.offers import OfferEntry


class HouseMarket:
    """Implements `MarketServices`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def desk(self) -> Desk:
        """This wallet's listings, bids and sales; coins of bids that are settled or expired become free."""
        access = self._access
        access.know_lots()
        access.chain().catch_up()
        notes, named = access.news(), names_of(access)
        with access.session() as session:
            listings, bids = own_listings(session), bids_of(session)
            entries = {one.id: offers_of(session).entry(bytes.fromhex(one.id)) for one in bids}
            due, height = secrets_due(session), session.source.tip().height
        return Desk(
            height=height,
            listings=tuple(listing_line(one, named) for one in reversed(listings)),
            bids=tuple(bid_line(one, entries[one.id], named) for one in bids),
            notes=notes,
            owed=tuple(one.txid for one in due if one.mine),
            awaited=tuple(one.txid for one in due if not one.mine),
        )

    def offers(self, look: Look) -> OffersList:
        """What is for sale, each checked against the chain; the wallet's own listings are among them."""
        access = self._access
        about = look.repository.strip()
        genesis = genesis_of(look.genesis or about, access) if look.genesis or about else None
        with access.session() as session:
            mine = open_asks(session, genesis) if about else ()
            own = own_word(session)
        sources = [Source(where=HERE, asks=mine, place=Place.OWN), *self._sources(look)]
        node = access.house.node
        judge = Judge(rules=rules(access, genesis), source=node, colors=ColorWalker(node, MemoryCache()).color, own=own)
        views = rank(gather(sources), judge, mine=frozenset(ask.id for ask in mine))
        asks = by_id(tuple(ask for one in sources for ask in one.asks))
        shops, named = {one.where: one.shop for one in sources}, names_of(access)
        return OffersList(
            repository=named(genesis) if genesis is not None else "",
            genesis=display(genesis) if genesis is not None else "",
            offers=tuple(offer_line(one, asks[bytes.fromhex(one.id)], shops[one.where], named) for one in views),
            notes=tuple(note for one in sources for note in one.notes),
        )

    def stock(self, genesis: str, name: str) -> StockView:
        """What this wallet can sell of a repository."""
        access, canonical = self._access, bare_name(name)
        access.know_lots()
        with access.session() as session:
            stock = stock_of(parse_txid(genesis), canonical, session, access)
            lots, away = own_lots(session, stock.genesis), coins_at_shop(session)
            at_shop = sum(lot.prevout.outpoint in away for lot in lots)
            prices = tuple(
                (sells.value, price) for sells in Sells if (price := _last_price(session, stock.genesis, sells))
            )
        return StockView(
            name=canonical,
            genesis=display(stock.genesis),
            owned=stock.owned,
            units=sum(coin.units.quantity for coin in stock.coins),
            lots=len(lots),
            at_shop=at_shop,
            last_prices=prices,
        )

    def look(self, text: str) -> str:
        """What a pasted text is. Raises EncodingError where it is no bid."""
        bid = BidPackage.parse(_encoded(text)).bid
        return f"a bid for your listing {bid.ask.hex()[:16]}, until block {bid.expires:,}"

    def read(self, file: str) -> str:
        """The bid in a file."""
        path = full_path(file)
        text = read_bounded(path, PACKAGE_LIMIT + 2).decode("utf-8", "replace").strip()
        self.look(text)
        return text

    def judge(self, package: str) -> Judgement:
        """The seller's checks of a bid."""
        parsed = BidPackage.parse(_encoded(package))
        self._access.know_lots()
        with self._access.session() as session:
            outcome = judge_bid(parsed, session, message_flaw)
        refusal = outcome.refusal
        hint = f" - {words(refusal.advice)}" if refusal is not None and refusal.advice else ""
        why = "" if refusal is None else f"{refusal}{hint}"
        checks = tuple(
            CheckLine(name=check.value, state=result.value, why=why if result is Result.FAILED else "")
            for check, result in outcome.results
        )
        return Judgement(checks=checks, refusal=why)

    def bid(self, bid: str) -> Paper:
        """A bid of this wallet, as it is handed to its seller."""
        with self._access.session() as session:
            return bid_paper(find_offer(bid, session), names_of(self._access))

    def listing(self, asks: tuple[str, ...]) -> Paper:
        """Listings of this wallet, as they are handed to buyers."""
        with self._access.session() as session:
            found = tuple(Ask.parse(_entry(one, session).document) for one in asks)
        return listing_paper(found, names_of(self._access))

    def write(self, file: str, text: str) -> str:
        """Writes a document to a new file that only this user can read."""
        path = new_file(file)
        write_private(path, text.encode("utf-8") + b"\n", overwrite=False)
        return str(path)

    def send(self, bid: str, shop: str) -> str:
        """Hands a bid to a shop."""
        with self._access.session() as session:
            entry = stand_again(find_offer(bid, session), session)
            return hand_over(entry.id, Ask.parse(entry.answers), shop, session, self._access)

    def outcome(self, bid: str, shop: str) -> str:
        """Asks a shop what became of a bid."""
        with self._access.session() as session:
            entry = find_offer(bid, session)
            with _shop_for(Ask.parse(entry.answers), shop, self._access) as client:
                return _said(ask_shop(entry.id, client, session))

    def secret(self, file: str, text: str) -> str:
        """What a seller handed over."""
        return document_of(file, text)

    def withdraw(self, asks: tuple[str, ...]) -> None:
        """Forgets listings."""
        with self._access.session() as session:
            withdraw_asks(tuple(_entry(one, session) for one in asks), session)

    def publish(self, genesis: str) -> str:
        """Puts all open listings of a repository on its registry's board."""
        access, txid = self._access, parse_txid(genesis)
        name = names_of(access)(txid)
        if "/" not in name:
            raise StateError(
                f"nobody told this wallet what genesis {genesis} is called", hint="look the repository up by its name"
            )
        with access.session() as session:
            return publish(name, txid, session, access)

    def _sources(self, look: Look) -> list[Source]:
        about, found = look.repository.strip(), list[Source]()
        if "/" in about:
            found.append(listings_on_board(bare_name(about), self._access))
        if look.source.strip():
            found.append(listings_in(look.source, self._access))
        return found


def stock_of(genesis: Txid, name: str, session: Session, access: Access) -> Stock:
    """What a wallet can sell of a repository: as its owner, or as somebody who holds access units."""
    owned = title_here(genesis, name, session, access)
    return holders_stock(genesis, session) if owned is None else owners_stock(owned, session)


def title_here(genesis: Txid, name: str, session: Session, access: Access) -> OwnedTitle | None:
    """The title of a repository, which goes by a canonical name, where it is this wallet's."""
    try:
        return title_of(genesis, name, session, access.chain(), confirmations=access.reading_confirmations)
    except NotOwnerError:
        return None


def hand_over(bid: bytes, ask: Ask, shop: str, session: Session, access: Access) -> str:
    """Hands a bid for `ask` to a shop; its answer in words. Raises OfferError with the shop's reason, ShopError."""
    with _shop_for(ask, shop, access) as client:
        return _said(hand_to_shop(bid, client, session))


def _shop_for(ask: Ask, shop: str, access: Access) -> AbstractContextManager[ShopClient]:
    """A shop to which a bid for `ask` goes, or went."""
    return shop_at(shop, access, named_by=namer_of(shop.strip(), ask, names_of(access)(ask.genesis), None))


def _said(reply: ShopReply) -> str:
    return f"the shop says: {reply.state} {reply.txid}".rstrip()


def new_file(text: str) -> Path:
    """Where a new file goes. Raises StoreError where it is there already, or where its folder is not."""
    path = full_path(text)
    if not path.is_absolute():
        raise EncodingError("not a full path", hint="such as /home/you/bid.json")
    if path.exists():
        raise StoreError(f"{path} exists already", hint="name a new file")
    if not path.parent.is_dir():
        raise StoreError(f"there is no folder {path.parent}", hint="make it first, or choose another")
    return path


def _entry(id_: str, session: Session) -> OfferEntry:
    return find_offer(id_, session)


def _last_price(session: Session, genesis: Txid, sells: Sells) -> int:
    try:
        return last_terms(session, genesis, (sells,))[0].price
    except StateError:
        return 0


def _encoded(text: str) -> bytes:
    if len(text) > PACKAGE_LIMIT:
        raise EncodingError("too long for a bid", hint=f"at most {PACKAGE_LIMIT:,} characters")
    try:
        return text.encode("ascii")
    except UnicodeEncodeError as error:
        raise EncodingError("no bid has such characters", hint="paste exactly what the buyer sent") from error
