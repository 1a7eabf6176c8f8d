"""Leaving a draft as a PSBT, and files that hold one: binary in files, base64 on standard output, both are read."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from assets.services.spending.cold_drafts import HOLD_SECONDS, discard, hand_out, only_one, store_of
from assets.services.spending.drafts import Draft, view_of
from assets.services.wallets.session import Session
from tui.cli.call import Call
from tui.cli.draft_text import draft_text
from tui.cli.output import Output
from tui.text import lines
from tui.verbs.files import read_given, write_new
from wallet import psbt_text
from wallet.errors import StoreError
from wallet.hashes import display
from wallet.psbt import to_text

STDOUT = Path("-")


def handed_out(call: Call, session: Session, drafts: Sequence[Draft], file: Path) -> Output:
    """Shows the draft, writes it as a PSBT and reserves its coins. Where it cannot be written, nothing is reserved."""
    draft = only_one(drafts)
    require_new(file)
    view = view_of(draft, session)
    call.note(draft_text(view))
    raw = hand_out(draft, session)
    try:
        written(file, raw)
    except StoreError:
        discard(view.txid, store_of(session))
        raise
    until = datetime.fromtimestamp(session.clock() + HOLD_SECONDS, UTC)
    call.note(
        lines(
            f"nothing is signed; its coins are reserved until {until:%Y-%m-%d %H:%M} UTC",
            "  where the keys are:   dockchains wallet sign FILE --out SIGNED",
            "  then here:            dockchains wallet sign SIGNED --broadcast",
            f"  or give it up:        dockchains wallet sign --discard {view.txid}",
        )
    )
    data = {"psbt": to_text(raw), "txid": view.txid, "expires": int(until.timestamp()), "draft": asdict(view)}
    return Output(data=data, text=to_text(raw) if file == STDOUT else display(draft.txid))


def require_new(file: Path) -> None:
    """Raises StoreError where a file of this name exists, before anything is done."""
    if file != STDOUT and file.exists():
        raise StoreError(f"{file} exists already", hint="choose another name")


def written(file: Path | None, raw: bytes) -> None:
    """A new file, binary, that only this user can read; nothing for standard output. Raises StoreError."""
    if file is not None and file != STDOUT:
        write_new(file, raw)


def read_psbt(file: Path) -> bytes:
    """A PSBT in any form, from a file or standard input. Raises EncodingError, FinishedTransactionError."""
    return psbt_text.read_psbt(read_given(file, psbt_text.MAX_TEXT))
