"""Handing a bid over again: to a shop that did not answer, or to whoever lost it. It is the same bid, sold once."""

from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.call import Call
from tui.cli.output import Output

if TYPE_CHECKING:
    from assets.registry.endpoint import Origin
    from assets.services.market.delivering import ShopReply
    from assets.services.wallets.session import Session
    from wallet.store.offers import OfferEntry


def resend(call: Call, text: str, place: str | None, out: Path | None) -> Output:
    """The bid whose id begins so, to the shop at `place`, to the one that its listing names, or as text."""
    from assets.images.offer import Ask
    from assets.registry.endpoint import STRANGER
    from assets.services.market.own_bids import stand_again
    from assets.services.market.withdrawing import find_offer
    from tui.verbs.files import write_new
    from wallet.hashes import display

    session = call.session()
    entry = stand_again(find_offer(text, session), session)
    _require_open(entry)
    assert entry.txid is not None, "a bid comes with a transaction"
    if out is not None:
        write_new(out, entry.companion + b"\n")
    data: dict[str, object] = {
        "bid": entry.id.hex(),
        "txid": display(entry.txid),
        "expires": entry.expires,
        "package": entry.companion.decode("ascii"),
        "state": "open",
    }
    shop = place or (None if out is not None else Ask.parse(entry.answers).bids_to)
    if shop is None:
        return Output(data=data, text=entry.id.hex() if out is not None else entry.companion.decode("ascii"))
    named_by = None if place is not None else STRANGER
    answer = to_shop(call, session, shop, entry.id, entry.expires, named_by=named_by)
    return Output(data={**data, "state": answer.state}, text=f"{answer.state} {answer.txid}".strip())


def outcome(call: Call, text: str, place: str | None) -> Output:
    """What the shop at `place`, or every shop that was handed it, says of the bid whose id begins so."""
    from assets.images.offer import Ask
    from assets.registry.endpoint import STRANGER
    from assets.services.market.delivering import ask_shop
    from assets.services.market.withdrawing import find_offer
    from tui.cli.market import shop_at
    from wallet.errors import StateError
    from wallet.hashes import display

    session = call.session()
    entry = find_offer(text, session)
    _require_open(entry)
    assert entry.txid is not None, "a bid comes with a transaction"
    shop = place or next(iter(sorted(entry.unanswered)), None) or Ask.parse(entry.answers).bids_to
    if shop is None:
        raise StateError(f"no shop is known for bid {entry.id.hex()[:16]}", hint="say its URL")
    with shop_at(call, shop, None if place is not None else STRANGER) as client:
        answer = ask_shop(entry.id, client, session)
    data = {"bid": entry.id.hex(), "txid": display(entry.txid), "expires": entry.expires, "state": answer.state}
    return Output(data=data, text=f"{answer.state} {answer.txid}".strip())


def to_shop(
    call: Call, session: "Session", url: str, id_: bytes, expires: int, *, named_by: "Origin | None" = None
) -> "ShopReply":
    """Hands a bid to a shop, which `named_by` named if the user did not.

    Raises OfferError with the shop's reason, ShopError; the bid stays open either way.
    """
    from assets.errors import OfferError
    from assets.services.market.delivering import hand_to_shop
    from tui.cli.market import shop_at

    call.note(f"bid {id_.hex()} goes to {url}")
    short = id_.hex()[:16]
    try:
        with shop_at(call, url, named_by) as client:
            return hand_to_shop(id_, client, session)
    except OfferError:
        call.note(
            f"bid {short} stays open, its coins reserved, until block {expires:,}, or until a block has the lot's sale"
            f" to somebody else; `dockchains market cancel {short}` ends it now"
        )
        raise


def _require_open(entry: "OfferEntry") -> None:
    from wallet.errors import StateError
    from wallet.store.offers import OfferKind, OfferState

    if entry.kind is not OfferKind.BID or entry.state is not OfferState.OPEN:
        raise StateError(
            f"{entry.id.hex()[:16]} is no open bid: it is {entry.state}", hint="`dockchains market offers` shows yours"
        )
