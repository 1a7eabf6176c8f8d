"""`dockchains` alone opens the app at a terminal, and only there."""

import math
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tui.app.start import idle_seconds, start
from tui.settings import load

DEADLINE = 60.0


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCKCHAINS_")}
    return kept | {
        "DOCKCHAINS_HOME": str(home),
        "DOCKCHAINS_NETWORK": "regtest",
        "DOCKCHAINS_NODE_URL": "http://127.0.0.1:9",
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "LINES": "24",
    }


def test_at_a_terminal_the_app_opens_without_a_node_and_ends_with_its_key(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tui"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(tmp_path),
        start_new_session=True,
    )
    os.close(slave)
    try:
        shown, end = b"", time.monotonic() + DEADLINE
        while b"New words" not in shown:
            assert time.monotonic() < end, shown[-2_000:]
            if select.select([master], [], [], 0.2)[0]:
                shown += os.read(master, 65_536)
        os.write(master, b"\x11")
        while process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            if select.select([master], [], [], 0.2)[0]:
                try:
                    os.read(master, 65_536)
                except OSError:
                    break
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_without_a_terminal_it_is_the_command_line_that_answers(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui"],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
    )
    assert "wallet" in done.stdout + done.stderr
    assert "\x1b[?1049h" not in done.stdout


def test_settings_that_are_wrong_are_said_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text('netwrok = "regtest"\n', encoding="utf-8")
    monkeypatch.setenv("DOCKCHAINS_HOME", str(tmp_path))
    assert start() == 3
    assert "netwrok" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("", 600.0), ("idle_lock = 3\n", 180.0), ("idle_lock = 0\n", math.inf)])
def test_the_settings_say_when_the_app_locks_itself(tmp_path: Path, text: str, seconds: float) -> None:
    assert idle_seconds(load({}, {}, tmp_path / "settings.toml", text=text)) == seconds
