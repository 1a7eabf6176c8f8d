"""Changing the settings file: one key's line, and nothing else in it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.settings import PARSERS, require_text
from wallet.documents import read_toml
from wallet.errors import EncodingError
from wallet.fees import FeeRate
from wallet.network import network_named

_BY_HAND = "edit the file by hand"


def require_known(key: str) -> None:
    """Raises EncodingError for a key that is no setting."""
    if key not in PARSERS:
        raise EncodingError(f"unknown setting {key[:40]!r}", hint=f"known are {', '.join(PARSERS)}")


def value_of(key: str, text: str) -> object:
    """A setting's value as the file has it: a switch, a number or a text; files by their whole path.

    Raises EncodingError for unknown keys and for values that no command would take.
    """
    require_known(key)
    try:
        value = PARSERS[key](text)
    except EncodingError as error:
        raise EncodingError(f"setting {key}: {error}, not {text[:60]!r}", hint=error.advice) from None
    if key == "network":
        network_named(text)
    if key == "fee_rate":
        FeeRate.parse(text)
    if isinstance(value, Path):
        return require_text(str(value.absolute()), f"setting {key}")
    return value if isinstance(value, bool | int) else text


def changed(text: str, changes: Mapping[str, object | None]) -> str:
    """The file's text with some keys set, or, where the new value is None, taken out. Comments and others stay.

    Raises EncodingError where the file is written in a way that does not let one line be changed.
    """
    before = _parsed(text)
    after = {key: value for key, value in {**before, **changes}.items() if value is not None}
    for key, value in changes.items():
        text = _with_key(text, key, None if value is None else f"{key} = {_literal(value)}\n")
    if _parsed(text) != after:
        raise EncodingError("the settings file is written in a way that this command cannot change", hint=_BY_HAND)
    return text


def _with_key(text: str, key: str, line: str | None) -> str:
    found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=.*(?:\n|\Z)", re.MULTILINE)
    if found.search(text):
        return found.sub(lambda _: line or "", text, count=1)
    if line is None:
        return text
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}"


def _literal(value: object) -> str:
    """A value as TOML writes it; its basic strings are JSON's but for DEL, which no setting holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return read_toml(text, what="the settings file")
    except EncodingError as error:
        raise EncodingError(str(error), hint=_BY_HAND) from error
