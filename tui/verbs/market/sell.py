"""Listing a title, or access in lots, for sale.

New lots lie on keys that no public key derives: what would be signed can only be shown once the keys have said these,
which they do by `with_keys`.
"""

from collections.abc import Sequence
from dataclasses import replace

from assets.images.offer import Ask, Sells
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
from assets.services.market.lots import RECOVERY_GAP, draft_lots, forgotten_keys, new_keys, remember_keys
from assets.services.market.stock import exact_coins, free_lots
from assets.services.spending.drafts import address_or_nothing, fee_rate
from assets.services.wallets.session import Session
from tui.verbs.files import require_new, write_new
from tui.verbs.keys import Keys
from tui.verbs.market.boards import renewed
from tui.verbs.market.papers import document_of, fitting
from tui.verbs.market.requests import LotKeys, Sell, What
from tui.verbs.market.stock import stock_of
from tui.verbs.market.views import Listed, Unsigned
from tui.verbs.market.words import what_is_sold
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import KeysFirst, SignedPaper
from tui.verbs.workplace import Workplace
from wallet.amount import Sats, format_btc, format_sats
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError
from wallet.hashes import display
from wallet.keys.address import parse_address
from wallet.network import Network

_WHY = (
    "New lots lie on keys of their own, so that a shop can get them one by one. No public key derives these: the"
    " password opens the keys, which say them and are forgotten again. Then the transactions are shown."
)


class _UnknownKeyError(Exception):
    """A lot's key that nobody said yet."""


def prepare(request: Sell, place: Workplace) -> Prepared[Listed] | KeysFirst:
    """What would be listed, and the transactions that make lots; the keys first, where these must say theirs.

    Raises NotOwnerError, StateError, StoreError where `out` cannot be written, EncodingError.
    """
    require_new(request.out)

    def make(session: Session) -> Ready[Listed]:
        if request.what is not What.ACCESS:
            return _listing(request, _title(request, session, place), session, place)
        stock = stock_of(request.genesis, request.name, session, place)
        terms = _terms(request, session)
        if request.again:
            return _listing(request, list_lots(free_lots(request.genesis, session), terms, session), session, place)
        if request.copies is None:
            raise EncodingError("not a number of lots", hint="say how many lots are to be made")
        exact = exact_coins(stock, request.copies)
        if exact:
            return _listing(request, list_lots(exact, terms, session), session, place)
        rate = fee_rate(session, place.rate(request.rate))
        said = _Said(request.keys or LotKeys())
        lots = draft_lots(
            stock.coins, request.copies, session, said, rate, name=request.name, found=said.forgotten(session)
        )
        listing = list_lots(lots.lots, terms, lots.session)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Listed]:
            made = replace(lots, session=replace(now, account=lots.session.account))
            signer = keys()
            remember_keys(made, now)
            asks = sign_listing(listing, signer, made.session)
            send_lots(made, asks, keys, done)
            return _ended(request, asks, now, place)

        ready = Ready(drafts=lots.drafts, ending=ending, deed="List, sign and send", facts=said.facts(session))
        return _described(ready, request, listing, session.network)

    try:
        return prepared(request, place, make, rate=request.rate)
    except _UnknownKeyError:
        return KeysFirst(request=request, why=_WHY, deed="Show the lots")


def with_keys(request: Sell, place: Workplace, keys: Keys) -> Sell:
    """The same with what only the keys know: the keys of lots of earlier, found again after a restore, and of new ones.

    Nothing is written or signed. Raises WrongPasswordError.
    """
    signer = keys()
    with place.session() as session, place.house.index.snapshot() as reader:
        found = forgotten_keys(session, reader, signer)
        start = session.store.next_index(AccountKind.SHOP, 0) + len(found)
    count = (request.copies or 0) + RECOVERY_GAP
    return replace(request, keys=LotKeys(found=found, new=new_keys(start, signer, count)))


class _Said:
    """Implements `KeyDeriver` by what the keys have said."""

    def __init__(self, keys: LotKeys) -> None:
        self._keys = keys

    def public_key(self, path: KeyPath) -> bytes:
        """A lot's key, where it was said."""
        key = dict(self._keys.new).get(path.index)
        if key is None:
            raise _UnknownKeyError
        return key

    def forgotten(self, session: Session) -> tuple[tuple[int, bytes], ...]:
        """The keys that were found again and that nobody wrote down since."""
        next_one = session.store.next_index(AccountKind.SHOP, 0)
        return tuple((number, key) for number, key in self._keys.found if number >= next_one)

    def facts(self, session: Session) -> tuple[tuple[str, str], ...]:
        """That lots of earlier were found again, for a person."""
        count = len(self.forgotten(session))
        again = f"found {count:,} keys of lots that were made before: what is left on them is shown once these are made"
        return (("restored", again if count else ""),)


