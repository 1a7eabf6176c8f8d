"""The log file: what happened, without secrets. Nothing is ever logged to the terminal."""

import logging
import os
import re
from pathlib import Path

from tui.text import printable

_LIMIT = 2_000_000
_HIDDEN = "[removed]"
_SECRETS = (
    re.compile(r"\b[xtyzuv]prv[1-9A-HJ-NP-Za-km-z]{50,}"),
    re.compile(r"\b[KL5c9][1-9A-HJ-NP-Za-km-z]{50,51}\b"),
    re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)"),
    re.compile(r"(?i)(?<=authorization: )\S.*"),
    re.compile(r"(?i)(?:(?<=password=)|(?<=passphrase=)|(?<=words=)|(?<=token=)|(?<=secret=))\S.*"),
    re.compile(r"(?:\b[a-z]{3,8}\b[\s,'\"]+){11,}\b[a-z]{3,8}\b"),
    re.compile(r"__cookie__:[0-9a-f]+"),
)


def redact(text: str) -> str:
    """`text` without what looks like recovery words, private keys, passwords or credentials."""
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, tracebacks included, takes out what looks secret and makes outside text harmless."""

    def format(self, record: logging.LogRecord) -> str:
        """One log entry: no control characters, and what has more lines is indented, so that nobody can forge one."""
        lines = redact(super().format(record)).splitlines()
        return "\n    ".join(printable(line) for line in lines)


class BoundedFile(logging.Handler):
    """A log file (0600) that makes room once it is 2 MB large; one earlier file is kept beside it.

    Nothing leaves `emit`: a log that cannot be written (disk full, folder gone, a record that cannot be formatted) must
    never decide what the program does, least of all between a signature and its broadcast. Each entry is one write to a
    file that is opened for it, so nothing is left in a buffer, to fail once more when the program ends.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Writes an entry, then looks at the size: a service runs for months."""
        try:
            self._write(self.format(record))
        except Exception:  # noqa: BLE001 - whatever is wrong with the log, there is nobody to tell it to
            return

    def _write(self, text: str) -> None:
        entry = f"{text}\n".encode("utf-8", "backslashreplace")
        descriptor = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, entry)
            full = os.fstat(descriptor).st_size > _LIMIT
        finally:
            os.close(descriptor)
        if full:
            _make_room(self.file)


def _make_room(file: Path) -> None:
    """An empty file, or one with room, where a full one was. Another process may have made it already."""
    if file.exists() and file.stat().st_size > _LIMIT:
        file.replace(file.with_suffix(".log.1"))
    os.close(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))


def start(file: Path) -> None:
    """Sends the program's log to `file` (0600), turned over once it is 2 MB large.

    Where it cannot be written there is none: a full disk must not keep a person from revoking an image. No handler of
    this process reports its own failures either, since standard error may be closed or full as well.
    """
    logging.raiseExceptions = False
    if active() is not None:
        return
    try:
        file.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        _make_room(file)
    except OSError:
        handler: logging.Handler = logging.NullHandler()
    else:
        handler = BoundedFile(file)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def active() -> Path | None:
    """The log file, where there is one."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, BoundedFile):
            return handler.file
    return None


def stop() -> None:
    """Closes the log file."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, RedactingFormatter):
            root.removeHandler(handler)
            handler.close()
