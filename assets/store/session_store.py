"""Logins at gates: one file for each, with the session key and what was written for container tools.

Container tools know hosts, so a registry's host has one login that they are told of. For the keys of sealed images
alone there may be one for each gate: images of many publishers, each with a gate, lie at one public registry. The
credential helper reads one of these files each time that a container tool asks, so this module imports little.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from assets.images.pull_secret import PullSecret, session_of
from assets.remedies import ImageRemedy
from wallet.documents import read_json
from wallet.errors import EncodingError, StoreError
from wallet.store.files import explained, read_private, write_private

_HOST = re.compile(r"[a-z0-9\[][a-z0-9.:\[\]-]{0,254}", re.ASCII)
_LIMIT = 64 * 1024
_SUFFIX = ".json"
_MARK = "+"
"""Stands between host and gate in a file's name; no host has it."""
DAY = 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEntry:
    """An entry that was put into a container tool's file, and what is needed to take it out without a trace.

    `previous` is the credential program that stood there before, or None; `made_object` says that the file had no
    `credHelpers`, `made_file` that there was no file, `made_folder` that there was not even its folder.
    """

    path: Path
    previous: str | None = None
    made_object: bool = False
    made_file: bool = False
    made_folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSession:
    """A login at a gate, for a registry host as it stands in canonical names.

    `image` is the repository that it was made for; `network` block 0 in display order, with `challenge` on signet;
    `key` the private session key, 32 bytes; `since` and `until` unix seconds; `scripts` how many were proven.
    `entries` are there where the registry asks this gate for tokens; without them the session is for keys alone, and
    container tools are told nothing.
    """

    host: str
    gate: str
    image: str
    network: str
    challenge: str | None = None
    key: bytes = field(repr=False)
    since: int
    until: int
    scripts: int
    entries: tuple[WrittenEntry, ...] = ()

    def __post_init__(self) -> None:
        if len(self.key) != 32:
            raise EncodingError("a login without a session key of 32 bytes", hint="log in again")
        if not is_host(self.host):
            raise EncodingError(f"not a registry's host: {self.host[:80]!a}", hint="expected HOST[:PORT]")

    @property
    def username(self) -> str:
        """The public session key in hex, by which the gate knows the session."""
        return session_of(self.key).hex()

    def secret(self, now: int) -> str:
        """A password for the gate that holds for 15 minutes."""
        return PullSecret.sign(self.key, self.gate, now).text()

    def is_over(self, now: int) -> bool:
        """Whether the gate would not accept it any more."""
        return now >= self.until

    def closed(self, now: int, *, other_key: bytes) -> Self:
        """The same without its key, and over; `other_key` (32 random bytes) stands in its place."""
        return replace(self, until=min(self.until, now), key=other_key)

    def days_left(self, now: int) -> int:
        """Days until it ends, the last one counted as a whole."""
        return max(0, self.until - now + DAY - 1) // DAY


class SessionStore:
    """A folder (0700) with a file (0600) for each login."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, host: str) -> GateSession | None:
        """The login for a host that container tools are told of, ended or not, or None.

        Raises StoreError where others can read it, or it is damaged.
        """
        return self._read(self._folder / f"{host}{_SUFFIX}") if is_host(host) else None

    def load_at(self, host: str, gate: str) -> GateSession | None:
        """The login at one gate for a host, whatever it is for. Raises StoreError."""
        told = self.load(host)
        if told is not None and told.gate == gate:
            return told
        return self._read(self._folder / _keys_file(host, gate)) if is_host(host) else None

    def at(self, host: str) -> tuple[GateSession, ...]:
        """Every login for a host. Raises StoreError."""
        return tuple(session for session in self.all() if session.host == host)

    def all(self) -> tuple[GateSession, ...]:
        """Every login, by host. Raises StoreError."""
        with explained(self._folder):
            files = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        ours = (file for file in files if file.suffix == _SUFFIX and is_host(file.stem.partition(_MARK)[0]))
        found = (self._read(file) for file in ours)
        return tuple(session for session in found if session is not None)

    def save(self, session: GateSession) -> None:
        """Keep a login in place of the one that there was for the same use. Raises StoreError."""
        data = json.dumps(_document(session), sort_keys=True, indent=1).encode("ascii")
        write_private(self._folder / _file_of(session), data, overwrite=True)

    def forget(self, session: GateSession) -> None:
        """Remove a login and its key; one that is not there is no error. Raises StoreError."""
        with explained(self._folder):
            (self._folder / _file_of(session)).unlink(missing_ok=True)

    def _read(self, path: Path) -> GateSession | None:
        data = read_private(path, _LIMIT)
        if data is None:
            return None
        session = _parse(data, path)
        if _file_of(session) != path.name:
            raise _damaged(path)
        return session


def _file_of(session: GateSession) -> str:
    return f"{session.host}{_SUFFIX}" if session.entries else _keys_file(session.host, session.gate)


def _keys_file(host: str, gate: str) -> str:
    """The name of the file for keys alone: a gate's origin cannot be a part of it as it stands."""
    return f"{host}{_MARK}{hashlib.sha256(gate.encode()).hexdigest()[:16]}{_SUFFIX}"


def is_host(text: str) -> bool:
    """Whether a text can be a registry's host, with or without a port, and so a part of a file's name."""
    return _HOST.fullmatch(text) is not None


def _document(session: GateSession) -> dict[str, Any]:
    document: dict[str, Any] = {
        "v": 1,
        "host": session.host,
        "gate": session.gate,
        "image": session.image,
        "network": session.network,
        "key": session.key.hex(),
        "from": session.since,
        "until": session.until,
        "scripts": session.scripts,
        "entries": [_entry_document(entry) for entry in session.entries],
    }
    return document if session.challenge is None else {**document, "challenge": session.challenge}


def _entry_document(entry: WrittenEntry) -> dict[str, Any]:
    document: dict[str, Any] = {
        "path": str(entry.path),
        "made_object": entry.made_object,
        "made_file": entry.made_file,
        "made_folder": entry.made_folder,
    }
    return document if entry.previous is None else {**document, "previous": entry.previous}


def _parse(data: bytes, path: Path) -> GateSession:
    try:
        document = read_json(data, what="the login")
        if _of(document, "v", int) != 1:
            raise StoreError(f"{path} was written by a newer version of the program", hint="use that version")
        return GateSession(
            host=_of(document, "host", str),
            gate=_of(document, "gate", str),
            image=_of(document, "image", str),
            network=_of(document, "network", str),
            challenge=_of(document, "challenge", str) if "challenge" in document else None,
            key=bytes.fromhex(_of(document, "key", str)),
            since=_of(document, "from", int),
            until=_of(document, "until", int),
            scripts=_of(document, "scripts", int),
            entries=tuple(_entry(one) for one in _of(document, "entries", list)),
        )
    except (ValueError, KeyError, TypeError):
        raise _damaged(path) from None


def _entry(document: Mapping[str, Any]) -> WrittenEntry:
    return WrittenEntry(
        path=Path(_of(document, "path", str)),
        previous=_of(document, "previous", str) if "previous" in document else None,
        made_object=_of(document, "made_object", bool),
        made_file=_of(document, "made_file", bool),
        made_folder=_of(document, "made_folder", bool) if "made_folder" in document else False,
    )


def _of(document: Mapping[str, Any], key: str, kind: type) -> Any:
    value = document[key]
    if type(value) is not kind:
        raise TypeError(key)
    return value


def _damaged(path: Path) -> StoreError:
    return StoreError(f"the login in {path} cannot be read", hint=ImageRemedy.REMOVE_AND_LOG_IN.of())
