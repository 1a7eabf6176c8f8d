"""A QR code in half blocks, black on white in every theme, since cameras want it so."""

from textwrap import wrap

import segno
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_BORDER = 2
_INK = Style(color="black", bgcolor="white")
_TOO_LARGE = "the code is too large for this window; the link says the same"


class QrCode(Widget):
    """One link as a QR code, or a sentence where it does not fit: no camera reads half a code.

    `beside` is how many cells of its row belong to others.
    """

    def __init__(self, *, beside: int = 0, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._beside = beside
        self._rows: list[str] = []

    def show(self, text: str) -> None:
        """Draws another text, or nothing for an empty one."""
        self._rows = half_blocks(text) if text else []
        self.refresh(layout=True)

    @property
    def rows(self) -> tuple[str, ...]:
        """The code as it is drawn."""
        return tuple(self._rows)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as the code, or what is left for the sentence."""
        if not self._rows:
            return 0
        room = max(1, container.width - self._beside)
        return len(self._rows[0]) if self._fits(container) else min(room, len(_TOO_LARGE))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the code, or as the sentence."""
        return len(self._rows) if self._fits(container) else len(wrap(_TOO_LARGE, max(1, width)))

    def render_line(self, y: int) -> Strip:
        """Two rows of modules."""
        width = self.size.width
        if not self._rows:
            return Strip.blank(width, self.rich_style)
        if self.size.height < len(self._rows) or width < len(self._rows[0]):
            said = wrap(_TOO_LARGE, max(1, width))
            return Strip([Segment(said[y] if y < len(said) else "", self.rich_style)]).adjust_cell_length(width)
        if y >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        return Strip([Segment(self._rows[y], _INK)]).adjust_cell_length(width, self.rich_style)

    def _fits(self, container: Size) -> bool:
        width, height = len(self._rows[0]) if self._rows else 0, len(self._rows)
        return width <= container.width - self._beside and height <= container.height


def half_blocks(text: str) -> list[str]:
    """The code of a text, two rows of modules in each line of characters."""
    matrix = [list(row) for row in segno.make(text, error="l", micro=False).matrix]
    width = len(matrix[0]) + 2 * _BORDER
    blank = [0] * width
    rows = [blank] * _BORDER + [[0] * _BORDER + row + [0] * _BORDER for row in matrix] + [blank] * _BORDER
    if len(rows) % 2:
        rows.append(blank)
    return ["".join(_PAIR[bool(up), bool(low)] for up, low in zip(*pair, strict=True)) for pair in _pairs(rows)]


_PAIR = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def _pairs(rows: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    return [(rows[at], rows[at + 1]) for at in range(0, len(rows), 2)]
