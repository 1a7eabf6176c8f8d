"""A list of lines in columns that draws only what is seen, so that 100,000 lines cost what 20 do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.commands import LISTS, bindings

_GAP = 2
_MARK = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` in cells, 0 for one that takes what is left.

    It is left out where the list has fewer than `room` cells.
    """

    heading: str
    width: int = 0
    right: bool = False
    room: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its key, one text for each column, and the tone of the column that `toned` numbers."""

    key: str
    cells: tuple[str, ...]
    tone: str = ""
    toned: int = 0


class Listing(ScrollView, can_focus=True):
    """Lines with a cursor. The texts in them have been made harmless by whoever shows them.

    `empty` is said of a list without lines, `until` before any were shown.
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's way
        "listing--heading",
        "listing--cursor",
        "listing--empty",
        "listing--good",
        "listing--warn",
        "listing--bad",
        "listing--dim",
    }
    BINDINGS = bindings(LISTS)

    cursor: reactive[int] = reactive(0)

    class Chosen(Message):
        """A line was opened, by key or mouse."""

        def __init__(self, listing: "Listing", key: str) -> None:
            super().__init__()
            self.listing = listing
            self.key = key

        @property
        def control(self) -> "Listing":
            """The list."""
            return self.listing

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, listing: "Listing", key: str) -> None:
            super().__init__()
            self.listing = listing
            self.key = key

        @property
        def control(self) -> "Listing":
            """The list."""
            return self.listing

    def __init__(
        self,
        *columns: Column,
        empty: str = "nothing here",
        until: str = "",
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = columns
        self._top = int(any(column.heading for column in columns))
        self._empty = empty
        self._until = until
        self._items: Sequence[Any] = ()
        self._line_of: Callable[[Any], Line] = _no_line

    def show(self, items: Sequence[Any], line_of: Callable[[Any], Line]) -> None:
        """Shows other items; the cursor stays on the line with the same key where it is still there."""
        before = self.key
        self._until = ""
        self._items, self._line_of = items, line_of
        self.virtual_size = Size(self.size.width, len(items) + self._top)
        near = [at for at in (self.cursor, 0) if at < len(items) and line_of(items[at]).key == before]
        self.cursor = near[0] if near else min(self.cursor, max(0, len(items) - 1))
        self.refresh()

    def cannot(self, why: str) -> None:
        """Says why nothing was read, where nothing was shown yet: an empty list would be a claim."""
        if self._until:
            self._until = why
            self.refresh()

    @property
    def items(self) -> Sequence[Any]:
        """What is shown."""
        return self._items

    @property
    def key(self) -> str:
        """The key of the line under the cursor, or an empty text."""
        return self._line(self.cursor).key if self.cursor < len(self._items) else ""

    @property
    def item(self) -> Any:
        """The item under the cursor, or None."""
        return self._items[self.cursor] if self.cursor < len(self._items) else None

    def texts(self) -> list[str]:
        """All lines as plain text, for whoever compares."""
        return ["  ".join(self._line(at).cells) for at in range(len(self._items))]

    def validate_cursor(self, cursor: int) -> int:
        """Keeps the cursor on a line."""
        return max(0, min(cursor, len(self._items) - 1))

    def watch_cursor(self) -> None:
        """Brings the line into view."""
        if self._items:
            self.scroll_to_region(Region(0, self.cursor, 1, 1 + self._top), animate=False, force=True)
            self.post_message(self.Moved(self, self.key))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the headings above, then the items from where the list is scrolled to."""
        width = self.size.width
        if y < self._top:
            cells = tuple(column.heading for column in self._columns)
            return self._strip(cells, width, self.get_component_rich_style("listing--heading"))
        at = y - self._top + self.scroll_offset.y
        if not self._items and y == self._top:
            style = self.get_component_rich_style("listing--empty")
            return Strip([Segment(set_cell_size(self._until or self._empty, width), style)], width)
        if at >= len(self._items):
            return Strip.blank(width, self.rich_style)
        line = self._line(at)
        if at == self.cursor:
            style = self.get_component_rich_style("listing--cursor") if self.has_focus else self._resting
            return self._strip(line.cells, width, style, mark="› ")
        toned = self.get_component_rich_style(f"listing--{line.tone}") if line.tone else self.rich_style
        return self._strip(line.cells, width, self.rich_style, special=(line.toned, toned))

    def on_resize(self) -> None:
        """The columns follow the width."""
        self.virtual_size = Size(self.size.width, len(self._items) + self._top)

    async def on_click(self, event: events.Click) -> None:
        """A click marks a line, a click on the marked line opens it."""
        at = event.y - self._top + self.scroll_offset.y
        if event.y < self._top or at >= len(self._items):
            return
        if at == self.cursor:
            self.action_choose()
        self.cursor = at

    def action_up(self) -> None:
        """The line above."""
        self.cursor -= 1

    def action_down(self) -> None:
        """The line below."""
        self.cursor += 1

    def action_page(self, direction: int) -> None:
        """A page up or down."""
        self.cursor += direction * max(1, self.size.height - 1 - self._top)

    def action_first(self) -> None:
        """The first line."""
        self.cursor = 0

    def action_last(self) -> None:
        """The last line."""
        self.cursor = len(self._items) - 1

    def action_choose(self) -> None:
        """Opens the line."""
        if self._items:
            self.post_message(self.Chosen(self, self.key))

    @property
    def _resting(self) -> Style:
        return self.rich_style + Style(bold=True)

    def _line(self, at: int) -> Line:
        return self._line_of(self._items[at])

    def _widths(self, width: int) -> list[int]:
        """Cells of each column where the scroll bar leaves so many; 0 for one that there is no room for."""
        shown = [column for column in self._columns if column.room <= width]
        fixed = len(_MARK) + sum(column.width for column in shown) + _GAP * (len(shown) - 1)
        loose = sum(1 for column in shown if not column.width) or 1
        each = max(8, width - fixed) // loose
        return [0 if column.room > width else column.width or each for column in self._columns]

    def _strip(
        self,
        cells: tuple[str, ...],
        width: int,
        style: Style,
        *,
        mark: str = _MARK,
        special: tuple[int, Style] | None = None,
    ) -> Strip:
        segments = [Segment(mark, style)]
        sizes = self._widths(self.scrollable_content_region.width)
        for number, (cell, column, size) in enumerate(zip(cells, self._columns, sizes, strict=True)):
            if not size:
                continue
            text = _fitted(cell, size, right=column.right)
            segments.append(Segment(text, special[1] if special and special[0] == number else style))
            segments.append(Segment(" " * _GAP, style))
        return Strip(segments).adjust_cell_length(width, style)


def _fitted(text: str, size: int, *, right: bool) -> str:
    """A text cut or padded to a number of cells; what is cut off is marked."""
    length = cell_len(text)
    if length > size:
        return set_cell_size(text, max(0, size - 1)) + "…"
    return " " * (size - length) + text if right else text + " " * (size - length)


def _no_line(_: Any) -> Line:
    raise AssertionError("an empty list has no lines")
