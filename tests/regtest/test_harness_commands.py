"""`python -m regtest`: up, down, mine, fund, reorg."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regtest.errors import HarnessError
from regtest.state import VARIABLE, Running, load_state

SOMEBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m regtest` with its state in a folder of the test."""
    return subprocess.run(
        [sys.executable, "-m", "regtest", *arguments],
        env={**os.environ, VARIABLE: str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    """A folder in which `up` has run; `down` follows whatever happens."""
    folder = tmp_path / "world"
    try:
        assert command(folder, "up").returncode == 0
        yield folder
    finally:
        command(folder, "down")


@pytest.mark.node
@pytest.mark.registry
def test_a_network_comes_up_is_used_and_goes_down(world: Path) -> None:
    state = load_state(world)
    assert state is not None
    assert state.node.is_alive()
    assert state.registry.is_alive()
    assert len(command(world, "mine", "3").stdout.split()) == 3
    txid = command(world, "fund", SOMEBODY, "0.05").stdout.strip()
    assert state.attach().rpc("getrawmempool") == [txid]
    assert len(command(world, "reorg", "2").stdout.split()) == 3
    again = command(world, "up")
    assert f"export DOCKCHAINS_NODE_URL=http://127.0.0.1:{state.node.port}\n" in again.stdout
    assert f"export REGISTRY=127.0.0.1:{state.registry.port}\n" in again.stdout
    assert command(world, "down").returncode == 0
    assert not state.node.is_alive()
    assert not state.registry.is_alive()


@pytest.mark.node
@pytest.mark.registry
def test_the_chain_survives_down_and_up_until_it_is_wiped(world: Path) -> None:
    block = command(world, "mine").stdout.strip()
    command(world, "down")
    command(world, "up")
    state = load_state(world)
    assert state is not None
    assert state.attach().best() == block
    assert command(world, "down", "--wipe").returncode == 0
    assert not world.exists()


@pytest.mark.node
@pytest.mark.registry
def test_bad_amounts_and_addresses_are_refused(world: Path) -> None:
    for amount in ("0.000000001", "nan", "Infinity", "0", "x"):
        refused = command(world, "fund", SOMEBODY, amount)
        assert refused.returncode == 2
        assert "amount in BTC" in refused.stderr
    refused = command(world, "fund", "not-an-address", "1")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: Invalid Bitcoin address")


def test_without_a_network_the_commands_say_how_to_start_one(tmp_path: Path) -> None:
    refused = command(tmp_path, "mine")
    assert refused.returncode == 1
    assert "python -m regtest up" in refused.stderr
    assert command(tmp_path, "down").returncode == 0


def test_down_ends_only_the_very_process_that_was_started(tmp_path: Path) -> None:
    """An id that was given to another process since is left alone."""
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            known = Running.of(stranger.pid, 1)
            mistaken = Running(pid=known.pid, began=known.began - 1, port=1)
            document = {
                name: {"pid": mistaken.pid, "began": mistaken.began, "port": 1} for name in ("node", "registry")
            }
            (tmp_path / "state.json").write_text(json.dumps(document))
            assert command(tmp_path, "down").returncode == 0
            assert stranger.poll() is None
            assert known.is_alive()
        finally:
            stranger.kill()


def test_a_state_file_of_another_kind_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"node": 1}')
    with pytest.raises(HarnessError, match="is not readable"):
        load_state(tmp_path)
