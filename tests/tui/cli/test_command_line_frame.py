"""Exit codes, error documents, help and refusals: what every command has in common."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from tui import log
from tui.bootstrap import House
from tui.cli import exits, run
from tui.cli.exits import MEANINGS, ExitCode
from tui.cli.groups import LazyGroup
from tui.cli.nouns import NOUNS, Noun, Verb
from tui.version import VERSION
from wallet import errors

Run = Callable[..., tuple[int, str, str]]

COMMANDS = [(noun, verb) for noun in NOUNS for verb in noun.verbs]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command line in this process, in an empty home; gives exit code, standard output, standard error."""
    monkeypatch.setenv("DOCKCHAINS_HOME", str(tmp_path / "home"))
    for key in ("NETWORK", "NODE_URL", "NODE_COOKIE", "WALLET"):
        monkeypatch.delenv(f"DOCKCHAINS_{key}", raising=False)

    def run_line(*arguments: str, house: type[House] = House) -> tuple[int, str, str]:
        code = run.run(arguments, house)
        captured = capsys.readouterr()
        return int(code), captured.out, captured.err

    yield run_line
    log.stop()


def test_the_version_is_the_packages(cli: Run) -> None:
    pyproject = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in pyproject
    assert cli("--version") == (0, f"dockchains {VERSION}\n", "")


def test_nothing_typed_shows_the_help_with_every_exit_code(cli: Run) -> None:
    code, out, _ = cli()
    assert code == 0
    assert {int(found) for found in re.findall(r"^  (\d+)  ", out, flags=re.MULTILINE)} == {int(c) for c in ExitCode}
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(("noun", "verb"), COMMANDS, ids=lambda item: item.name)
def test_every_command_has_help_with_an_example_and_json(noun: Noun, verb: Verb, cli: Run) -> None:
    code, out, _ = cli(noun.name, verb.name, "--help")
    assert code == 0
    assert f"dockchains {noun.name} {verb.name}" in out.split("Example:")[1]
    assert "--json" in out
    assert "--debug" in out


def test_the_table_says_what_the_commands_say() -> None:
    for noun in NOUNS:
        group = LazyGroup(noun)
        for verb in noun.verbs:
            command = group.get_command(click.Context(group), verb.name)
            assert command is not None
            first = " ".join((command.help or "").split("\n\n")[0].split())
            assert first.split(". ")[0].rstrip(".") + "." == verb.help, (noun.name, verb.name)


def test_no_command_takes_a_secret_as_an_argument() -> None:
    for noun in NOUNS:
        group = LazyGroup(noun)
        for verb in noun.verbs:
            command = group.get_command(click.Context(group), verb.name)
            assert command is not None
            for parameter in command.params:
                if parameter.name in {"password", "passphrase", "words", "secret"}:
                    assert isinstance(parameter, click.Option)
                    assert parameter.is_flag
                assert parameter.envvar is None or parameter.name == "lock", "a lock file is no secret"


def test_a_misspelt_command_is_a_usage_error(cli: Run) -> None:
    code, out, err = cli("wallet", "balnce")
    assert (code, out) == (2, "")
    assert "No such command 'balnce'" in err
    assert "see dockchains wallet --help" in err


def test_a_usage_error_is_one_object_with_json(cli: Run) -> None:
    code, out, _ = cli("wallet", "list", "--nonsense", "--json")
    assert code == 2
    assert json.loads(out)["error"]["kind"] == "usage"


def test_a_noun_alone_shows_its_verbs_as_a_usage_error(cli: Run) -> None:
    code, out, err = cli("wallet")
    assert (code, out) == (2, "")
    assert "balance" in err


def test_an_error_has_kind_message_and_hint(cli: Run) -> None:
    code, out, err = cli("wallet", "balance", "--json")
    assert code == 3
    assert json.loads(out) == {
        "error": {
            "kind": "encoding",
            "message": "no network is chosen",
            "hint": "say --network NAME: one of regtest, signet, testnet4, mainnet",
        }
    }
    assert err == ("error: no network is chosen\n  say --network NAME: one of regtest, signet, testnet4, mainnet\n")


def test_without_json_an_error_leaves_standard_output_empty(cli: Run) -> None:
    code, out, err = cli("wallet", "show", "--network", "regtest")
    assert (code, out) == (3, "")
    assert "there is no wallet 'default' on regtest" in err
    assert "dockchains wallet create" in err


