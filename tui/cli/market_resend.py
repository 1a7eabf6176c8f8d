"""Handing a bid over again: to a shop that did not answer, or to whoever lost it. It is the same bid, sold once."""

from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.call import Call
from tui.cli.output import Output

if TYPE_CHECKING:
    from wallet.store.offers import OfferEntry


def resend(call: Call, text: str, place: str | None, out: Path | None) -> Output:
    """The bid whose id begins so, to the shop at `place`, to the one that its listing names, or as text."""
    from assets.images.offer import Ask
    from assets.server.shop_client import ShopClient
    from assets.services.market.withdrawing import find_offer
    from tui.cli.private_output import write_new
    from wallet.hashes import display

    entry = find_offer(text, call.session())
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
    call.note(f"bid {entry.id.hex()} goes to {shop}")
    client = ShopClient(shop)
    try:
        answer = client.bid(entry.companion)
    finally:
        client.close()
    return Output(data={**data, "state": answer.state}, text=f"{answer.state} {answer.txid}".strip())


def _require_open(entry: "OfferEntry") -> None:
    from wallet.errors import StateError
    from wallet.store.offers import OfferKind, OfferState

    if entry.kind is not OfferKind.BID or entry.state is not OfferState.OPEN:
        raise StateError(
            f"{entry.id.hex()[:16]} is no open bid: it is {entry.state}", hint="`dockchains market offers` shows yours"
        )
