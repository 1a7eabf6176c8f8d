"""Accepting a bid: every check, then the whole sale to look at; the seller signs last, and sends."""

from functools import partial

from assets.images.bid import BidPackage
from assets.services.market.accepting import Acceptance, complete_sale, draft_acceptance
from assets.services.market.bid_checks import Result, judge_bid
from assets.services.wallets.session import Session
from tui.verbs.keys import Keys
from tui.verbs.market.requests import Accept
from tui.verbs.market.views import CheckLine, Judgement
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.advice import joined
from wallet.keys.message import message_flaw


def prepare(request: Accept, place: Workplace) -> Prepared[None]:
    """The sale. Raises OfferError that names the check, GuardError, EncodingError for what is no bid."""
    package = BidPackage.parse(request.package)

    def make(session: Session) -> Ready[None]:
        acceptance = draft_acceptance(package, session, message_flaw)
        return Ready(drafts=(acceptance.draft,), ending=partial(_complete, acceptance), fee_is_set=True)

    return prepared(request, place, make)


def judge(package: bytes, place: Workplace) -> Judgement:
    """The seller's checks of a bid, one by one. Nothing is written or signed. Raises EncodingError for what is none."""
    parsed = BidPackage.parse(package)
    place.know_lots()
    with place.session() as session:
        outcome = judge_bid(parsed, session, message_flaw)
    refusal = outcome.refusal
    why = "" if refusal is None else joined(" - ", [one for one in (str(refusal), refusal.advice) if one])
    return Judgement(
        checks=tuple(
            CheckLine(name=check.value, state=result.value, why=why if result is Result.FAILED else "")
            for check, result in outcome.results
        ),
        refusal=why,
    )


def _complete(acceptance: Acceptance, keys: Keys, now: Session, done: Done) -> Ended[None]:
    complete_sale(acceptance, keys, now, done)
    return Ended(result=None)
