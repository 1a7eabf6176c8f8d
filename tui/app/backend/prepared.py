"""A draft between being shown and being signed."""

from collections.abc import Callable
from dataclasses import dataclass

from assets.services.spending.drafts import Draft
from assets.services.spending.signing import Unlock, send_in_order
from assets.services.wallets.session import Session
from tui.verbs.keys import Keys
from tui.verbs.review import SignedPaper
from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of signing beside transactions: notes for a person, and documents that were signed."""

    notes: tuple[Prose, ...] = ()
    papers: tuple[SignedPaper, ...] = ()


Finish = Callable[[Keys, Session, Callable[[Draft], None]], tuple[Prose, ...] | Finished]
"""Signs and sends; tells each draft that went out; returns notes for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown before it is signed, where that is more than transactions, and how it is finished.

    `facts` and `warnings` stand before the drafts; `deed` says what the yes does. `fee_is_set` where no estimate of
    ours decides the fee. `needs_keys` says why nothing can be shown yet without the keys, or is empty.
    `signed` where every signature is there already.
    """

    finish: Finish
    drafts: tuple[Draft, ...] = ()
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Prose, ...] = ()
    deed: str = ""
    fee_is_set: bool = False
    needs_keys: str = ""
    signed: bool = False


def one_by_one(
    drafts: tuple[Draft, ...],
) -> Callable[[Unlock, Session, Callable[[Draft], None]], tuple[str, ...]]:
    """Signs and sends drafts in their order."""

    def finish(unlock: Unlock, session: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        send_in_order(drafts, unlock, session, done)
        return ()

    return finish
