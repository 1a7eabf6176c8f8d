"""Leaving a draft as a PSBT for a key that lies elsewhere."""

from collections.abc import Sequence
from pathlib import Path

from assets.services.spending.cold_drafts import HOLD_SECONDS, discard, hand_out, only_one, store_of
from assets.services.spending.drafts import Draft, view_of
from assets.services.wallets.session import Session
from tui.verbs.files import require_new, write_new
from tui.verbs.review import LeftPsbt
from wallet.errors import StoreError
from wallet.hashes import display
from wallet.psbt import to_text


def leave(drafts: Sequence[Draft], session: Session, file: Path | None) -> LeftPsbt:
    """The draft's PSBT, binary in a new file where one is named; what cannot be written reserves nothing."""
    draft = only_one(drafts)
    if file is not None:
        require_new(file)
    raw = hand_out(draft, session)
    if file is not None:
        try:
            write_new(file, raw)
        except StoreError:
            discard(display(draft.txid), store_of(session))
            raise
    return LeftPsbt(
        txid=display(draft.txid),
        psbt=to_text(raw),
        file="" if file is None else str(file),
        expiry=session.clock() + HOLD_SECONDS,
        draft=view_of(draft, session),
    )
