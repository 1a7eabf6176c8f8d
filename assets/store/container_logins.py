"""Telling docker, podman, skopeo and buildah which credential program to ask for a host, and taking that back.

The program is named under `credHelpers` in docker's `config.json` and in containers' `auth.json`, by the host alone:
keys with a path are ignored by these tools. Everything else in the files stays as it is, to the byte.
"""

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from assets.store.json_splice import has_object, is_empty, value_of, with_value, without
from assets.store.session_store import WrittenEntry
from wallet.errors import EncodingError, StoreError
from wallet.store.files import FILE_MODE, explained, write_private

PROGRAM = "dockchains"
"""What `credHelpers` says; the tools run `docker-credential-dockchains`."""

_KEY = "credHelpers"
_NEW = "{\n}"
_LIMIT = 4 * 1024 * 1024


class Undone(StrEnum):
    """What became of an entry that was to be taken out."""

    REMOVED = "removed"
    RESTORED = "restored"
    GONE = "not there any more"
    FOREIGN = "changed by somebody else, and left alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLogins:
    """The files of one user. `environ` is the environment by which container tools find them, `home` the folder."""

    environ: Mapping[str, str] = field(repr=False)
    home: Path

    def files(self) -> tuple[Path, ...]:
        """Docker's file, and those of podman and skopeo.

        The latter read `REGISTRY_AUTH_FILE` alone where it is set; else a file that lasts until the machine restarts,
        if there is a place for it, and then one that stays. Both are written, so that the login outlives a restart.
        """
        docker = self.environ.get("DOCKER_CONFIG")
        found = [(Path(docker) if docker else self.home / ".docker") / "config.json"]
        chosen = self.environ.get("REGISTRY_AUTH_FILE")
        if chosen:
            return (*found, Path(chosen))
        runtime = self.environ.get("XDG_RUNTIME_DIR")
        if runtime and Path(runtime).is_dir():
            found.append(Path(runtime) / "containers" / "auth.json")
        config = self.environ.get("XDG_CONFIG_HOME")
        found.append((Path(config) if config else self.home / ".config") / "containers" / "auth.json")
        return tuple(found)

    def plan(self, host: str) -> tuple[WrittenEntry, ...]:
        """What would be written for a host, and how it would be undone. Raises StoreError for a file that cannot be
        read; nothing is written here."""
        return tuple(_planned(path.absolute(), host) for path in dict.fromkeys(self.files()))

    def write(self, host: str, entries: tuple[WrittenEntry, ...]) -> None:
        """Name our program for a host in each file. Raises StoreError."""
        for entry in entries:
            text = _read(entry.path)
            changed = _edited(entry.path, text or _NEW, host)
            if changed != text:
                _replace(entry.path, changed)

    def undo(self, host: str, entry: WrittenEntry) -> Undone:
        """Take an entry out, or put back what stood there. Raises StoreError."""
        text = _read(entry.path)
        if not text:
            return Undone.GONE
        with _named(entry.path):
            present = value_of(text, _KEY, host)
            if present != PROGRAM:
                return Undone.GONE if present is None else Undone.FOREIGN
            if entry.previous is not None:
                _replace(entry.path, with_value(text, _KEY, host, entry.previous))
                return Undone.RESTORED
            changed = without(text, _KEY, host)
            if entry.made_object and is_empty(changed, _KEY):
                changed = without(changed, _KEY, None)
            if entry.made_file and is_empty(changed):
                with explained(entry.path):
                    entry.path.unlink(missing_ok=True)
                if entry.made_folder:
                    with suppress(OSError):  # somebody else may have put something there
                        entry.path.parent.rmdir()
            else:
                _replace(entry.path, changed)
        return Undone.REMOVED


def _planned(path: Path, host: str) -> WrittenEntry:
    text = _read(path)
    if text is None:
        return WrittenEntry(path=path, made_object=True, made_file=True, made_folder=not path.parent.exists())
    with _named(path):
        base = text or _NEW
        present = value_of(base, _KEY, host)
        return WrittenEntry(
            path=path,
            previous=None if present == PROGRAM else present,
            made_object=not has_object(base, _KEY),
        )


def _edited(path: Path, text: str, host: str) -> str:
    with _named(path):
        return text if value_of(text, _KEY, host) == PROGRAM else with_value(text, _KEY, host, PROGRAM)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Says in which file the trouble is."""
    try:
        yield
    except EncodingError as error:
        raise StoreError(f"{path} cannot be used: {error}", hint="repair the file, then try again") from None


def _read(path: Path) -> str | None:
    """The text of a file, empty where it holds nothing but space; None where there is none. Raises StoreError."""
    with explained(path):
        try:
            with path.open("rb") as file:
                data = file.read(_LIMIT + 1)
        except FileNotFoundError:
            return None
    if len(data) > _LIMIT:
        raise StoreError(f"{path} is too large for a file of logins", hint="is this the right file?")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise StoreError(f"{path} is not UTF-8 text", hint="repair the file, then try again") from None
    return text if text.strip() else ""


def _replace(path: Path, text: str) -> None:
    """Writes a file wholly or not at all, through a link where there is one, and with the mode that it had."""
    with explained(path):
        target = path.resolve()
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else FILE_MODE
        write_private(target, text.encode("utf-8"), overwrite=True, mode=mode)
