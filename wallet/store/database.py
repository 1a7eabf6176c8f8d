"""SQLite databases: opened safely, migrated in numbered steps, with errors that say what to do.

One connection for each thread and process, so that TUI, CLI and workers live side by side. Statements keep to what
PostgreSQL has too; what only SQLite knows (PRAGMA) stays in this file.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wallet.advice import Prose
from wallet.errors import BusyError, NewerVersionError, StoreError
from wallet.store.files import FILE_MODE, ensure_folder, explained

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process before BusyError."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PART = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a database is made of.

    `migrations` are the steps from nothing on, each a tuple of statements; their number is the schema's version.
    `application_id` (31 bits) tells our files from others'. `name` and `recovery` are for people: what the file is,
    and how to get it back.
    """

    name: str
    application_id: int
    migrations: tuple[tuple[str, ...], ...]
    recovery: Prose


class Database:
    """A file with a schema. Cheap to make; the file is made, checked and migrated on the first use.

    With `durable`, a commit has reached the disk when it returns; without, the last ones may be lost with the power,
    never the consistency.
    """

    def __init__(self, path: Path, schema: Schema, *, durable: bool = True, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.schema = schema
        self._durable = durable
        self._busy_timeout = busy_timeout
        self._lock = threading.Lock()
        self._local = threading.local()
        self._opened: list[tuple[int, threading.Thread, sqlite3.Connection]] = []

    def connect(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode. Raises StoreError, BusyError, NewerVersionError."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            return held[1]
        with self._explained(), self._alone():
            connection = self._open()
            try:
                self._migrate(connection)
            except BaseException:
                connection.close()
                raise
        self._local.held = (os.getpid(), connection)
        with self._lock:
            self._close_orphans()
            self._opened.append((os.getpid(), threading.current_thread(), connection))
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is written, or, on an exception, nothing. One writer at a time: BusyError.

        Inside another transaction of this thread it is a part of that one, undone alone on an exception.
        """
        connection = self.connect()
        begin, commit, rollback = _PART if connection.in_transaction else _WHOLE
        with self._explained():
            connection.execute(begin)
            try:
                yield connection
                connection.execute(commit)
            except BaseException:
                if connection.in_transaction:
                    for statement in rollback:
                        connection.execute(statement)
                raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Reads that all see the same state, whatever others write meanwhile."""
        connection = self.connect()
        with self._explained():
            alone = not connection.in_transaction
            if alone:
                connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if alone and connection.in_transaction:
                    connection.execute("ROLLBACK")

    def check(self) -> None:
        """Reads the whole file. Raises StoreError where it is damaged."""
        with self.snapshot() as connection:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != ("ok",):
            raise self._damaged()

    def close(self) -> None:
        """Closes the connections that this process opened, in all threads; the next use opens again."""
        with self._lock:
            opened, self._opened = self._opened, []
            self._local = threading.local()
        for pid, _, connection in opened:
            if pid == os.getpid():
                connection.close()

    def _close_orphans(self) -> None:
        """Closes the connections of threads that have ended: a server's threads come and go for months.

        Another process's are left alone: closing them here would drop its locks.
        """
        own = os.getpid()
        orphans = [entry for entry in self._opened if entry[0] == own and not entry[1].is_alive()]
        self._opened = [entry for entry in self._opened if entry not in orphans]
        for _, _, connection in orphans:
            connection.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lets one connection at a time be opened, in all threads and processes.

        SQLite does not wait for others while it makes a file or turns on its write-ahead log: it gives up at once.
        """
        ensure_folder(self.path.parent)
        lock = self.path.with_name(f"{self.path.name}.lock")
        with explained(lock):
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except BaseException:
                os.close(descriptor)
                raise
        try:
            yield
        finally:
            os.close(descriptor)

    def _open(self) -> sqlite3.Connection:
        with explained(self.path):
            self._make_private()
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_private(self) -> None:
        """Makes the file, or takes it from others' reach.

        An existing file is never opened here: closing it would drop the locks of this process's other connections.
        """
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))
        except FileExistsError:
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(FILE_MODE)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Brings the file to the schema's version, each step in a transaction of its own."""
        if self._version(connection) == len(self.schema.migrations):
            return
        connection.execute("PRAGMA journal_mode = WAL")
        while True:
            connection.execute("BEGIN IMMEDIATE")
            try:
                version = self._version(connection)
                if version == len(self.schema.migrations):
                    connection.execute("ROLLBACK")
                    return
                for statement in self.schema.migrations[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {self.schema.application_id}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _version(self, connection: sqlite3.Connection) -> int:
        """The number of migrations that the file has seen. Raises StoreError for a file that is not this schema's."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        if application != self.schema.application_id and (version or application or tables):
            raise StoreError(f"{self.path} is not a {self.schema.name}", hint="move that file out of the way")
        if version > len(self.schema.migrations):
            raise NewerVersionError(
                f"{self.path} was written by a newer version (schema {version}, this program knows "
                f"{len(self.schema.migrations)})",
                hint="update the program",
            )
        return version

    def _damaged(self) -> StoreError:
        return StoreError(f"the {self.schema.name} {self.path} is damaged", hint=self.schema.recovery)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns SQLite's errors into ours; `sqlite3` never leaves this file except through connections."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                raise BusyError(
                    f"another process is writing to {self.path}", hint="wait for it to finish, then try again"
                ) from error
            if code in _DAMAGED:
                raise self._damaged() from error
            raise StoreError(
                f"{self.path}: {error}", hint="is the disk full, or the folder read-only? Else it is a bug"
            ) from error
