"""Repositories of this wallet: a list to search and to filter."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from assets.services.read_models.image_views import RepositoryView
from tui.app.commands import bindings
from tui.app.dialogs.asking import OneLine
from tui.app.finding import Searchable
from tui.app.kinds import Kind
from tui.app.messages import Opened, ReviewWanted
from tui.app.screens.issue import IssueForm
from tui.app.screens.page import LOAD, READING, Page
from tui.app.text import count, shown, signed, tone_of
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from tui.verbs.wallet.requests import CancelIssue

FILTERS: dict[str, Callable[[RepositoryView], bool] | None] = {
    "all": None,
    "owned": lambda one: one.owned,
    "to look at": lambda one: one.state != "held" or bool(one.pending) or any(tag.revoked for tag in one.tags),
}
_FIND = "find"
_TAKE_BACK = "take back"


class RepositoriesScreen(Page):
    """What the wallet owns or owned."""

    place = "repositories"
    keys = "repositories"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """Search, filter, list."""
        with Horizontal(classes="search-bar"):
            yield Input(placeholder="search (/)", id="search", compact=True)
            yield Words("", id="filter")
        yield Listing(
            Column("name"),
            Column("state", 11),
            Column("title", 7),
            Column("tags", 5, right=True),
            Column("pending", 7, right=True, room=90),
            Column("title sat", 11, right=True, room=90),
            empty="no repositories yet: n issues the first one",
            until=READING,
            id="repositories",
        )

    def on_mount(self) -> None:
        """The list has the keys."""
        self._found: Searchable[RepositoryView] = Searchable((), ())
        self._filter = "all"
        self.query_one(Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The repositories, prepared for searching."""
        images = self.services.images
        return lambda: Searchable.of(images.repositories().repositories, _text)

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came, or goes to what was found."""
        super().answered(job, answer)
        match answer:
            case Searchable() if job == LOAD:
                self._found = answer
                self._show()
            case Prepared() | KeysFirst():
                self.post_message(ReviewWanted(answer))
            case str() if job == _FIND:
                self.post_message(Opened(genesis=answer))

    @on(Input.Changed, "#search")
    def searched(self, event: Input.Changed) -> None:
        """Each key narrows the list."""
        event.stop()
        self._show()

    @on(Input.Submitted, "#search")
    def to_list(self, event: Input.Submitted) -> None:
        """Enter goes to the list."""
        event.stop()
        self.query_one(Listing).focus()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens a repository."""
        self.post_message(Opened(genesis=event.key))

    def action_search(self) -> None:
        """Into the search field."""
        self.query_one("#search", Input).focus()

    def action_filter(self) -> None:
        """The next filter."""
        names = list(FILTERS)
        self._filter = names[(names.index(self._filter) + 1) % len(names)]
        self._show()

    def action_issue(self) -> None:
        """The wizard."""
        self.open(IssueForm(self.services))

    def action_cancel_issue(self) -> None:
        """A draft that takes issuing coins back."""
        drafts = self.services.drafts
        self.work(_TAKE_BACK, lambda: drafts.draft(CancelIssue()))

    def action_look_up(self) -> None:
        """Any repository."""
        images = self.services.images

        def wanted(text: str | None) -> None:
            if text:
                self.work(_FIND, lambda: images.find(text))

        dialog = OneLine("Look a repository up", "Name, or txid of the genesis", Kind.LOOKUP, self.services.check)
        self.app.push_screen(dialog, wanted)

    def _show(self) -> None:
        matching = self._found.matching(self.query_one("#search", Input).value, FILTERS[self._filter])
        self.query_one(Listing).show(matching, _line)
        self.query_one("#filter", Words).update(f"{self._filter}: {count(len(matching), 'repository', 'repositories')}")


def _text(one: RepositoryView) -> str:
    return f"{shown(one.name)} {one.genesis} {one.asset} {one.state} {' '.join(tag.tag for tag in one.tags)}"


def _line(one: RepositoryView) -> Line:
    owner = "◆ ours" if one.owned else "other"
    cells = (
        shown(one.name),
        signed(one.state),
        owner,
        str(len(one.tags)),
        str(len(one.pending)),
        f"{one.title_sats:,}",
    )
    return Line(one.genesis, cells, tone_of(one.state), 1)
