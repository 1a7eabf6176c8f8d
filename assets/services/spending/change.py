"""Where the bitcoin that a coloured transaction does not need goes back to."""

from assets.coloring.compose import ChangeTo
from assets.services.wallets.addresses import next_change
from assets.services.wallets.session import Session


def change_slot(session: Session) -> ChangeTo:
    """The next change key as plans take it."""
    to = next_change(session)
    assert to.path is not None, "change is the wallet's own"
    return to.script, to.path
