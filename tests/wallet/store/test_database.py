import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wallet.errors import BusyError, NewerVersionError, StoreError
from wallet.store.database import Database, Schema

FIRST = ("CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL)",)
SECOND = ("ALTER TABLE thing ADD COLUMN size BIGINT NOT NULL DEFAULT 7", "CREATE INDEX thing_size ON thing (size)")


def schema(*migrations: tuple[str, ...]) -> Schema:
    return Schema(name="test database", application_id=0x1234, migrations=migrations, recovery="make it again")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "test.db"


def put(database: Database, number: int, name: str = "x") -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO thing (id, name) VALUES (?, ?)", (number, name))


def put_and_fail(database: Database, number: int) -> None:
    with database.transaction():
        put(database, number)
        raise RuntimeError


def ids(database: Database) -> list[int]:
    with database.snapshot() as connection:
        return [row[0] for row in connection.execute("SELECT id FROM thing ORDER BY id")]


def test_what_is_committed_is_there_for_others(path: Path) -> None:
    one, two = Database(path, schema(FIRST)), Database(path, schema(FIRST))
    put(one, 1)
    assert ids(two) == [1]
    one.close()
    two.close()
    assert ids(Database(path, schema(FIRST))) == [1]


def test_files_are_for_this_user_only(path: Path) -> None:
    database = Database(path, schema(FIRST))
    put(database, 1)
    for name in ("test.db", "test.db-wal", "test.db-shm"):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    database.close()
    path.chmod(0o644)
    assert ids(Database(path, schema(FIRST))) == [1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_exception_undoes_everything(path: Path) -> None:
    database = Database(path, schema(FIRST))
    with pytest.raises(RuntimeError):
        put_and_fail(database, 1)
    assert ids(database) == []


def test_an_inner_part_is_undone_alone(path: Path) -> None:
    database = Database(path, schema(FIRST))
    with database.transaction():
        put(database, 1)
        with pytest.raises(StoreError):
            put(database, 1)
        with pytest.raises(RuntimeError):
            put_and_fail(database, 2)
        put(database, 3)
    assert ids(database) == [1, 3]


def test_an_older_version_is_brought_up_to_date(path: Path) -> None:
    old = Database(path, schema(FIRST))
    put(old, 1, "kept")
    old.close()
    with Database(path, schema(FIRST, SECOND)).snapshot() as connection:
        assert connection.execute("SELECT id, name, size FROM thing").fetchall() == [(1, "kept", 7)]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    put(Database(path, schema(FIRST)), 1)
    broken = ("ALTER TABLE thing ADD COLUMN size BIGINT", "NOT SQL")
    with pytest.raises(StoreError):
        Database(path, schema(FIRST, broken)).connect()
    good = Database(path, schema(FIRST, SECOND))
    assert ids(good) == [1]


def test_a_newer_version_is_left_alone(path: Path) -> None:
    Database(path, schema(FIRST, SECOND)).connect()
    with pytest.raises(NewerVersionError, match="schema 2, this program knows 1") as caught:
        Database(path, schema(FIRST)).connect()
    assert "update" in caught.value.hint


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match="is damaged") as caught:
        Database(path, schema(FIRST)).connect()
    assert caught.value.hint == "make it again"
    assert path.read_bytes().startswith(b"this is not")


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (id)")
    other.close()
    with pytest.raises(StoreError, match="is not a test database"):
        Database(path, schema(FIRST)).connect()


def test_a_damaged_page_is_named(path: Path) -> None:
    database = Database(path, schema(FIRST))
    with database.transaction() as connection:
        connection.executemany("INSERT INTO thing VALUES (?, ?)", [(n, "x" * 200) for n in range(500)])
    database.check()
    database.close()
    raw = bytearray(path.read_bytes())
    raw[8192:-4096] = b"\xff" * len(raw[8192:-4096])
    path.write_bytes(raw)
    with pytest.raises(StoreError, match="damaged"):
        Database(path, schema(FIRST)).check()


def test_a_second_writer_is_told_to_wait(path: Path) -> None:
    database = Database(path, schema(FIRST))
    other = Database(path, schema(FIRST), busy_timeout=0.05)
    with database.transaction():
        with pytest.raises(BusyError):
            put(other, 1)
        assert ids(other) == []
    put(other, 1)


def test_a_snapshot_does_not_see_later_writes(path: Path) -> None:
    database, other = Database(path, schema(FIRST)), Database(path, schema(FIRST))
    put(database, 1)
    with database.snapshot():
        assert ids(database) == [1]
        put(other, 2)
        assert ids(database) == [1]
    assert ids(database) == [1, 2]


def test_threads_have_connections_of_their_own(path: Path) -> None:
    database = Database(path, schema(FIRST))
    threads = [threading.Thread(target=put, args=(database, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids(database) == list(range(8))
    database.close()
    assert ids(database) == list(range(8))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Database(tmp_path / "file" / "test.db", schema(FIRST)).connect()


WORKER = """
import sys
from pathlib import Path
from wallet.store.schema import wallet_database
from wallet.store.wallet_store import WalletStore
from wallet.coins import AccountKind
store = WalletStore(wallet_database(Path(sys.argv[1]), busy_timeout=30))
for _ in range(20):
    print(store.hand_out(AccountKind.BTC, 0).index)
"""


def test_processes_that_start_at_once_make_one_database_and_share_it(path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    indexes = [int(line) for output in outputs for line in output.split()]
    assert sorted(indexes) == list(range(60))
