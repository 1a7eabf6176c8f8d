"""Whatever is logged, secrets do not reach the file."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import log

WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
XPRV = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
WIF = "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """A log that runs for one test."""
    file = tmp_path / "logs" / "dockchains.log"
    log.start(file)
    yield file
    log.stop()


@pytest.mark.parametrize(
    "secret",
    [
        WORDS,
        WORDS.replace(" ", ", "),
        XPRV,
        XPRV.replace("xprv", "tprv"),
        WIF,
        "http://me:hunter2@127.0.0.1",
        "password=hunter2 and more",
        "Authorization: Basic bWU6aHVudGVyMg==",
        "__cookie__:00ff00ff",
    ],
)
def test_a_secret_is_taken_out(log_file: Path, secret: str) -> None:
    logging.getLogger("wallet.test").error("BEFORE %s after", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("wallet.test").exception("a traceback")
    text = log_file.read_text()
    assert "BEFORE" in text
    assert "[removed]" in text
    for part in (WORDS[:40], XPRV[4:60], WIF, "hunter2", "bWU6aHVudGVyMg", "00ff00ff"):
        assert part not in text


def test_what_is_no_secret_stays(log_file: Path) -> None:
    txid = "b4b3e58fb91d08efa68adc7e63d137a3dd7e0e012a0224d135df37b8742cae74"
    logging.getLogger("wallet.test").info("sent %s at height %d", txid, 103)
    assert f"sent {txid} at height 103" in log_file.read_text()


def test_only_this_user_can_read_it(log_file: Path) -> None:
    assert stat.S_IMODE(log_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(log_file.parent.stat().st_mode) == 0o700


def test_a_large_log_is_turned_over(tmp_path: Path) -> None:
    file = tmp_path / "dockchains.log"
    file.write_bytes(b"x" * 2_000_001)
    log.start(file)
    log.stop()
    assert file.stat().st_size == 0
    assert file.with_suffix(".log.1").stat().st_size == 2_000_001


def test_a_log_makes_room_while_a_service_runs(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_LIMIT", 1_000)
    other = log.BoundedFile(log_file)
    for number in range(100):
        logging.getLogger("tui").info("entry %d of many", number)
        if number % 7 == 0:
            other.emit(logging.makeLogRecord({"msg": "another process", "levelno": logging.INFO}))
    other.close()
    log.stop()
    kept = log_file.with_suffix(".log.1")
    assert "entry 99 of many" in log_file.read_text() + kept.read_text()
    for file in (log_file, kept):
        assert 0 <= file.stat().st_size < 1_300
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in log_file.parent.iterdir()) == ["dockchains.log", "dockchains.log.1"]


def test_where_no_log_can_be_written_the_program_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    log.start(blocked / "dockchains.log")
    assert log.active() is None


def test_nothing_leaves_a_log_that_cannot_be_written(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("tui")
    for place in ("full", "gone", "folder"):
        log_file.unlink(missing_ok=True)
        if place == "full":
            log_file.symlink_to("/dev/full")
        elif place == "gone":
            log_file.symlink_to(log_file.parent / "nowhere" / "at all")
        else:
            log_file.mkdir()
        logger.info("an entry that is lost")
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one, log.BoundedFile))
    handler.emit(logging.makeLogRecord({"msg": "%d is no number", "args": ("this",)}))
    handler.emit(logging.makeLogRecord({"msg": "%s", "args": (Unprintable(),)}))
    log_file.rmdir()
    logger.info("there again")
    assert log_file.read_text().endswith("there again\n")
    assert capsys.readouterr() == ("", "")


class Unprintable:
    """What cannot even be formatted."""

    def __str__(self) -> str:
        raise RecursionError


def test_text_from_outside_can_neither_forge_an_entry_nor_steer_a_terminal(log_file: Path) -> None:
    logging.getLogger("tui").warning("refused: %s", "a\udcff\x1b[2J\r\n2026-01-01 00:00:00 INFO tui all is well\u202e")
    log.stop()
    first, second = log_file.read_text(encoding="utf-8").splitlines()
    assert first.endswith("refused: a\ufffd\ufffd[2J")
    assert second.startswith("    2026-01-01")
    assert second.endswith("well\ufffd")
