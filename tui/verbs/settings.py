"""Settings and the log, as they lie on this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui.log import redact
from tui.paths import Paths
from tui.settings import PREFIX, Settings, load, rows
from tui.settings_file import changed
from wallet.advice import Prose
from wallet.errors import EncodingError
from wallet.store.files import write_private

LOG_LINES = 500
_LOG_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """A setting, its value and where that comes from: flag, environment, file or default."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """The end of the log file."""

    file: str
    lines: tuple[str, ...]


def settings_of(settings: Settings) -> tuple[SettingLine, ...]:
    """Every setting."""
    return tuple(SettingLine(key=key, value=value, origin=str(origin)) for key, value, origin in rows(settings))


def change(changes: Mapping[str, object | None], paths: Paths) -> tuple[Prose, ...]:
    """Sets keys of the settings file together or not at all, and takes out those whose value is None.

    Answers what a person should know: that something counts more than the file, and what to do so that a setting takes
    effect. Raises EncodingError where the file cannot be read, or would not be read again.
    """
    file = paths.settings_file
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise EncodingError(
            f"cannot read the settings file {file}: {error}", hint="repair it or move it away"
        ) from error
    new = changed(text, changes)
    load({}, {}, file, text=new)
    if new != text:
        write_private(file, new.encode("utf-8"), overwrite=True)
    remarks: list[Prose] = [
        f"the environment sets {PREFIX}{key.upper()} as well, which counts more than the file"
        for key in changes
        if os.environ.get(PREFIX + key.upper())
    ]
    if "index_start" in changes:
        from tui.verbs.index_setting import index_remarks

        remarks += index_remarks(paths, load({}, os.environ, file, text=new))
    return tuple(remarks)


def log_of(file: Path) -> LogView:
    """The end of the log file, without what looks secret."""
    try:
        with file.open("rb") as opened:
            opened.seek(0, 2)
            opened.seek(max(0, opened.tell() - _LOG_BYTES))
            text = opened.read().decode("utf-8", "replace")
    except OSError:
        text = ""
    return LogView(file=str(file), lines=tuple(redact(text).splitlines()[-LOG_LINES:]))