def test_an_unknown_network_names_the_known_ones(cli: Run) -> None:
    code, _, err = cli("chain", "status", "--network", "testnet3")
    assert code == 3
    assert "unknown network: 'testnet3'" in err


def test_mainnet_in_the_environment_alone_is_refused(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKCHAINS_NETWORK", "mainnet")
    code, _, err = cli("wallet", "show")
    assert code == 3
    assert "mainnet is switched off" in err
    monkeypatch.setenv("DOCKCHAINS_ALLOW_MAINNET", "true")
    assert "there is no wallet" in cli("wallet", "show")[2]


def test_mainnet_on_the_command_line_is_an_explicit_choice(cli: Run) -> None:
    assert "there is no wallet" in cli("wallet", "show", "--network", "mainnet")[2]


def test_a_node_that_is_down_is_named_with_advice(cli: Run, tmp_path: Path) -> None:
    code, _, err = cli(
        "chain", "status", "--network", "regtest", "--node-url", "http://127.0.0.1:1",
        "--node-cookie", str(tmp_path / "cookie"),
    )  # fmt: skip
    assert code == 3
    assert f"there is no cookie file at {tmp_path / 'cookie'}" in err
    (tmp_path / "cookie").write_text("__cookie__:00")
    code, _, err = cli(
        "chain", "status", "--network", "regtest", "--node-url", "http://127.0.0.1:1",
        "--node-cookie", str(tmp_path / "cookie"),
    )  # fmt: skip
    assert code == 3
    assert "http://127.0.0.1:1 cannot be asked: nothing listens there" in err


def test_the_doctor_answers_even_where_the_node_does_not(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("chain", "doctor", "--network", "regtest", "--node-cookie", str(tmp_path / "cookie"), "--json")
    found = json.loads(out)
    assert (code, err) == (3, "")
    assert found["healthy"] is False
    assert [check["name"] for check in found["checks"]] == ["reachable"]


def test_questions_without_a_terminal_are_refused_with_the_flag(cli: Run) -> None:
    code, out, err = cli("wallet", "create", "--show-words", "--network", "regtest", "--json")
    assert code == 4
    assert json.loads(out)["error"]["kind"] == "locked"
    assert "--password-file" in err
    code, _, err = cli("wallet", "restore", "--network", "regtest")
    assert code == 4
    assert "--words-file" in err


def test_an_unexpected_error_is_short_and_goes_to_the_log(cli: Run, tmp_path: Path) -> None:
    class Broken(House):
        """A house that falls down."""

        def require_node(self) -> None:
            raise RuntimeError("password=hunter2")

    code, out, err = cli("chain", "status", "--network", "regtest", "--json", house=Broken)
    log = tmp_path / "home" / "log" / "dockchains.log"
    assert code == 1
    assert json.loads(out)["error"]["kind"] == "bug"
    assert "Traceback" not in err
    assert str(log) in err
    assert "RuntimeError" in log.read_text()
    assert "hunter2" not in log.read_text() + err + out
    shown = cli("chain", "status", "--network", "regtest", "--debug", house=Broken)[2]
    assert "Traceback" in shown
    assert "hunter2" not in shown


def test_an_interrupt_ends_with_130(cli: Run) -> None:
    class Interrupted(House):
        """Somebody presses Ctrl-C."""

        def require_node(self) -> None:
            raise KeyboardInterrupt

    assert cli("chain", "status", "--network", "regtest", house=Interrupted)[0] == 130


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (errors.WrongPasswordError("x"), 4, "wrong_password"),
        (exits.LockedError("x"), 4, "locked"),
        (errors.KeystoreError("x"), 3, "keystore"),
        (errors.ChainUnavailableError("x"), 3, "chain_unavailable"),
        (errors.InsufficientFundsError("x", needed=2, available=1), 3, "insufficient_funds"),
    ],
)
def test_errors_map_to_codes_and_kinds(error: errors.WalletError, code: int, kind: str) -> None:
    assert exits.exit_code_of(error) == code
    assert exits.kind_of(error) == kind


def test_the_missing_money_is_in_the_document() -> None:
    error = errors.InsufficientFundsError("x", needed=2, available=1)
    assert exits.error_document(error)["error"] == {
        "kind": "insufficient_funds", "message": "x", "hint": "", "needed": 2, "available": 1,
    }  # fmt: skip
