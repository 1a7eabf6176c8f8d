"""A wallet whose files are damaged: what is said can be followed, and brings the money back. No node is needed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tui import log
from tui.cli import run

Run = Callable[..., tuple[int, str, str]]
HOME = Path("home") / "regtest" / "wallets"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Command lines of somebody with one wallet, whose words are in the file `words`."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": tmp_path / "home", "NETWORK": "regtest", "NODE_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(f"DOCKCHAINS_{name}", str(value))
    monkeypatch.delenv("DOCKCHAINS_WALLET", raising=False)
    (tmp_path / "password").write_text("correct horse")

    def run_line(*arguments: str) -> tuple[int, str, str]:
        code = run.run(arguments)
        captured = capsys.readouterr()
        log.stop()
        return int(code), captured.out, captured.err

    assert run_line("wallet", "create", "--password-file", "password", "--words-out", "words", "--yes")[0] == 0
    return run_line


def fingerprint(cli: Run, wallet: str) -> str:
    """Which keys a wallet has."""
    code, out, _ = cli("wallet", "show", "--wallet", wallet, "--json")
    assert code == 0
    return str(json.loads(out)["fingerprint"])


def restored_as_told(cli: Run, told: str) -> str:
    """Does what the hint says, and gives the fingerprint of what came back."""
    assert "new name" in told or "dockchains wallet restore --wallet NEW-NAME" in told
    restore = ("wallet", "restore", "--wallet", "again", "--words-file", "words", "--password-file", "password")
    assert cli(*restore)[0] == 0
    return fingerprint(cli, "again")


@pytest.mark.parametrize(
    ("damage", "said"), [(b"no database", "is damaged"), (None, "holds no wallet")], ids=["garbage", "gone"]
)
def test_a_wallet_whose_database_is_lost_is_restored_beside_it(cli: Run, damage: bytes | None, said: str) -> None:
    before = fingerprint(cli, "default")
    database = HOME / "default" / "wallet.db"
    for file in database.parent.glob("wallet.db*"):
        file.unlink()
    if damage is not None:
        database.write_bytes(damage)
        database.chmod(0o600)
    code, _, err = cli("wallet", "show", "--wallet", "default")
    assert code == 3
    assert said in err
    assert restored_as_told(cli, err) == before


def test_a_wallet_whose_keystore_is_damaged_is_restored_beside_it(cli: Run) -> None:
    before = fingerprint(cli, "default")
    keystore = HOME / "default" / "keystore.json"
    keystore.write_bytes(keystore.read_bytes()[:500])
    code, _, err = cli("wallet", "password", "--password-file", "password", "--new-password-file", "password")
    assert code == 3
    assert "the keystore is damaged" in err
    assert restored_as_told(cli, err) == before
