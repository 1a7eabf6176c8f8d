"""The last steps of every command that spends: show the draft, ask, unlock, sign, send."""

from collections.abc import Callable
from pathlib import Path

from assets.services.spending.drafts import Draft, view_of
from assets.services.spending.signing import Done, Unlock, sign_and_broadcast
from assets.services.wallets.session import Session
from tui.cli.call import Call
from tui.cli.draft_text import draft_text
from tui.cli.options import source
from tui.cli.output import Output
from tui.cli.secrets import password
from tui.cli.sending import Sent
from wallet.hashes import Txid, display
from wallet.signer import Signer


def spend(
    call: Call,
    session: Session,
    draft: Draft,
    *,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
    send: Callable[[Unlock, Session, Done], Txid] | None = None,
) -> Output:
    """The answer of a spending command: the draft for `--dry-run`, else the transaction that was sent.

    The draft is shown before anything is asked. `send` signs and sends it where more belongs to that. Raises
    DeclinedError, LockedError and what signing raises.
    """
    view = view_of(draft, session)
    if dry_run:
        return Output(data={"draft": view_data(view)}, text=draft_text(view))
    call.note(draft_text(view))
    call.house.require_keys()
    call.terminal.confirm("Sign and send this transaction?", yes=yes)

    def unlock() -> Signer:
        secret = password(source(password_file, password_fd), call.terminal, of=f"wallet {session.name}")
        return call.house.signer(secret)

    sent = Sent(call, session, told=False)
    txid = sign_and_broadcast(draft, unlock, session, sent) if send is None else send(unlock, session, sent)
    return Output(data=sent.views[0], text=display(txid))


def view_data(view: object) -> dict[str, object]:
    """A read model as JSON has it."""
    from dataclasses import asdict

    return asdict(view)  # type: ignore[call-overload, no-any-return]
