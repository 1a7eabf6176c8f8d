"""A draft between being shown and being signed."""

from collections.abc import Callable
from dataclasses import dataclass

from assets.services.drafts import Draft
from assets.services.session import Session
from assets.services.signing import Unlock, sign_and_broadcast
from wallet.chain.source import Tip
from wallet.fees import FeeRate

Finish = Callable[[Unlock, Session, Callable[[Draft], None]], tuple[str, ...]]
"""Signs and sends; tells each draft that went out; returns notes for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Drafts that belong together, how they are sent, and the world in which they were made.

    `estimate` is the node's fee rate then, None where the user set one.
    """

    drafts: tuple[Draft, ...]
    finish: Finish
    tip: Tip
    estimate: FeeRate | None


def one_by_one(drafts: tuple[Draft, ...]) -> Finish:
    """Signs and sends drafts in their order."""

    def finish(unlock: Unlock, session: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        for one in drafts:
            sign_and_broadcast(one, unlock, session)
            done(one)
        return ()

    return finish
