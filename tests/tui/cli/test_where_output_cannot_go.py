"""Standard output or error closed, or on a full disk: nothing crashes, and the exit code says what was lost."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli.output import Output, UnwrittenError, emit
from tui.cli.progress import Progress
from tui.cli.terminal import Terminal


def dockchains(home: Path, redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command line in a process of its own, with a shell's redirection."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCKCHAINS_")}
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m tui "$@" {redirection}', sys.executable, *arguments],
        env=environment | {"DOCKCHAINS_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirection", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")], ids=["full", "closed"]
)
@pytest.mark.parametrize("answer", [("settings", "show"), ("settings", "show", "--json")], ids=["text", "json"])
def test_an_answer_that_cannot_be_written_is_told_and_is_no_success(
    tmp_path: Path, redirection: str, why: str, answer: tuple[str, ...]
) -> None:
    done = dockchains(tmp_path, redirection, *answer)
    assert done.returncode == 3
    assert f"error: the answer cannot be written to standard output: {why}\n" in done.stderr
    assert "wallet history" in done.stderr


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_an_error_keeps_its_code_and_words_where_its_document_cannot_be_written(
    tmp_path: Path, redirection: str
) -> None:
    done = dockchains(tmp_path, redirection, "wallet", "show", "--network", "regtest", "--json")
    assert done.returncode == 3
    assert done.stderr.startswith("error: there is no wallet 'default' on regtest\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
def test_notes_that_nobody_can_read_stop_nothing(tmp_path: Path, redirection: str) -> None:
    listed = dockchains(tmp_path, redirection, "wallet", "list", "--network", "regtest", "--json")
    assert (listed.returncode, listed.stdout) == (0, '{"wallets": []}\n')
    assert dockchains(tmp_path, redirection, "wallet", "show", "--network", "regtest").returncode == 3


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    done = dockchains(tmp_path, "| true", "settings", "show")
    assert "error" not in done.stderr


def test_no_file_is_opened_where_a_closed_stream_was(tmp_path: Path) -> None:
    """Else whatever prints to standard output or error would write into a database."""
    script = (
        "import os, sys; from tui.cli.run import main; sys.argv = ['dockchains', '--version'];"
        "code = main(); opened = os.open(sys.executable, os.O_RDONLY); sys.exit(code if opened > 2 else 99)"
    )
    for redirection in ("<&-", "2>&-", "<&- 2>&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, script],
            env=os.environ | {"DOCKCHAINS_HOME": str(tmp_path)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_notes_and_progress_on_a_closed_stream_end_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    monkeypatch.setattr(sys, "stdout", closed)
    terminal = Terminal()
    terminal.note("nobody reads this")
    terminal.error("nor this", "nor that")
    progress = Progress("work", terminal)
    for done in (0, 1, 2):
        progress(done, 2)
    with pytest.raises(UnwrittenError):
        emit(Output(data={}, text="nor the answer"), as_json=False)
