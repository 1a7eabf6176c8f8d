"""Listing a title, or access in lots, for sale.

New lots lie on keys that no public key derives: what would be signed can only be shown once the keys have said these.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assets.images.digest import Digest
from assets.images.offer import Ask as Listed
from assets.images.offer import Sells
from assets.images.origin import parse_origin
from assets.images.service_url import parse_service_url
from assets.services.market.listing import (
    DEFAULT_BLOCKS,
    Listing,
    Terms,
    last_terms,
    list_lots,
    list_title,
    offers_of,
    send_lots,
    sign_listing,
)
from assets.services.market.lots import RECOVERY_GAP, LotKeys, draft_lots, forgotten_keys, remember_keys
from assets.services.market.stock import Stock, exact_coins, free_lots
from assets.services.spending.drafts import Draft, address_or_nothing, fee_rate
from assets.services.wallets.session import Session
from tui.app.backend.access import Access
from tui.app.backend.market import stock_of
from tui.app.backend.market_boards import published
from tui.app.backend.market_checks import MAX_COPIES, parse_blocks
from tui.app.backend.market_lines import what_is_sold
from tui.app.backend.prepared import Finished, Shown
from tui.app.market_asks import Sell, What
from tui.verbs.image.fields import bare_name
from tui.verbs.keys import Keys
from tui.verbs.review import SignedPaper
from tui.verbs.whole_numbers import whole
from wallet.amount import Sats, format_btc, format_sats, parse_btc
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display, parse_txid
from wallet.keys.address import parse_address
from wallet.network import Network
from wallet.signer import OfferSigner

Done = Callable[[Draft], None]

_NEEDS_KEYS = (
    "New lots lie on keys of their own, so that a shop can get them one by one. No public key derives these: the"
    " password opens the keys, which say them and are forgotten again. Then the transactions are shown."
)


class _UnknownKeyError(Exception):
    """A lot's key that was not learned yet."""


class Selling:
    """Listings of one wallet. Public keys of lots that were learned are kept: they are no secret."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._keys: dict[int, bytes] = {}
        self._found: LotKeys = ()

    def learn(self, ask: Sell, signer: OfferSigner) -> None:
        """Finds lots of earlier again after a restore, and derives the public keys of those that are to be made."""
        access = self._access
        with access.session() as session, access.house.index.snapshot() as reader:
            self._found = forgotten_keys(session, reader, signer)
            start = session.store.next_index(AccountKind.SHOP, 0) + len(self._found)
        for number in range(start, start + _copies(ask) + RECOVERY_GAP):
            self._keys[number] = signer.public_key(KeyPath(AccountKind.SHOP, 0, number))

    def public_key(self, path: KeyPath) -> bytes:
        """A lot's key, where it was learned."""
        if path.index not in self._keys:
            raise _UnknownKeyError
        return self._keys[path.index]

    def _forgotten(self, session: Session) -> LotKeys:
        """The keys that were found again and that nobody wrote down since."""
        next_one = session.store.next_index(AccountKind.SHOP, 0)
        return tuple((number, key) for number, key in self._found if number >= next_one)

    def prepared(self, ask: Sell, session: Session) -> Shown:
        """What would be listed, and the transactions that make lots."""
        name = bare_name(ask.name)
        if ask.what is not What.ACCESS:
            return self._title(ask, name, session)
        stock = stock_of(parse_txid(ask.genesis), name, session, self._access)
        terms = _terms(ask, stock.genesis, session)
        if ask.again:
            return self._listing(ask, name, list_lots(free_lots(stock.genesis, session), terms, session), session)
        copies = _copies(ask)
        exact = exact_coins(stock, copies)
        if exact:
            return self._listing(ask, name, list_lots(exact, terms, session), session)
        return self._lots(ask, name, stock, terms, session)

    def _title(self, ask: Sell, name: str, session: Session) -> Shown:
        access = self._access
        genesis = parse_txid(ask.genesis)
        listing = list_title(
            genesis,
            name,
            _terms(ask, genesis, session),
            session,
            access.chain(),
            with_treasury=ask.what is What.TITLE_AND_TREASURY,
            keep_lots=ask.keep_lots,
            confirmations=access.reading_confirmations,
        )
        return self._listing(ask, name, listing, session)

    def _listing(self, ask: Sell, name: str, listing: Listing, session: Session) -> Shown:
        def finish(unlock: Keys, now: Session, done: Done) -> Finished:
            asks = sign_listing(listing, unlock(), now)
            return self._finished(ask, name, asks, now)

        shown = _shown(ask, name, listing, session.network, Shown(finish=finish, fee_is_set=True, deed=_deed(listing)))
        return replace(shown, warnings=(*shown.warnings, *_replaced(ask, listing, session)))

    def _lots(self, ask: Sell, name: str, stock: Stock, terms: Terms, session: Session) -> Shown:
        rate = fee_rate(session, self._access.rate(ask.rate))
        try:
            lots = draft_lots(stock.coins, _copies(ask), session, self, rate, name=name, found=self._forgotten(session))
        except _UnknownKeyError:
            return Shown(finish=_nothing, heading=f"Lots of {name}", deed="Show the lots", needs_keys=_NEEDS_KEYS)
        listing = list_lots(lots.lots, terms, lots.session)

        def finish(unlock: Keys, now: Session, done: Done) -> Finished:
            signer = unlock()
            remember_keys(lots, now)
            asks = sign_listing(listing, signer, lots.session)
            send_lots(lots, asks, unlock, done)
            self._access.know_lots()
            return self._finished(ask, name, asks, now)

        shown = Shown(finish=finish, drafts=lots.drafts, deed="List, sign and send")
        return _shown(ask, name, listing, session.network, shown)

    def _finished(self, ask: Sell, name: str, asks: Sequence[Listed], session: Session) -> Finished:
        notes = (published(name, asks[0].genesis, session, self._access),) if ask.publish else ()
        return Finished(notes=notes, papers=(SignedPaper(kind="listing", ids=tuple(one.id.hex() for one in asks)),))


