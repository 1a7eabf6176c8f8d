"""The pytest plugin: what happens where a program is missing, and what is kept after a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from regtest.errors import CommandError
from regtest.harness import Harness

MODULE = """
import pytest

@pytest.mark.node
def test_marked():
    pass

def test_with_fixture(bitcoin_node):
    assert bitcoin_node.height() == 0

@pytest.mark.registry
def test_that_skips():
    pytest.skip("for no good reason")

@pytest.mark.node
@pytest.mark.xfail(reason="known")
def test_known_failure():
    raise AssertionError
"""

FAILING = """
import pytest

def test_failing(regtest_folder):
    (regtest_folder / "evidence").write_text("seen")
    assert False
"""

PASSING = FAILING.replace("assert False", "assert True")


def run_pytest(folder: Path, source: str, **settings: str) -> str:
    """Run a test module in a process of its own, and return what pytest prints."""
    (folder / "test_inner.py").write_text(source)
    (folder / "conftest.py").write_text('pytest_plugins = ["regtest.plugin"]')
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "tmp").mkdir()
    inherited = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}}
    inherited = {name: value for name, value in inherited.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-rA", "test_inner.py"],
        cwd=folder,
        env={**inherited, "TMPDIR": str(folder / "tmp"), **settings},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_a_missing_program_skips_with_the_reason(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, MODULE, BITCOIND="/nonexistent/bitcoind")
    assert "BITCOIND=/nonexistent/bitcoind: no such program" in printed
    assert "4 skipped in" in printed


def test_in_ci_nothing_that_needs_a_program_is_skipped(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, MODULE, BITCOIND="/nonexistent/bitcoind", CI="true")
    assert "BITCOIND=/nonexistent/bitcoind: no such program" in printed
    assert "skipped in" not in printed
    assert "passed" not in printed.splitlines()[-1]


@pytest.mark.node
def test_in_ci_a_marked_test_may_not_skip_for_any_reason(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, MODULE, CI="true")
    assert "skipped, which CI does not allow" in printed
    assert "1 failed, 2 passed, 1 xfailed in" in printed


def test_the_folder_of_a_failed_test_is_kept_and_named(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, FAILING)
    (kept,) = (tmp_path / "tmp").glob("regtest-*")
    assert f"kept: {kept}" in printed
    assert (kept / "evidence").read_text() == "seen"


def test_the_folder_of_a_passed_test_is_removed(tmp_path: Path) -> None:
    assert "1 passed" in run_pytest(tmp_path, PASSING)
    assert not list((tmp_path / "tmp").glob("regtest-*"))


@pytest.mark.node
@pytest.mark.registry
def test_parties_have_homes_of_their_own(harness: Harness) -> None:
    one, two = harness.party("one"), harness.party("two")
    assert harness.party("one") is one
    assert one.home != two.home
    assert one.home.stat().st_mode & 0o777 == 0o700
    secret = one.secret("password", "a password")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text() == "a password\n"
    assert one.environment["DOCKCHAINS_NODE_URL"] == harness.node.url
    assert one.environment["DOCKCHAINS_HOME"] != two.environment["DOCKCHAINS_HOME"]


@pytest.mark.node
@pytest.mark.registry
def test_a_party_runs_the_command_and_checks_its_exit_code(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKCHAINS_NETWORK", "mainnet")
    party = harness.party("runner")
    assert "chain" in party.run("--help").stdout
    assert party.json("chain", "status")["network"] == "regtest"
    with pytest.raises(CommandError, match="exit code 2, expected 0"):
        party.run("no-such-noun")
    assert party.run("no-such-noun", expect=2).code == 2
