"""The sessions of a gate, on disk, so that nobody has to log in again when it restarts.

A session is a public key, and the scripts that vouched for it, each until a time. What was logged out is remembered for
as long as an old request to log in could be sent once more.
"""

from collections.abc import Sequence
from pathlib import Path

from bitcoin.core.script import CScript

from assets.images.login_claim import MAX_SECONDS
from assets.remedies import ImageRemedy
from wallet.errors import StateError
from wallet.store.database import Database, Schema

SESSIONS_PER_SCRIPT = 32
"""Sessions that one script may have at a time; another one ends the oldest."""

_FIRST = (
    """
    CREATE TABLE vouch (
        session BLOB NOT NULL,
        script BLOB NOT NULL,
        since BIGINT NOT NULL,
        until BIGINT NOT NULL,
        made BIGINT NOT NULL,
        PRIMARY KEY (session, script)
    )
    """,
    "CREATE INDEX vouch_by_script ON vouch (script)",
    "CREATE INDEX vouch_by_end ON vouch (until)",
    "CREATE TABLE ended (session BLOB PRIMARY KEY, until BIGINT NOT NULL)",
)

GATE_SCHEMA = Schema(
    name="gate's list of sessions",
    application_id=0x444B4347,
    migrations=(_FIRST,),
    recovery="stop the gate and move the file away; everybody has to log in again",
)


class GateStore:
    """Implements `assets.server.gate.Sessions`. Safe in threads and processes."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, GATE_SCHEMA, durable=False)

    def register(self, session: bytes, scripts: Sequence[CScript], *, since: int, until: int, now: int) -> None:
        """Let scripts vouch for a session, beside those that do already; an earlier end never replaces a later one.

        Raises StateError for a session that was logged out.
        """
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM vouch WHERE until <= ?", (now,))
            connection.execute("DELETE FROM ended WHERE until <= ?", (now,))
            if connection.execute("SELECT 1 FROM ended WHERE session = ?", (session,)).fetchone() is not None:
                raise StateError("this session was logged out", hint=ImageRemedy.LOG_IN_AGAIN.of())
            connection.executemany(
                "INSERT INTO vouch (session, script, since, until, made) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (session, script) DO UPDATE SET since = excluded.since, until = excluded.until "
                "WHERE excluded.until > vouch.until",
                ((session, bytes(script), since, until, now) for script in scripts),
            )
            for script in scripts:
                rows = connection.execute(
                    "SELECT session FROM vouch WHERE script = ? ORDER BY made DESC, session", (bytes(script),)
                ).fetchall()
                connection.executemany(
                    "DELETE FROM vouch WHERE script = ? AND session = ? AND session <> ?",
                    ((bytes(script), old, session) for (old,) in rows[SESSIONS_PER_SCRIPT:]),
                )

    def scripts(self, session: bytes, now: int) -> tuple[CScript, ...]:
        """The scripts that vouch for a session at a time; none where it is unknown, ended or logged out."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT script FROM vouch WHERE session = ? AND since <= ? AND until > ? ORDER BY script",
                (session, now, now),
            ).fetchall()
        return tuple(CScript(bytes(script)) for (script,) in rows)

    def end(self, session: bytes, now: int) -> bool:
        """Log a session out for ever; whether there was one."""
        with self._database.transaction() as connection:
            found = connection.execute("DELETE FROM vouch WHERE session = ?", (session,)).rowcount > 0
            if found:
                connection.execute(
                    "INSERT INTO ended (session, until) VALUES (?, ?) ON CONFLICT (session) DO NOTHING",
                    (session, now + MAX_SECONDS + 60),
                )
        return found

    def count(self, now: int) -> int:
        """Sessions that are open."""
        with self._database.snapshot() as connection:
            row = connection.execute("SELECT count(DISTINCT session) FROM vouch WHERE until > ?", (now,)).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
