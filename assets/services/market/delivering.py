"""Use case: hand a bid to a shop, and ask what became of it.

A bid that left for a shop is a signed transaction in somebody else's hands: where no answer comes it is *perhaps
taken*, and stays so until the shop answers or the chain does. That is written down before the request leaves, so that a
kill in between changes nothing.
"""

from collections.abc import Callable
from typing import Protocol

from assets.errors import OfferError, PerhapsTakenError, ShopError, ShopUnreachedError
from assets.remedies import ImageRemedy
from assets.services.market.listing import offers_of
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.errors import StateError
from wallet.hashes import display
from wallet.store.offers import OfferEntry, OfferKind, OfferState


class ShopReply(Protocol):
    """What a shop says of a bid: `state` in its words, and the sale's txid or nothing."""

    @property
    def state(self) -> str:
        """In words that are harmless to show."""

    @property
    def txid(self) -> str:
        """In display order, or empty."""


class BidTaker(Protocol):
    """A shop, as `assets.server.shop_client` reaches one."""

    url: str

    def bid(self, package: bytes) -> ShopReply:
        """Raises OfferError with its reason, ShopUnreachedError, ShopError where the outcome is not known."""

    def outcome(self, bid_id: bytes) -> ShopReply:
        """Raises OfferError where it knows no such bid or refused it, ShopError."""


def hand_to_shop(id_: bytes, shop: BidTaker, session: Session) -> ShopReply:
    """Hands an open bid of this wallet over; the same one again gets the same answer.

    Raises OfferError with the shop's reason, ShopUnreachedError where the shop did not get it, and PerhapsTakenError
    where no answer says what became of it; the bid stays open and its coins reserved either way.
    """
    entry, offers = _open_bid(id_, session), offers_of(session)
    offers.hand(id_, entry.unanswered | {shop.url})
    try:
        return _answered(entry, shop, session, lambda: shop.bid(entry.companion))
    except ShopUnreachedError as error:
        offers.hand(id_, entry.unanswered)
        if shop.url in entry.unanswered:
            raise _perhaps_taken(entry, shop.url, str(error)) from error
        raise
    except ShopError as error:
        raise _perhaps_taken(entry, shop.url, str(error)) from error


def ask_shop(id_: bytes, shop: BidTaker, session: Session) -> ShopReply:
    """What became of an open bid, without handing it over.

    Raises OfferError where the shop refused it or knows nothing of it, ShopError where it does not answer, which is
    PerhapsTakenError where it was handed the bid.
    """
    entry = _open_bid(id_, session)
    try:
        return _answered(entry, shop, session, lambda: shop.outcome(id_))
    except ShopError as error:
        if shop.url in entry.unanswered:
            raise _perhaps_taken(entry, shop.url, str(error)) from error
        raise


def _answered(entry: OfferEntry, shop: BidTaker, session: Session, ask: Callable[[], ShopReply]) -> ShopReply:
    """An answer, also a refusal, ends the question what became of the bid there."""
    try:
        reply = ask()
    except OfferError:
        offers_of(session).hand(entry.id, entry.unanswered - {shop.url})
        raise
    offers_of(session).hand(entry.id, entry.unanswered - {shop.url})
    return reply


def _perhaps_taken(entry: OfferEntry, shop: str, why: str) -> PerhapsTakenError:
    assert entry.txid is not None, "a bid comes with a transaction"
    return PerhapsTakenError(
        f"{why}: the shop has perhaps taken bid {entry.id.hex()[:16]}, and may complete the sale"
        f" {display(entry.txid)}; its coins stay reserved until block {entry.expires:,}",
        bid=entry.id.hex(),
        txid=display(entry.txid),
        shop=shop,
        expires=entry.expires,
        hint=what_helps(entry.id, shop),
    )


def what_helps(id_: bytes, shop: str) -> Prose:
    """What a buyer does about a bid that is perhaps taken."""
    asked = ImageRemedy.ASK_SHOP.of(shop=shop, bid=id_.hex()[:16], id=id_.hex())
    return asked + ". Do not buy another instead before one of these has answered"


def _open_bid(id_: bytes, session: Session) -> OfferEntry:
    entry = offers_of(session).entry(id_)
    if entry is None or entry.kind is not OfferKind.BID or entry.state is not OfferState.OPEN:
        state = "unknown" if entry is None else entry.state
        raise StateError(f"{id_.hex()[:16]} is no open bid: it is {state}", hint=ImageRemedy.SEE_BIDS.of())
    return entry
