"""Logging in at gates, and out again: what the gate would learn, a yes with the password, what was done."""

from typing import Any

from textual.content import Content

from tui.app.access_views import LoginDraft, LoginLine
from tui.app.dialogs.asking import Choice, YesNo
from tui.app.dialogs.with_keys import WithKeys
from tui.app.screens.page import Page
from tui.app.text import count, moment, shown

_PROPOSE = "propose a login"
_LOGOUT = "log out"


class LoggingIn(Page):
    """A screen from which a person logs in and out."""

    def propose_login(self, genesis: str, name: str) -> None:
        """Asks what the gate would learn; the answer is shown with a question."""
        access = self.services.access
        self.work(_PROPOSE, lambda: access.draft_login(genesis, name))

    def choose_logout(self, logins: tuple[LoginLine, ...]) -> None:
        """Ends the one login there is, or one of several."""
        if not logins:
            self.notify("nobody is logged in at any gate", severity="warning")
        elif len(logins) == 1:
            self._confirm_logout(logins[0])
        else:
            lines = [(one.host, f"{shown(one.host)} at {shown(one.gate)}, {_end(one)}") for one in logins]

            def chosen(host: str | None) -> None:
                found = next((one for one in logins if one.host == host), None)
                if found is not None:
                    self._confirm_logout(found)

            self.app.push_screen(Choice("End which login?", lines), chosen)

    def answered(self, job: str, answer: Any) -> None:
        """Shows the draft, or what ending did."""
        super().answered(job, answer)
        if job == _PROPOSE and isinstance(answer, LoginDraft):
            self._ask(answer)
        elif job == _LOGOUT:
            for note in answer:
                self.notify(shown(note, limit=400), markup=False, timeout=12)
            self.action_refresh()

    def _ask(self, draft: LoginDraft) -> None:
        access = self.services.access
        dialog = WithKeys(
            self.services,
            "Log in?",
            login_text(draft),
            yes="Log in",
            call=lambda password: access.log_in(draft, password),
        )
        self.app.push_screen(dialog, self._logged_in)

    def _logged_in(self, answer: Any) -> None:
        if not isinstance(answer, LoginLine):
            return
        told = [f"logged in at {answer.gate} until {moment(answer.until)} UTC"]
        told += [f"{file} knows it now" for file in answer.files]
        for note in (*told, *answer.notes):
            self.notify(shown(note, limit=400), markup=False, timeout=12)
        self.action_refresh()

    def _confirm_logout(self, login: LoginLine) -> None:
        access, host = self.services.access, login.host
        rows = [
            f"{shown(login.host)} at the gate {shown(login.gate)}",
            f"for {shown(login.image)}, {_end(login)}",
            *(f"the entry in {shown(file, limit=400)} is taken out" for file in login.files),
            "The gate is told, and the session's key is removed.",
        ]

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_LOGOUT, lambda: access.log_out(host))

        self.app.push_screen(YesNo("End this login?", "\n".join(rows), yes="Log out", no="Leave"), answered)


def login_text(draft: LoginDraft) -> Content:
    """What the gate would learn, and what is told to container tools."""
    parts = [
        Content(shown(draft.name)),
        Content(f"at the gate {shown(draft.gate)}, which its definition on the chain names"),
        Content(f"until {moment(draft.until)} UTC"),
        Content(""),
        Content(
            f"{count(draft.scripts, 'address', 'addresses')} of this wallet, with the title or units of "
            f"{shown(', '.join(draft.repositories), limit=400)}, sign a text for this gate alone. The gate learns "
            "which they are; nothing moves."
        ),
    ]
    if draft.for_tools:
        parts.append(Content("docker, podman and skopeo are told of it."))
    parts += [Content.styled(f"! {shown(note, limit=400)}", "$text-warning") for note in draft.notes]
    return Content("\n").join(parts)


def _end(login: LoginLine) -> str:
    return "it is over" if login.over else f"until {moment(login.until)} UTC"
