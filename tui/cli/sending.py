"""Showing drafts that belong together, asking once, and opening the keys once for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from assets.services.read_models.wallet_views import DraftView, SentView
from assets.services.spending.drafts import Draft, view_of
from assets.services.spending.signing import Unlock
from assets.services.wallets.session import Session
from tui.cli.call import Call
from tui.cli.draft_text import draft_text
from tui.cli.options import source
from tui.cli.output import Output
from tui.cli.secrets import password
from tui.text import paragraphs
from wallet.signer import Signer


def reviewed(call: Call, session: Session, drafts: Sequence[Draft], *, yes: bool, dry_run: bool) -> Output | None:
    """Shows the drafts. The answer of a dry run, or None once a person said yes.

    Raises DeclinedError, KeystoreError where the wallet only watches.
    """
    views = [view_of(draft, session) for draft in drafts]
    text = paragraphs(draft_text(view) for view in views)
    if dry_run:
        return Output(data={"drafts": [asdict(view) for view in views]}, text=text)
    call.note(text)
    call.house.require_keys()
    what = "this transaction" if len(views) == 1 else f"these {len(views)} transactions"
    call.terminal.confirm(f"Sign and send {what}?", yes=yes)
    return None


def unlocker(call: Call, session: Session, password_file: Path | None, password_fd: int | None) -> Unlock:
    """Opens the keys when they are first needed, and asks for the password no second time."""
    opened: list[Signer] = []

    def unlock() -> Signer:
        if not opened:
            call.house.require_keys()
            secret = password(source(password_file, password_fd), call.terminal, of=f"wallet {session.name}")
            opened.append(call.house.signer(secret))
        return opened[0]

    return unlock


class Sent:
    """The transactions that were sent so far, told one by one as they go out."""

    def __init__(self, call: Call, session: Session, *, told: bool = True) -> None:
        """Without `told`, the answer alone says it."""
        self._session = session
        self._note: Callable[[str], None] | None = call.note if told else None
        self.views: list[SentView] = []

    def __call__(self, draft: Draft) -> None:
        """A draft was sent."""
        view: DraftView = view_of(draft, self._session)
        self.views.append(SentView(kind=view.kind, txid=view.txid, fee=view.fee, vsize=view.vsize))
        if self._note is not None:
            self._note(f"sent {view.kind} {view.txid}")

    @property
    def documents(self) -> list[dict[str, object]]:
        """For JSON, in the order in which they were sent."""
        return [asdict(view) for view in self.views]