def _nothing(unlock: Keys, now: Session, done: Done) -> Finished:
    raise StateError("nothing was shown yet", hint="give the password, and look at what it shows")


def _copies(ask: Sell) -> int:
    return whole(ask.copies or "0", least=1, most=MAX_COPIES, what="a number of lots") if not ask.again else 0


def _terms(ask: Sell, genesis: Txid, session: Session) -> Terms:
    """What was typed; where it is listed again, the rest as it was asked the last time."""
    price = parse_btc(ask.price.strip()) if ask.price.strip() else None
    given = Terms(price=price or Sats(0), blocks=parse_blocks(ask.blocks) or DEFAULT_BLOCKS)
    if ask.again:
        kinds = [kind for kind in Sells if kind.has_title == (ask.what is not What.ACCESS)]
        last, _ = last_terms(session, genesis, kinds)
        given = replace(last, price=price or last.price, blocks=given.blocks)
    elif price is None:
        raise EncodingError("no price", hint="say it in BTC, such as 0.0005")
    return replace(
        given,
        pay_to=parse_address(ask.pay_to.strip(), session.network) if ask.pay_to.strip() else given.pay_to,
        terms=Digest.parse(ask.terms.strip()) if ask.terms.strip() else given.terms,
        gate=parse_origin(ask.gate.strip()) if ask.gate.strip() else given.gate,
        bids_to=parse_service_url(ask.bids_to.strip()) if ask.bids_to.strip() else given.bids_to,
    )


def _replaced(ask: Sell, listing: Listing, session: Session) -> tuple[str, ...]:
    """Whoever was sent an earlier listing of the same coins sees it refused from now on."""
    coins = [outpoint for one in listing.asks for outpoint in one.outpoints]
    earlier = {entry.id for coin in coins for entry in offers_of(session).on(coin)}
    if not earlier or ask.publish:
        return ()
    which = "an earlier listing" if len(earlier) == 1 else f"{len(earlier):,} earlier listings"
    return (f"this replaces {which}: whoever was sent one sees it refused, and publishing renews the board",)


def _deed(listing: Listing) -> str:
    return "Sign the listing" if len(listing.asks) == 1 else f"Sign {len(listing.asks):,} listings"


def _shown(ask: Sell, name: str, listing: Listing, network: Network, shown: Shown) -> Shown:
    """What is about to be listed, beside the transactions that it takes."""
    first, count = listing.asks[0], len(listing.asks)
    each = " each" if count > 1 else ""
    what = what_is_sold(first.sells, first.units)
    return replace(
        shown,
        heading=f"{count:,} listings of {name}" if count > 1 else f"A listing of {name}",
        facts=(
            ("genesis", display(first.genesis)),
            ("sells", f"{what}{f', {count:,} times' if count > 1 else ''}"),
            ("price", f"{format_btc(first.price)} BTC{each}, and {format_sats(first.value)} that are in the coins"),
            ("void from", f"block {first.expires:,}; it ends before, once its coin moves"),
            ("paid to", address_or_nothing(first.pay_to, network) or first.pay_to.hex()),
            ("terms", "" if first.terms is None else str(first.terms)),
            ("gate", first.gate or ""),
            ("bids go to", first.bids_to or ""),
            ("board", "all listings are published afterwards" if ask.publish else ""),
        ),
        warnings=listing.warnings,
    )
