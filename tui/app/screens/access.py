"""Access: what this wallet may have, what is closed about it, and what was pulled."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult

from assets.services.read_models.access_views import KeptView
from tui.app.commands import bindings
from tui.app.dialogs.asking import YesNo
from tui.app.messages import Opened
from tui.app.screens.access_gate import GateForm
from tui.app.screens.access_login import LoggingIn
from tui.app.screens.access_pull import PullForm
from tui.app.screens.grant import GrantForm
from tui.app.screens.page import LOAD, READING
from tui.app.screens.repository import RepositoryScreen
from tui.app.text import age, count, moment, short_digest, shown
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.access.holdings import HeldView, HoldingsView

_ROOM = "room"
_FORGET = "forget"


class AccessScreen(LoggingIn):
    """Titles and access units by repository, with their gates and logins."""

    place = "access"
    keys = "access"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """What is held, what there is to know of the marked line, what was pulled."""
        yield Words("Held", id="held-heading", classes="heading")
        yield Listing(
            Column("repository"),
            Column("", 1),
            Column("units", 11, right=True),
            Column("closed", 13),
            Column("login", 10),
            empty="nothing: 6 makes an address for units, 8 shows offers",
            until=READING,
            id="held",
            classes="half",
        )
        yield Facts(id="detail", classes="detail")
        yield Words("Pulled, and kept here", classes="heading")
        yield Listing(
            Column("image"), Column("digest", 12), Column("as", 24),
            empty="nothing yet: p pulls an image", until=READING, id="kept", classes="half",
        )  # fmt: skip

    def on_mount(self) -> None:
        """The list has the keys."""
        self.view = HoldingsView(now=0, held=(), kept=())
        self.query_one("#held", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """What is held; definitions are asked for at registries where they are not known."""
        return self.services.access.held

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, HoldingsView):
            self.view = answer
            self.query_one("#held", Listing).show(answer.held, lambda one: _held(one, answer.now))
            self.query_one("#kept", Listing).show(answer.kept, _kept)
            self._show_detail()
        elif job == _ROOM:
            self._ask_forget(*answer)
        elif job == _FORGET:
            self.notify(f"{megabytes(answer)} are free again")
            self.action_refresh()

    @on(Listing.Moved, "#held")
    def moved(self) -> None:
        """What there is to know of the line under the cursor."""
        self._show_detail()

    @on(Listing.Chosen, "#held")
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens the repository."""
        self.post_message(Opened(genesis=event.key))

    @on(Listing.Chosen, "#kept")
    def again(self) -> None:
        """Pulls the marked image again, to somewhere."""
        self.action_pull()

    def action_pull(self) -> None:
        """The pull form, about the line under the cursor."""
        kept = self.query_one("#kept", Listing)
        item = kept.item if kept.has_focus else self._line
        match item:
            case KeptView(name=name, tag=tag, digest=digest, genesis=genesis):
                reference = f"{name}:{tag}" if tag else f"{name}@{digest}"
            case HeldView(name=name, genesis=genesis) if "/" in name:
                reference = name
            case _:
                reference = name = genesis = ""
        self.open(PullForm(self.services, reference, name=name, genesis=genesis))

    def action_forget(self) -> None:
        """Drops the marked image of the lower list, after a yes that says how much room it makes."""
        item, access = self.query_one("#kept", Listing).item, self.services.access
        if isinstance(item, KeptView):
            self.work(_ROOM, lambda: (item, access.room(item)))
        else:
            self.notify("nothing that was pulled is kept here", severity="warning")

    def action_grant(self) -> None:
        """The form for access units of the marked repository."""
        line = self._line
        if line is not None and line.title:
            self.open(GrantForm(self.services, line.genesis, line.name))
        else:
            self.notify("only the holder of the title gives access units away", severity="warning")

    def action_export_gate(self) -> None:
        """The form for a gate's file, about the marked repository where this wallet owns it."""
        line = self._line
        self.open(
            GateForm(self.services, line.genesis, line.name)
            if line is not None and line.title
            else GateForm(self.services)
        )

    def action_holders(self) -> None:
        """Who holds units of the marked repository."""
        if self._line is None:
            self.warn("mark a repository first")
        else:
            self.open(RepositoryScreen(self.services, self._line.genesis, tab="tab-holders"))

    def action_log_in(self) -> None:
        """Asks what the gate of the marked repository would learn."""
        line = self._line
        if line is None:
            self.notify("mark a repository first", severity="warning")
        else:
            self.propose_login(line.genesis, line.name)

    def action_log_out(self) -> None:
        """Ends a login: which, where there are several."""
        self.choose_logout(self.view.logins)

    @property
    def _line(self) -> HeldView | None:
        item = self.query_one("#held", Listing).item
        return item if isinstance(item, HeldView) else None

    def _ask_forget(self, kept: KeptView, size: int) -> None:
        access = self.services.access

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_FORGET, lambda: access.forget(kept))

        body = f"{_image(kept)}\n{kept.digest}\n{megabytes(size)} become free. It can be pulled again."
        self.app.push_screen(YesNo("Drop this image?", body, yes="Drop it", no="Leave"), answered)

    def _show_detail(self) -> None:
        line = self._line
        logins = f", {count(len(self.view.logins), 'login')} at gates" if self.view.logins else ""
        held = count(len(self.view.held), "repository", "repositories")
        self.query_one("#held-heading", Words).update(f"Held: {held}{logins}")
        self.query_one("#detail", Facts).show([] if line is None else _detail(line, self.view.now))


def closed_word(line: HeldView) -> str:
    """How a repository is closed, in words that need no colour."""
    if not line.gate_known:
        return "? not known" if not line.sealed else "sealed, gate ?"
    words = [word for word, is_so in (("gated", bool(line.gate)), ("sealed", bool(line.sealed))) if is_so]
    return "+".join(words) or "open"


def login_word(line: HeldView, now: int) -> str:
    """Until when somebody is logged in."""
    if line.login_until:
        return f"✓ {age(max(0, line.login_until - now))}"
    return "not yet" if line.gate else "-"


def _held(line: HeldView, now: int) -> Line:
    cells = (
        shown(line.name) or line.genesis,
        "◆" if line.title else "",
        f"● {line.units:,}" if line.units else "-",
        closed_word(line),
        login_word(line, now),
    )
    return Line(line.genesis, cells, "good" if line.login_until else "", 4)


def _detail(line: HeldView, now: int) -> list[tuple[str, str]]:
    login = f"until {moment(line.login_until)} UTC" if line.login_until else "l logs in" if line.gate else ""
    return [
        ("title", "◆ this wallet owns the repository" if line.title else ""),
        ("genesis", line.genesis),
        ("gate", shown(line.gate) if line.gate else "none: whoever reaches the registry can pull" * line.gate_known),
        ("login", login),
        ("sealed", f"{count(line.sealed, 'image')} as ciphertext on any mirror" if line.sealed else ""),
        ("note", shown(line.why)),
    ]


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:,.1f} MB"


def _image(one: KeptView) -> str:
    return f"{shown(one.name)}:{shown(one.tag)}" if one.tag else shown(one.name)


def _kept(one: KeptView) -> Line:
    words = [word for word, is_so in (("ciphertext", one.sealed), ("holders only", one.gated)) if is_so]
    return Line(f"{one.name}@{one.digest}", (_image(one), short_digest(one.digest), ", ".join(words) or "open"))
