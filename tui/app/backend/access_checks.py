"""Texts of the fields about closed images, checked while they are typed. Pure."""

from collections.abc import Callable, Mapping
from pathlib import Path

from assets.services.images.delivery import Destination
from tui.app.asks import Kind
from tui.verbs.image.fields import key_number, layout_of
from wallet.errors import EncodingError


def destination_of(text: str) -> Destination:
    """A destination as the command line writes it, with its whole path. Raises EncodingError."""
    found = Destination.parse(text.strip())
    if found.path is None:
        return found
    return Destination(kind=found.kind, path=_whole_path(found.path), name=found.name, tag=found.tag)


def _whole_path(path: Path) -> Path:
    try:
        whole_path = path.expanduser()
    except RuntimeError as error:
        raise EncodingError(f"not a path: {error}", hint="such as /home/you/app") from error
    if not whole_path.is_absolute():
        raise EncodingError("not a full path", hint=f"such as {Path.home() / path.name}")
    return whole_path


def _destination(text: str) -> str:
    found = destination_of(text)
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
