"""Logging in at gates, and out again: what the gate would learn, a yes with the password, what was done."""

from typing import Any

from assets.services.read_models.access_views import LoginView
from tui.app.dialogs.asking import Choice, YesNo
from tui.app.messages import ReviewWanted
from tui.app.screens.page import Page
from tui.app.text import moment, shown
from tui.verbs.access.logout import said
from tui.verbs.access.requests import Login
from tui.verbs.image import references
from tui.verbs.image.fields import bare_name
from tui.verbs.prepared import Prepared
from tui.verbs.review import Outcome

_PROPOSE = "propose a login"
_LOGOUT = "log out"


class LoggingIn(Page):
    """A screen from which a person logs in and out."""

    def propose_login(self, genesis: str, name: str) -> None:
        """Asks what the gate would learn; the answer is shown with a question."""
        drafts = self.services.drafts

        def proposed() -> object:
            return drafts.draft(Login(genesis=references.genesis(genesis), name=bare_name(name)))

        self.work(_PROPOSE, proposed)

    def choose_logout(self, logins: tuple[LoginView, ...]) -> None:
        """Ends the one login there is, or one of several."""
        if not logins:
            self.notify("nobody is logged in at any gate", severity="warning")
        elif len(logins) == 1:
            self._confirm_logout(logins[0])
        else:
            lines = [(one.session, f"{shown(one.host)} at {shown(one.gate)}, {_end(one)}") for one in logins]

            def chosen(session: str | None) -> None:
                found = next((one for one in logins if one.session == session), None)
                if found is not None:
                    self._confirm_logout(found)

            self.app.push_screen(Choice("End which login?", lines), chosen)

    def answered(self, job: str, answer: Any) -> None:
        """Shows the draft, or what ending did."""
        super().answered(job, answer)
        if job == _PROPOSE and isinstance(answer, Prepared):
            self.post_message(ReviewWanted(answer))
        elif job == _LOGOUT:
            for note in (line for view in answer for line in said(view)):
                self.notify(shown(note, limit=400), markup=False, timeout=12)
            self.action_refresh()

    def ended(self, outcome: Outcome[Any]) -> None:
        """Logged in: at which gate, and who knows it."""
        super().ended(outcome)
        login = outcome.result
        if isinstance(login, LoginView):
            told = [f"logged in at {login.gate} until {moment(login.until)} UTC"]
            for note in (*told, *(f"{file} knows it now" for file in login.files)):
                self.notify(shown(note, limit=400), markup=False, timeout=12)

    def _confirm_logout(self, login: LoginView) -> None:
        access, session = self.services.access, login.session
        rows = [
            f"{shown(login.host)} at the gate {shown(login.gate)}",
            f"for {shown(login.image)}, {_end(login)}",
            *(f"the entry in {shown(file, limit=400)} is taken out" for file in login.files),
            "The gate is told, and the session's key is removed.",
        ]

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_LOGOUT, lambda: access.log_out(session))

        self.app.push_screen(YesNo("End this login?", "\n".join(rows), yes="Log out", no="Leave"), answered)


def _end(login: LoginView) -> str:
    return "it is over" if login.over else f"until {moment(login.until)} UTC"
