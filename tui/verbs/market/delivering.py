"""Handing bids to shops: where they go, who named that place, and what came of it. It is the same bid, sold once."""

from assets.errors import OfferError
from assets.images.offer import Ask
from assets.registry.endpoint import Origin
from assets.services.market.buying import namer_of, shop_of
from assets.services.market.delivering import ShopReply, ask_shop, hand_to_shop
from assets.services.market.own_bids import stand_again
from assets.services.market.withdrawing import find_offer
from assets.services.wallets.session import Session
from tui.verbs.files import require_new, write_new
from tui.verbs.market.listings import shop_at
from tui.verbs.market.requests import AskOutcome, Resend
from tui.verbs.market.views import Delivered
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.advice import joined
from wallet.errors import StateError
from wallet.hashes import Txid, display
from wallet.store.offers import OfferEntry, OfferKind, OfferState

Destination = tuple[str, Origin | None]
"""A shop's URL, and who named it, None where the user did."""


def destination(ask: Ask, known: str, *, seen_at: str | None, given: str | None) -> Destination | None:
    """Where a bid goes: to the shop that was `given` (nowhere for an empty text), else as listing and finder say.

    `known` is how the user calls the repository, since a listing can claim any name; `seen_at` is the shop that the
    user asked, and that showed the listing.
    """
    if given is not None:
        return (given, None) if given else None
    found = shop_of(ask, known, seen_at)
    return None if found is None else (found, namer_of(found, ask, known, seen_at))


def pinned_name(genesis: Txid, place: Reading) -> str:
    """What this user pinned a repository as, or an empty text."""
    return next((pin.name for pin in place.pins.load().pins if pin.genesis == genesis), "")


def reply_words(reply: ShopReply) -> str:
    """What a shop says of a bid."""
    return f"{reply.state} {reply.txid}".strip()


def hand_over(id_: bytes, expires: int, to: Destination, session: Session, place: Reading) -> ShopReply:
    """Hands an open bid to a shop.

    Raises OfferError with the shop's reason, PerhapsTakenError, ShopError; the bid stays open either way.
    """
    url, named_by = to
    try:
        with shop_at(url, place, named_by) as client:
            return hand_to_shop(id_, client, session)
    except OfferError as error:
        error.advice = joined("; ", [one for one in (error.advice, _stays_open(id_, expires)) if one])
        raise


def resend(request: Resend, place: Workplace) -> Delivered:
    """An open bid once more, as it is. Raises StateError where it is none any more, and as `hand_over`."""
    require_new(request.out)
    with place.session() as session:
        entry = _open(stand_again(find_offer(request.bid, session), session))
        if request.out is not None:
            write_new(request.out, entry.companion + b"\n")
        to = None if request.out is not None and request.shop is None else _shop_of(entry, request.shop, place)
        if to is None:
            return _delivered(entry, None, "")
        return _delivered(entry, hand_over(entry.id, entry.expires, to, session, place), to[0])


def ask_outcome(request: AskOutcome, place: Workplace) -> Delivered:
    """What a shop says of an open bid; nothing is handed over. Raises StateError where no shop is known, ShopError."""
    with place.session() as session:
        entry = _open(find_offer(request.bid, session))
        handed = next(iter(sorted(entry.unanswered)), None)
        to = _shop_of(entry, request.shop or handed, place)
        if to is None:
            raise StateError(f"no shop is known for bid {entry.id.hex()[:16]}", hint="say its URL")
        with shop_at(to[0], place, to[1]) as client:
            return _delivered(entry, ask_shop(entry.id, client, session), to[0])


def _shop_of(entry: OfferEntry, given: str | None, place: Reading) -> Destination | None:
    known = pinned_name(entry.subject, place)
    return destination(Ask.parse(entry.answers), known, seen_at=None, given=given or None)


def _delivered(entry: OfferEntry, reply: ShopReply | None, shop: str) -> Delivered:
    assert entry.txid is not None, "a bid comes with a transaction"
    return Delivered(
        bid=entry.id.hex(),
        txid=display(entry.txid),
        expires=entry.expires,
        package=entry.companion.decode("ascii"),
        state="open" if reply is None else reply.state,
        reply="" if reply is None else reply_words(reply),
        shop=shop,
    )


def _open(entry: OfferEntry) -> OfferEntry:
    if entry.kind is not OfferKind.BID or entry.state is not OfferState.OPEN:
        raise StateError(
            f"{entry.id.hex()[:16]} is no open bid: it is {entry.state}", hint="`dockchains market offers` shows yours"
        )
    return entry


def _stays_open(id_: bytes, expires: int) -> str:
    short = id_.hex()[:16]
    return (
        f"bid {short} stays open, its coins reserved, until block {expires:,}, or until a block has the lot's sale to"
        f" somebody else; `dockchains market cancel {short}` ends it now"
    )
