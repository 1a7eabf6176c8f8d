"""Use case: what a seller should see of a bid before accepting it: the ten checks in order, and which one it failed.

Nothing is written or signed. The first check that fails ends the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assets.coloring.asks import AskCheck, VerifyMessage
from assets.coloring.bids import BidCheck
from assets.errors import GuardError, OfferError
from assets.images.bid import BidPackage
from assets.services.market.accepting import draft_acceptance
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError


class Check(StrEnum):
    """The checks of a bid, in the order in which they are made, in the seller's words."""

    LISTING = "it answers a listing of yours that is in force"
    EXPIRY = "neither the listing nor the bid has expired"
    COINS = "it spends exactly your listed coins, and signs all of it"
    LAYOUT = "it has marker, units, price, change, and no other output"
    PRICE = "it pays your price to where you asked for it"
    RECEIVER = "the units go to one script of the buyer"
    UNSPENT = "every coin is in a block, mature, and spent by nobody else"
    SIGNATURES = "the buyer signed all of it, for amounts as in the chain"
    RECEIPT = "whoever receives the units signed the bid"
    GUARD = "recoloured, it does what was agreed and nothing else"


class Result(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class BidOutcome:
    """Each check with what became of it. `refusal` is the error of the one that failed, None where all passed."""

    results: tuple[tuple[Check, Result], ...]
    refusal: OfferError | GuardError | StateError | EncodingError | None


_OF: Mapping[str, Check] = {
    BidCheck.ASK: Check.LISTING,
    BidCheck.EXPIRY: Check.EXPIRY,
    BidCheck.INPUTS: Check.COINS,
    BidCheck.SIGHASH: Check.COINS,
    BidCheck.OUTPUTS: Check.LAYOUT,
    BidCheck.PRICE: Check.PRICE,
    BidCheck.RECEIVER: Check.RECEIVER,
    BidCheck.SPENT: Check.UNSPENT,
    BidCheck.CONFIRMED: Check.UNSPENT,
    BidCheck.AMOUNT: Check.SIGNATURES,
    BidCheck.SIGNATURES: Check.SIGNATURES,
    BidCheck.BID_SIGNATURE: Check.RECEIPT,
    AskCheck.COLOR: Check.GUARD,
}
"""Where each named check of the seller belongs. What has no place here is found out at the end."""


def judge_bid(package: BidPackage, session: Session, verify: VerifyMessage) -> BidOutcome:
    """Makes every check that accepting makes. What the bid itself says wrong is the outcome, not an error.

    Raises what the node raises.
    """
    try:
        draft_acceptance(package, session, verify)
    except (OfferError, GuardError, StateError, EncodingError) as error:
        return outcome_of(error)
    return outcome_of(None)


def outcome_of(refusal: OfferError | GuardError | StateError | EncodingError | None) -> BidOutcome:
    """The checks as they stand after a refusal, or after none."""
    failed = None if refusal is None else check_of(refusal)
    results = []
    result = Result.PASSED
    for check in Check:
        if check is failed:
            results.append((check, Result.FAILED))
            result = Result.NOT_REACHED
        else:
            results.append((check, result))
    return BidOutcome(results=tuple(results), refusal=refusal)


def check_of(refusal: OfferError | GuardError | StateError | EncodingError) -> Check:
    """Which check a refusal belongs to."""
    match refusal:
        case OfferError():
            return _OF.get(refusal.check, Check.GUARD)
        case GuardError():
            return Check.GUARD
        case StateError():
            return Check.LISTING
        case EncodingError():
            return Check.COINS
