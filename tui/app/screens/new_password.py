"""Another password for the wallet."""

from typing import Any

from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.tool import ToolForm
from tui.app.widgets.field import Field
from tui.app.widgets.tick import Tick


class NewPasswordForm(ToolForm):
    """The new password twice; the present one is asked for by the dialog. Both are gone when the form is left."""

    place = "settings"
    heading = "Another password"
    explanation = (
        "The words are encrypted anew, and the older password opens nothing here any more. Backups made before still "
        "open with it."
    )

    def fields(self) -> ComposeResult:
        """Twice, and what becomes of the older keystore."""
        yield Entry(self.services, "New password", Kind.PASSWORD, "password", hidden=True, needed=True)
        yield Entry(self.services, "The same again", Kind.TEXT, "again", hidden=True, needed=True)
        yield Tick("leave the older keystore beside the new one, as .bak", id="keep")

    def done(self) -> None:
        """Asks for the present password."""
        password, again = self.query_one("#password", Field), self.query_one("#again", Field)
        if password.value != again.value:
            again.complain("the two passwords differ")
            again.focus_input()
            return
        keys, new, keep = self.services.keys, password.value, self.query_one("#keep", Checkbox).value

        def renew(old: str) -> bool:
            keys.renew_password(old, new, keep_old=keep)
            return True

        name = self.services.choice.name
        dialog = WithKeys(
            self.services,
            f"Change the password of {name}?",
            "Type the present one. From then on only the new one opens this wallet here.",
            yes="Change it",
            call=renew,
        )
        self.app.push_screen(dialog, self._changed)

    def on_unmount(self) -> None:
        """Nothing stays."""
        for field in self.query(Field):
            field.forget()

    def _changed(self, done: Any) -> None:
        if done:
            self.notify("the password is changed; backups made before still open with the older one")
            self.dismiss(None)
