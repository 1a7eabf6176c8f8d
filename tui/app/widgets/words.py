"""Text on a screen. Never markup, whatever it says."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text
from textual.content import Content
from textual.widgets import Static

from tui.app.text import SIGNS, tone_of

STYLES = {"good": "$text-success", "warn": "$text-warning", "bad": "$text-error", "dim": "$text-muted", "": ""}
"""The theme's variable for each tone."""


class Words(Static):
    """A text that is shown as it stands."""

    def __init__(self, text: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(text, id=id, classes=classes, markup=False)

    @property
    def plain(self) -> str:
        """What is shown, without styles."""
        content = self.content
        return content.plain if isinstance(content, Content) else str(content)


class Facts(Static):
    """Pairs of a label and a text, one a line, the labels in one column, long texts folded beside them."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__("", id=id, classes=classes, markup=False)
        self.pairs: tuple[tuple[str, str], ...] = ()

    def show(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Shows other pairs; those without a text are left out."""
        self.pairs = tuple((label, text) for label, text in pairs if text)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for label, text in self.pairs:
            table.add_row(Text(label, style="dim"), Text(text))
        self.update(table if self.pairs else "")


def word(text: str) -> Content:
    """A word with its sign, in its tone."""
    tone = tone_of(text)
    return Content.styled(f"{SIGNS[tone]} {text}", STYLES[tone])


def lines(*parts: Content | str) -> Content:
    """Lines below one another."""
    return Content("\n").join([part if isinstance(part, Content) else Content(part) for part in parts])
