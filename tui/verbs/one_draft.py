"""Deeds that are one transaction and nothing else, or several in an order."""

from assets.services.spending.drafts import Draft
from assets.services.spending.signing import send_in_order
from assets.services.wallets.session import Session
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Ending, Ready


def alone(draft: Draft, *, may_wait: bool = True, fee_is_set: bool = False) -> Ready[None]:
    """One transaction that stands alone."""
    return Ready(drafts=(draft,), ending=in_order((draft,)), may_wait=may_wait, fee_is_set=fee_is_set)


def in_order(drafts: tuple[Draft, ...]) -> Ending[None]:
    """Signs and sends drafts in their order."""

    def ending(keys: Keys, now: Session, done: Done) -> Ended[None]:
        send_in_order(drafts, keys, now, done)
        return Ended(result=None)

    return ending
