"""Settings: flags over environment (`DOCKCHAINS_…`) over the settings file (TOML) over defaults.

Each value remembers where it comes from, so that `dockchains settings show` can tell. An unknown key is an error, since
a misspelt safety setting that is silently ignored is worse than none.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from wallet.documents import read_toml
from wallet.errors import EncodingError

PREFIX = "DOCKCHAINS_"
_MAX_FILE = 64 * 1024
_NOT_SETTINGS = frozenset({"HOME", "LOCK"})
_READ = frozenset({"HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "TMPDIR"})
"""Variables of others that name files."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Origin(StrEnum):
    """Where a value comes from."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user chose. None means: found out later (the wallet's network, the node's usual place).

    `idle_lock` is after how many minutes without a key the app locks itself; 0 means never.
    """

    network: str | None = None
    allow_mainnet: bool = False
    wallet: str | None = None
    node_url: str | None = None
    node_cookie: Path | None = None
    node_user: str | None = None
    node_password_file: Path | None = None
    fee_rate: str | None = None
    confirmations: int | None = None
    registry_ca_file: Path | None = None
    index_start: int | None = None
    idle_lock: int = 10
    origins: tuple[tuple[str, Origin], ...] = ()

    def origin(self, key: str) -> Origin:
        """Where the value of `key` comes from."""
        return dict(self.origins).get(key, Origin.DEFAULT)


def require_text(value: str, what: str) -> str:
    """A text that can be written again. Raises EncodingError for bytes that are no UTF-8 (Python's half surrogates)."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise EncodingError(f"{what} is not UTF-8: {value[:60]!a}", hint="write it in UTF-8, or rename the file")
    return value


def _require_environment(environment: Mapping[str, str]) -> None:
    """Raises EncodingError where a variable that the program reads is not UTF-8."""
    for name, value in environment.items():
        if name.startswith((PREFIX, "XDG_")) or name in _READ or name.upper().endswith("_PROXY"):
            require_text(name, "the name of an environment variable")
            require_text(value, f"the environment variable {name}")


def _word(value: object) -> str:
    if isinstance(value, str) and value and value == value.strip() and not _CONTROL.search(value):
        return require_text(value, "it")
    raise EncodingError("expected a text")


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "1", "yes"):
        return True
    if value in ("false", "0", "no"):
        return False
    raise EncodingError("expected true or false")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    raise EncodingError("expected a whole number")


def _file(value: object) -> Path:
    return Path(_word(value)).expanduser()


def _url(value: object) -> str:
    url = _word(value)
    if "@" in url:
        raise EncodingError(
            "a URL without user and password is expected",
            hint="set node_user and node_password_file: settings and environment can be seen by others",
        )
    return url


def _rate(value: object) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _word(value)


def _confirmations(value: object) -> int:
    count = _count(value)
    if not 1 <= count <= 1000:
        raise EncodingError("expected 1 to 1000")
    return count


def _minutes(value: object) -> int:
    count = _count(value)
    if count > 1440:
        raise EncodingError("expected 0 to 1440 minutes (0: never)")
    return count


PARSERS: dict[str, Callable[[object], Any]] = {
    "network": _word,
    "allow_mainnet": _switch,
    "wallet": _word,
    "node_url": _url,
    "node_cookie": _file,
    "node_user": _word,
    "node_password_file": _file,
    "fee_rate": _rate,
    "confirmations": _confirmations,
    "registry_ca_file": _file,
    "index_start": _count,
    "idle_lock": _minutes,
}
"""Every key that may be set, and how its text is read."""


def load(
    flags: Mapping[str, object], environment: Mapping[str, str], file: Path, *, text: str | None = None
) -> Settings:
    """Merges the four sources; `text` stands for what the file will hold, where that is tried before it is written.

    Raises EncodingError that names the source and the key, and for a variable that is not UTF-8.
    """
    _require_environment(environment)
    sources = (
        (Origin.FILE, f"in {file}", _from_file(file, text)),
        (Origin.ENVIRONMENT, "in the environment", _from_environment(environment)),
        (Origin.FLAG, "on the command line", {key: value for key, value in flags.items() if value is not None}),
    )
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for origin, where, source in sources:
        for key, raw in source.items():
            values[key] = _parsed(key, raw, where)
            origins[key] = origin
    settings = Settings(**values, origins=tuple(sorted(origins.items())))
    if (settings.node_user is None) != (settings.node_password_file is None):
        raise EncodingError(
            "node_user and node_password_file belong together", hint="set both, or neither to use the node's cookie"
        )
    return settings


def rows(settings: Settings) -> tuple[tuple[str, str, Origin], ...]:
    """Key, value as text and origin of every setting, for people. No setting holds a secret."""
    found = ((field.name, getattr(settings, field.name)) for field in fields(settings) if field.name in PARSERS)
    return tuple((name, _shown(value), settings.origin(name)) for name, value in found)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _parsed(key: str, raw: object, where: str) -> object:
    parser = PARSERS.get(key)
    if parser is None:
        raise EncodingError(f"unknown setting {key!r} {where}", hint=f"known are {', '.join(PARSERS)}")
    try:
        return parser(raw)
    except EncodingError as error:
        shown = "" if parser is _url else f", not {str(raw)[:60]!a}"
        raise EncodingError(f"setting {key} {where}: {error}{shown}", hint=error.advice) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    found = {key.removeprefix(PREFIX): value for key, value in environment.items() if key.startswith(PREFIX)}
    return {key.lower(): value for key, value in found.items() if key not in _NOT_SETTINGS and value}


def _from_file(file: Path, text: str | None) -> dict[str, object]:
    try:
        if text is None:
            with file.open("rb") as opened:
                data: bytes | str = opened.read(_MAX_FILE + 1)
        else:
            data = text
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise EncodingError(
            f"cannot read the settings file {file}: {error.strerror}", hint="repair it or move it away"
        ) from error
    try:
        return read_toml(data, what=f"the settings file {file}", limit=_MAX_FILE)
    except EncodingError as error:
        raise EncodingError(str(error), hint="repair it or move it away") from error
