"""`make play`: the lines that it prints do the main job, and nothing is left when its shell ends."""

import re
import tempfile
from pathlib import Path

import pytest

from regtest.playground import _WELCOME, play
from regtest.plugin import require_tools

pytestmark = [pytest.mark.node, pytest.mark.registry]


def printed_lines() -> list[str]:
    """The commands of the main job, as somebody types them who says yes to every question."""
    job = _WELCOME.split("The main job:")[1].split("Leave with")[0]
    lines = [line.strip() for line in job.splitlines() if line.strip()]
    assert len(lines) == 5
    return [line if " verify " in line or line == "mine 1" else f"{line} --yes" for line in lines]


def test_what_the_playground_prints_does_the_main_job_and_leaves_nothing(
    tmp_path: Path, dockchains: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    require_tools()
    shell = tmp_path / "shell"
    shell.write_text("\n".join(["#!/bin/sh", "set -e", "bitcoin-cli getblockcount", *printed_lines(), "exit 7", ""]))
    shell.chmod(0o700)
    monkeypatch.setenv("SHELL", str(shell))
    monkeypatch.setenv("DOCKCHAINS_WALLET", "of-somebody-else")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = play(dockchains)
    out, err = capfd.readouterr()
    assert ended == 7, out + err
    host = re.search(r"registry +(127\.0\.0\.1:\d+)", out)
    assert host is not None
    assert re.fullmatch(rf"{re.escape(host[1])}/acme/app@sha256:[0-9a-f]{{64}}", out.splitlines()[-1])
    assert "VERIFIED" in err
    assert [one.name for one in tmp_path.iterdir()] == ["shell"]
