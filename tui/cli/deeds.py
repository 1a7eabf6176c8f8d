"""The last steps of every command that signs: show what would be done, ask, do it, say what came of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assets.services.read_models.wallet_views import SentView
from tui.cli.call import Call
from tui.cli.draft_text import draft_text
from tui.cli.output import Output
from tui.cli.review_text import review_text
from tui.text import lines
from tui.verbs.prepared import Prepared
from tui.verbs.review import SIGN_AND_SEND, LeftPsbt, Outcome, Review

if TYPE_CHECKING:
    from tui.verbs.keys import Keys

R = TypeVar("R")

STDOUT = Path("-")

_OF_DRAFTS = (SIGN_AND_SEND, "Send")
"""What is done with transactions; any other deed says itself what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a command that signs was told to go about it, by the options that all of them share.

    `psbt` leaves the transaction for a cold key, `wait` waits for so many confirmations.
    """

    yes: bool
    dry_run: bool
    password_file: Path | None
    password_fd: int | None
    psbt: Path | None = None
    wait: int | None = None


def carry_out(
    call: Call,
    prepared: Prepared[R],
    manner: Manner,
    answer: Callable[[Outcome[R]], Output],
    *,
    one: bool = False,
    told: bool = True,
    keys: "Keys | None" = None,
) -> Output:
    """The answer of a command that signs: what would be done (`--dry-run`), what was left (`--psbt`), else `answer`.

    `one` says that JSON has one draft, not a list; `told` that each transaction is noted as it goes out. `keys` are
    those that were needed before. What is done is shown before anything is asked. Raises DeclinedError, LockedError,
    AlreadySignedError, what `finish` raises, and what went wrong after it.
    """
    review = prepared.review
    if prepared.twin is not None:
        raise prepared.twin
    if manner.dry_run:
        return Output(data=_planned(review, one=one), text=review_text(review))
    if manner.psbt is not None:
        return _left(call, prepared.leave(call.workplace, None if manner.psbt == STDOUT else manner.psbt), manner.psbt)
    call.note(review_text(review))
    if not review.signed:
        call.house.require_keys()
    call.terminal.confirm(_question(prepared), yes=manner.yes)

    def done(sent: SentView) -> None:
        if told:
            call.note(f"sent {sent.kind} {sent.txid}")

    keys = keys or call.keys(manner.password_file, manner.password_fd)
    outcome = prepared.finish(call.workplace, keys, done)
    for note in (*outcome.notes, *outcome.to_do):
        call.note(note)
    if outcome.failure is not None:
        raise outcome.failure
    if manner.wait is not None:
        _wait(call, outcome, manner.wait)
    return answer(outcome)


def transactions(outcome: Outcome[Any]) -> list[dict[str, object]]:
    """What was sent, for JSON, in order."""
    return [asdict(view) for view in outcome.sent]


def txids(outcome: Outcome[Any]) -> str:
    """What was sent, for people: a transaction a line, in order."""
    return lines(one.txid for one in outcome.sent)


def with_transactions(outcome: Outcome[Any]) -> dict[str, object]:
    """What was done and what was sent, for JSON."""
    return {**asdict(outcome.result), "transactions": transactions(outcome)}


def sent_alone(outcome: Outcome[Any]) -> Output:
    """The answer of a deed that is one transaction and nothing else."""
    return Output(data=outcome.sent[0], text=outcome.sent[0].txid)


def _question(prepared: Prepared[Any]) -> str:
    review = prepared.review
    what = "this transaction" if len(review.drafts) == 1 else f"these {len(review.drafts)} transactions"
    return f"{review.deed} {what}?" if review.drafts and review.deed in _OF_DRAFTS else f"{review.deed}?"


def _planned(review: Review, *, one: bool) -> dict[str, object]:
    """What would be done, for JSON: drafts, and what the verb says beside them."""
    views = [asdict(view) for view in review.drafts]
    drafts: dict[str, object] = {"draft": views[0]} if one else {"drafts": views}
    details = review.details
    if not is_dataclass(details) or isinstance(details, type):
        return drafts
    return {**(drafts if views else {}), **asdict(details)}


def _left(call: Call, left: LeftPsbt, file: Path) -> Output:
    """What was left for a cold key, and how to go on."""
    assert left.draft is not None, "a verb leaves a draft of its own"
    for note in left.notes:
        call.note(note)
    until = datetime.fromtimestamp(left.expiry, UTC)
    call.note(draft_text(left.draft))
    call.note(
        lines(
            f"nothing is signed; its coins are reserved until {until:%Y-%m-%d %H:%M} UTC",
            "  where the keys are:   dockchains wallet sign FILE --out SIGNED",
            "  then here:            dockchains wallet sign SIGNED --broadcast",
            f"  or give it up:        dockchains wallet sign --discard {left.txid}",
        )
    )
    data = {"psbt": left.psbt, "txid": left.txid, "expires": left.expiry, "draft": asdict(left.draft)}
    return Output(data=data, text=left.psbt if file == STDOUT else left.txid)


def _wait(call: Call, outcome: Outcome[Any], confirmations: int) -> None:
    from tui.cli.waiting import wait_for
    from wallet.hashes import parse_txid

    wait_for(call, tuple(parse_txid(one.txid) for one in outcome.sent), confirmations)
