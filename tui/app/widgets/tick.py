"""Marks that are on or off by their sign, not by their colour alone."""

from typing import Any

from textual.content import Content
from textual.widgets import Checkbox, RadioButton


class Tick(Checkbox):
    """`[x]` or `[ ]`."""

    def __init__(self, label: str, *, value: bool = False, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(label, value, id=id, compact=True)

    @property
    def _button(self) -> Content:
        return Content.styled("[x]" if self.value else "[ ]", "$accent")


class Pick(RadioButton):
    """`(*)` or `( )`."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **options, compact=True)

    @property
    def _button(self) -> Content:
        return Content.styled("(*)" if self.value else "( )", "$accent")
