"""What a command answers, and the only writer to standard output.

Standard output is data and nothing else: either the text of an answer, or exactly one JSON object.
"""

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as fields_of
from typing import Any

from tui.text import Lines, lines, written
from wallet.advice import Advice


class UnwrittenError(Exception):
    """The answer could not be written to standard output. Whatever the command did is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A command's answer.

    `data` is what `--json` prints: a mapping, or a frozen read model. `text` is the same for people, without a final
    line feed; empty where there is nothing to say. `code` is the exit code.
    """

    data: Any
    text: str
    code: int = 0


def emit(output: Output, *, as_json: bool) -> None:
    """Writes an answer."""
    if as_json:
        emit_json(output.data)
    elif output.text:
        _write(written(output.text) + "\n")


def emit_json(data: Any) -> None:
    """Writes one JSON object in one line."""
    import json

    document = _document(data)
    if not isinstance(document, dict):
        raise TypeError("a command answers with one JSON object")
    _write(json.dumps(document, ensure_ascii=True, allow_nan=False) + "\n")


def _document(value: Any) -> Any:
    """A value as JSON has it: read models are objects, and texts have their remedies in words."""
    if isinstance(value, Advice):
        from tui.cli.remedies import words

        return words(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _document(getattr(value, one.name)) for one in fields_of(value)}
    if isinstance(value, Mapping):
        return {key: _document(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_document(one) for one in value]
    return value


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> Lines:
    """Aligned columns under their headings; the columns numbered in `right` are aligned to the right."""
    cells = [tuple(written(cell) for cell in row) for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(headings))]
    return lines(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def fields(pairs: Sequence[tuple[str, str]]) -> Lines:
    """Names and values, one pair a line, the values in one column."""
    width = max(len(name) for name, _ in pairs)
    return lines(f"{name.ljust(width)}  {value}".rstrip() for name, value in pairs)


def _write(text: str) -> None:
    """A reader that went away has seen enough; anything else that is in the way is an error."""
    if sys.stdout is None:
        raise UnwrittenError("it is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
    except (OSError, ValueError) as error:
        _discard_the_rest()
        raise UnwrittenError(getattr(error, "strerror", None) or str(error)) from error


def _discard_the_rest() -> None:
    """What is still buffered must not fail once more when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
