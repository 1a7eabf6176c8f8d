"""The text of a message that is to be signed or judged: an argument, or a file."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from wallet.errors import EncodingError

C = TypeVar("C", bound=Callable[..., object])

MAX_MESSAGE = 1024 * 1024
"""Bytes of the longest message that is read."""


def message(command: C) -> C:
    """`MESSAGE` and `--file`."""
    command = click.option(
        "--file",
        "file",
        type=click.Path(path_type=Path, allow_dash=True),
        metavar="FILE",
        help="Read the message from this file (- is standard input), byte for byte.",
    )(command)
    return click.argument("message", required=False)(command)


def read_message(text: str | None, file: Path | None) -> str:
    """The message that was given in one of the two ways. Raises EncodingError."""
    if (text is None) == (file is None):
        raise click.UsageError("Give the MESSAGE, or a file with --file.")
    if text is not None:
        return text
    assert file is not None
    try:
        raw = _read(file)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    if len(raw) > MAX_MESSAGE:
        raise EncodingError(f"the message has more than {MAX_MESSAGE} bytes", hint="sign its sha256 instead")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise EncodingError("the message is not UTF-8 text", hint="sign its sha256 instead") from None


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_MESSAGE + 1)
    with file.open("rb") as opened:
        return opened.read(MAX_MESSAGE + 1)