def _title(request: Sell, session: Session, place: Workplace) -> Listing:
    return list_title(
        request.genesis,
        request.name,
        _terms(request, session),
        session,
        place.chain(),
        with_treasury=request.what is What.TITLE_AND_TREASURY,
        keep_lots=request.keep_lots,
        confirmations=place.reading_confirmations,
    )


def _listing(request: Sell, listing: Listing, session: Session, place: Workplace) -> Ready[Listed]:
    """Listings of coins that are there."""

    def ending(keys: Keys, now: Session, done: Done) -> Ended[Listed]:
        return _ended(request, sign_listing(listing, keys(), now), now, place)

    count = len(listing.asks)
    deed = "Sign the listing" if count == 1 else f"Sign {count:,} listings"
    warnings = _replaced(request, listing, session)
    return _described(
        Ready(ending=ending, deed=deed, fee_is_set=True, warnings=warnings), request, listing, session.network
    )


def _ended(request: Sell, asks: Sequence[Ask], session: Session, place: Workplace) -> Ended[Listed]:
    document, fits = document_of(asks), fitting(asks)
    if request.out is not None:
        write_new(request.out, document.encode("ascii") + b"\n")
    board = renewed(request.name, request.genesis, session, place, wanted=request.publish)
    short = f"the document holds {fits:,} of {len(asks):,} listings: it takes no more"
    listed = Listed(
        name=request.name,
        genesis=display(request.genesis),
        asks=tuple({**ask.document(), "id": ask.id.hex()} for ask in asks),
        board=board.digest,
        document=document,
    )
    return Ended(
        result=listed,
        notes=(*((short,) if fits < len(asks) else ()), *board.notes),
        papers=(SignedPaper(kind="listing", ids=listed.ids),),
        to_do=board.to_do,
    )


def _terms(request: Sell, session: Session) -> Terms:
    """What was said; where it is listed again, the rest as it was asked the last time."""
    blocks = DEFAULT_BLOCKS if request.blocks is None else request.blocks
    given = Terms(price=request.price or Sats(0), blocks=blocks)
    if request.again:
        kinds = [kind for kind in Sells if kind.has_title == (request.what is not What.ACCESS)]
        last, _ = last_terms(session, request.genesis, kinds)
        given = replace(last, price=last.price if request.price is None else request.price, blocks=blocks)
    elif request.price is None:
        raise EncodingError("no price", hint="say it in BTC, such as 0.0005")
    return replace(
        given,
        pay_to=given.pay_to if request.pay_to is None else parse_address(request.pay_to.strip(), session.network),
        terms=request.terms or given.terms,
        gate=request.gate or given.gate,
        bids_to=request.bids_to or given.bids_to,
    )


def _replaced(request: Sell, listing: Listing, session: Session) -> tuple[str, ...]:
    """Whoever was sent an earlier listing of the same coins sees it refused from now on."""
    coins = [outpoint for one in listing.asks for outpoint in one.outpoints]
    earlier = {entry.id for coin in coins for entry in offers_of(session).on(coin)}
    if not earlier or request.publish:
        return ()
    which = "an earlier listing" if len(earlier) == 1 else f"{len(earlier):,} earlier listings"
    return (f"this replaces {which}: whoever was sent one sees it refused, and publishing renews the board",)


def _described(ready: Ready[Listed], request: Sell, listing: Listing, network: Network) -> Ready[Listed]:
    """With what is about to be listed, beside the transactions that it takes."""
    first, count = listing.asks[0], len(listing.asks)
    what, each = what_is_sold(first.sells, first.units), " each" if count > 1 else ""
    return replace(
        ready,
        heading=f"{count:,} listings of {request.name}" if count > 1 else f"A listing of {request.name}",
        facts=(
            ("genesis", display(first.genesis)),
            ("sells", f"{what}{f', {count:,} times' if count > 1 else ''}"),
            ("price", f"{format_btc(first.price)} BTC{each}, and {format_sats(first.value)} that are in the coins"),
            ("void from", f"block {first.expires:,}; it ends before, once its coin moves"),
            ("paid to", address_or_nothing(first.pay_to, network) or first.pay_to.hex()),
            ("terms", "" if first.terms is None else str(first.terms)),
            ("gate", first.gate or ""),
            ("bids go to", first.bids_to or ""),
            ("board", "all listings are published afterwards" if request.publish else ""),
            ("file", "" if request.out is None else str(request.out)),
            *ready.facts,
        ),
        warnings=(*listing.warnings, *ready.warnings),
        details=Unsigned(asks=tuple(ask.document() for ask in listing.asks)),
    )
