"""`settings set` and `completion`, as they are typed."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui import log
from tui.cli import run
from tui.cli.nouns import NOUNS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command line in this process, in an empty home; gives exit code, standard output, standard error."""
    monkeypatch.setenv("DOCKCHAINS_HOME", str(home))
    for key in ("NETWORK", "NODE_URL", "NODE_COOKIE", "WALLET", "FEE_RATE"):
        monkeypatch.delenv(f"DOCKCHAINS_{key}", raising=False)

    def run_line(*arguments: str) -> tuple[int, str, str]:
        code = run.run(arguments)
        captured = capsys.readouterr()
        return int(code), captured.out, captured.err

    yield run_line
    log.stop()


def test_what_is_set_is_shown_with_its_origin(cli: Run, home: Path) -> None:
    code, out, _ = cli("settings", "set", "network", "regtest", "confirmations", "3", "--json")
    assert code == 0
    assert json.loads(out)["set"] == {"network": "regtest", "confirmations": 3}
    assert stat.S_IMODE((home / "settings.toml").stat().st_mode) == 0o600
    shown = json.loads(cli("settings", "show", "--json")[1])["settings"]
    assert shown["network"] == {"value": "regtest", "origin": "file"}
    assert shown["wallet"] == {"value": "", "origin": "default"}
    assert cli("settings", "set", "--unset", "network")[0] == 0
    assert json.loads(cli("settings", "show", "--json")[1])["settings"]["network"]["origin"] == "default"


def test_what_belongs_together_is_set_together(cli: Run, home: Path) -> None:
    code, _, err = cli("settings", "set", "node_user", "me")
    assert (code, "belong together" in err) == (3, True)
    assert not (home / "settings.toml").exists()
    assert cli("settings", "set", "node_user", "me", "node_password_file", "secret")[0] == 0
    assert f'node_password_file = "{Path.cwd() / "secret"}"' in (home / "settings.toml").read_text()


def test_an_environment_that_counts_more_is_told(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKCHAINS_FEE_RATE", "9")
    assert "DOCKCHAINS_FEE_RATE as well" in cli("settings", "set", "fee_rate", "3")[2]


def test_a_setting_that_is_none_cannot_be_taken_out(cli: Run) -> None:
    code, _, said = cli("settings", "set", "--unset", "nosuch")
    assert code == 3
    assert "unknown setting 'nosuch'" in said


@pytest.mark.parametrize(
    "arguments", [(), ("network",), ("wallet", "a", "wallet", "b"), ("network", "regtest", "--unset", "network")]
)
def test_what_makes_no_sense_is_a_usage_error(cli: Run, arguments: tuple[str, ...]) -> None:
    assert cli("settings", "set", *arguments)[0] == 2


def completed(words: str, at: int, home: Path) -> list[str]:
    """What the program proposes for a line in bash, with the modules of commands that it imported to find out."""
    program = (
        "import sys\n"
        "from tui.cli.run import run\n"
        "try:\n    run([])\n"
        "finally:\n    print(*(name for name in sys.modules if name.startswith('tui.cli.wallet_')), file=sys.stderr)\n"
    )
    environment = {
        "_DOCKCHAINS_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(at),
        "DOCKCHAINS_HOME": str(home),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stderr.strip() == "", "listing commands imports none of them"
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_nouns_and_verbs_are_proposed_without_importing_a_command(home: Path) -> None:
    assert completed("dockchains ", 1, home) == [noun.name for noun in NOUNS]
    wallet = next(noun for noun in NOUNS if noun.name == "wallet")
    assert completed("dockchains wallet un", 2, home) == ["unfreeze"]
    assert completed("dockchains wallet ", 2, home) == [verb.name for verb in wallet.verbs]


def test_networks_and_wallets_are_proposed(home: Path) -> None:
    folder = home / "regtest" / "wallets" / "savings"
    folder.mkdir(parents=True)
    (folder / "keystore.json").touch()
    assert completed("dockchains settings show --network re", 4, home) == ["regtest"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(cli: Run, shell: str, tmp_path: Path) -> None:
    code, out, _ = cli("completion", shell)
    assert code == 0
    assert "_DOCKCHAINS_COMPLETE" in out
    program = shutil.which(shell)
    if program is not None:
        file = tmp_path / "script"
        file.write_text(out)
        subprocess.run([program, "-n", str(file)], check=True)
