"""The wallet in one file."""

from typing import Any

from textual.app import ComposeResult

from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.tool import ToolForm
from tui.app.text import shown

_BACKUP = "backup"


class BackupForm(ToolForm):
    """Encrypted words, labels, public facts, into a new file."""

    place = "settings"
    heading = "A backup of this wallet"
    explanation = (
        "It opens with the wallet's present password: dockchains wallet restore --backup FILE. Whoever has the file "
        "sees what the wallet holds, and cannot spend it without the password. It is no substitute for the words on "
        "paper: a forgotten password opens no backup."
    )
    button = "Write it"

    def fields(self) -> ComposeResult:
        """Where to."""
        yield Entry(self.services, "New file", Kind.FILE, "file", placeholder="/media/usb/wallet.backup", needed=True)

    def done(self) -> None:
        """Writes it."""
        keys, file = self.services.keys, self.value("file")
        self.say("writing…")
        self.work(_BACKUP, lambda: keys.backup(file))

    def answered(self, job: str, answer: Any) -> None:
        """Written: nothing is left to do here."""
        super().answered(job, answer)
        if job == _BACKUP:
            self.notify(f"written to {shown(answer, limit=400)}", markup=False)
            self.dismiss(None)
