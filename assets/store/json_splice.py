"""Changing one entry in a JSON file that belongs to somebody else, and not a byte around it.

Container tools keep their settings in files that people also edit by hand. What is not ours there stays as it was
written: order, white space, escapes, unknown keys.
"""

import json
import re
from dataclasses import dataclass

from wallet.documents import read_json
from wallet.errors import EncodingError

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its key, where that starts and ends, and where its value starts and ends."""

    key: str
    start: int
    key_end: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object in a text: where its braces are, and its members in their order."""

    open: int
    close: int
    members: tuple[Member, ...]

    def member(self, key: str) -> Member | None:
        """The member with a key; of several the last, which is the one that counts for Go's reader."""
        return next((one for one in reversed(self.members) if one.key == key), None)


def value_of(text: str, outer: str, key: str) -> str | None:
    """The text at `outer`.`key`, or None where there is none. Raises EncodingError for anything that is no JSON."""
    _, inner = _find(text, outer)
    found = inner.member(key) if inner is not None else None
    if found is None:
        return None
    value = read_json(text[found.value_start : found.end], what="the value")
    return value if isinstance(value, str) else None


def has_object(text: str, outer: str) -> bool:
    """Whether there is an object under a key. Raises EncodingError for anything that is no JSON."""
    return _find(text, outer)[1] is not None


def is_empty(text: str, outer: str | None = None) -> bool:
    """Whether the whole, or the object under `outer`, has no members. Raises EncodingError for what is no JSON."""
    root, inner = _find(text, outer or "")
    found = root if outer is None else inner
    return found is not None and not found.members


def with_value(text: str, outer: str, key: str, value: str) -> str:
    """The text with `outer`.`key` set; an object is put under `outer` where there is none. Raises EncodingError."""
    root, inner = _find(text, outer)
    if inner is None:
        present = root.member(outer)
        if present is not None:
            text = text[: present.value_start] + "{}" + text[present.end :]
        else:
            text = _inserted(text, root, outer, "{}", depth=0)
        return with_value(text, outer, key, value)
    present = inner.member(key)
    if present is not None:
        return text[: present.value_start] + json.dumps(value) + text[present.end :]
    return _inserted(text, inner, key, json.dumps(value), depth=1)


def without(text: str, outer: str, key: str | None) -> str:
    """The text without `outer`.`key`, or without all of `outer` where no key is named. Raises EncodingError."""
    root, inner = _find(text, outer)
    holder, name = (root, outer) if key is None else (inner, key)
    if holder is None or holder.member(name) is None:
        return text
    number = max(at for at, one in enumerate(holder.members) if one.key == name)
    if len(holder.members) == 1:
        return text[: holder.open + 1] + text[holder.close :]
    if number == 0:
        return text[: holder.members[0].start] + text[holder.members[1].start :]
    return text[: holder.members[number - 1].end] + text[holder.members[number].end :]


def _find(text: str, outer: str) -> tuple[JsonObject, JsonObject | None]:
    try:
        read_json(text, what="the file", unique=False)
        root = _object_at(text, _after_space(text, 0))
        found = root.member(outer)
        if found is None or text[found.value_start] != "{":
            return root, None
        return root, _object_at(text, found.value_start)
    except (ValueError, IndexError):
        raise EncodingError("it is not the JSON object that docker and podman write", hint="repair the file") from None


def _object_at(text: str, at: int) -> JsonObject:
    """An object of a text that is known to be JSON. Raises ValueError where something else stands there."""
    if text[at] != "{":
        raise ValueError("not an object")
    members: list[Member] = []
    here = _after_space(text, at + 1)
    while text[here] != "}":
        if text[here] == ",":
            here = _after_space(text, here + 1)
        key, key_end = _DECODER.raw_decode(text, here)
        value_start = _after_space(text, _after_space(text, key_end) + 1)
        _, end = _DECODER.raw_decode(text, value_start)
        members.append(Member(key, here, key_end, value_start, end))
        here = _after_space(text, end)
    return JsonObject(at, here, tuple(members))


def _inserted(text: str, holder: JsonObject, key: str, value: str, *, depth: int) -> str:
    """A member behind the last one, spaced as its neighbours are."""
    if holder.members:
        first, last = holder.members[0], holder.members[-1]
        gap, colon = text[holder.open + 1 : first.start], text[last.key_end : last.value_start]
        return f"{text[: last.end]},{gap}{json.dumps(key)}{colon}{value}{text[last.end :]}"
    unit = _indent(text)
    if unit is None:
        return f"{text[: holder.open + 1]}{json.dumps(key)}:{value}{text[holder.close :]}"
    gap, tail = "\n" + unit * (depth + 1), "\n" + unit * depth
    return f"{text[: holder.open + 1]}{gap}{json.dumps(key)}: {value}{tail}{text[holder.close :]}"


def _indent(text: str) -> str | None:
    """What one level is indented by; None where the whole text stands on one line. Docker writes tabs."""
    if "\n" not in text.strip():
        return None
    found = re.search(r"\{\r?\n([ \t]+)", text)
    return found[1] if found is not None else "\t"


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
