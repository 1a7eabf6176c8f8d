"""What of the market needs a person: bids that wait, sales on their way, listings that are over."""

from collections.abc import Iterator, Sequence

from assets.services.market.own_bids import PERHAPS_TAKEN
from assets.services.market.secret_due import SecretDue
from assets.services.read_models.offer_views import BidView, LotView
from assets.services.read_models.transaction_views import Concern

PLACE = "market"
"""Where these concerns are looked at."""


def market_concerns(
    listings: Sequence[LotView], bids: Sequence[BidView], due: Sequence[SecretDue] = ()
) -> Iterator[Concern]:
    """The gravest first; nothing where the market is quiet. `due` are secrets of repositories that were sold."""
    for one in due:
        whose = "its buyer waits for the secret" if one.mine else "its seller owes you the secret"
        yield Concern(level="warning", text=f"sealed images changed hands in {one.txid}: {whose}", place=PLACE)
    yield from _bids(bids)
    waiting = [one for one in listings if one.state == "sold, waiting for a block"]
    if waiting:
        yield Concern(level="note", text=f"{_counted(len(waiting), 'sale')} for a block", txid=waiting[0].txid)
    expired = sum(one.state == "expired" for one in listings)
    if expired:
        text = f"{_plural(expired, 'listing')} expired: list what is there again, or take it back"
        yield Concern(level="note", text=text, place=PLACE)
    standing = [one for one in listings if one.state in ("open", "at a shop")]
    if standing:
        shop = sum(one.state == "at a shop" for one in standing)
        where = f", {shop:,} of them at a shop" if shop else ""
        yield Concern(level="note", text=f"{_plural(len(standing), 'listing')} open for buyers{where}", place=PLACE)


def _bids(bids: Sequence[BidView]) -> Iterator[Concern]:
    for one in bids:
        if one.state == "contested" or (one.completable and one.state in ("expired", "withdrawn")):
            text = f"bid {one.id[:16]} is {one.state}: {one.note or 'its seller can still complete it'}"
            yield Concern(level="warning", text=text, place=PLACE)
        elif one.state == PERHAPS_TAKEN:
            text = f"bid {one.id[:16]} is perhaps taken: its shop gave no answer, and can complete it"
            yield Concern(level="warning", text=text, place=PLACE)
    waiting = [one for one in bids if one.state == "open"]
    if waiting:
        first = min(one.expires for one in waiting)
        text = f"{_counted(len(waiting), 'bid')} for an answer, the first until block {first:,}"
        yield Concern(level="note", text=text, place=PLACE)


def _counted(count: int, what: str) -> str:
    return f"{_plural(count, what)} wait{'s' if count == 1 else ''}"


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
