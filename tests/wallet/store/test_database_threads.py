"""Threads come and go in a service; their connections go with them."""

import threading
from pathlib import Path

from wallet.store.database import Database, Schema

SCHEMA = Schema(
    name="test", application_id=0x7E57, migrations=(("CREATE TABLE entry (id BIGINT PRIMARY KEY)",),), recovery="none"
)


def opened(path: Path) -> int:
    """Descriptors of this process on a file."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += entry.readlink() == path
        except FileNotFoundError:
            continue
    return found


def test_threads_that_ended_leave_no_connection_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db", SCHEMA)

    def use() -> None:
        with database.snapshot() as connection:
            connection.execute("SELECT count(*) FROM entry").fetchone()

    use()
    for _ in range(30):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert opened(database.path) < 10, "this thread's, the last one's, and what SQLite closes later"
    use()
    database.close()
    assert opened(database.path) == 0


def test_threads_that_live_keep_theirs(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db", SCHEMA)
    go, done, told = threading.Event(), threading.Event(), []

    def stay() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO entry VALUES (1)")
        done.set()
        go.wait(10)
        with database.snapshot() as connection:
            told.append(connection.execute("SELECT id FROM entry").fetchall())

    staying = threading.Thread(target=stay)
    staying.start()
    assert done.wait(10)
    for _ in range(5):
        passing = threading.Thread(target=database.check)
        passing.start()
        passing.join()
    go.set()
    staying.join()
    assert told == [[(1,)]]
    database.close()
