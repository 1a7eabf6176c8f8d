"""Texts of the fields about closed images, checked while they are typed. Pure."""

from collections.abc import Callable, Mapping

from tui.app.kinds import Kind
from tui.verbs.image.fields import key_number, layout_of
from tui.verbs.image.references import whole_destination


def _destination(text: str) -> str:
    found = whole_destination(text)
    return "" if found.name is None else str(found.name)


def _layout(text: str) -> str:
    layout_of(text)
    return ""


def _keys(text: str) -> str:
    key_number(text)
    return ""


ACCESS_CHECKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.DESTINATION: _destination,
    Kind.LAYOUT: _layout,
    Kind.KEYS: _keys,
}
"""The check of each kind of field that closed images alone have."""
