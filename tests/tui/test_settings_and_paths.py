"""Settings are merged from four places and remember where they come from; files are private."""

from pathlib import Path

import pytest

from tui.paths import Paths
from tui.settings import Origin, load, rows
from wallet.errors import EncodingError


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('network = "signet"\nwallet = "savings"\nfee_rate = 2.5\n')
    settings = load({"network": "regtest", "wallet": None}, {"DOCKCHAINS_NETWORK": "testnet4"}, file)
    assert (settings.network, settings.wallet, settings.fee_rate) == ("regtest", "savings", "2.5")
    assert settings.origin("network") is Origin.FLAG
    assert settings.origin("wallet") is Origin.FILE
    assert settings.origin("confirmations") is Origin.DEFAULT
    assert load({}, {"DOCKCHAINS_NETWORK": "testnet4"}, file).origin("network") is Origin.ENVIRONMENT


@pytest.mark.parametrize(
    ("environment", "content", "message"),
    [
        ({"DOCKCHAINS_NETWROK": "regtest"}, "", "unknown setting 'netwrok' in the environment"),
        ({}, "colour = true\n", "unknown setting 'colour' in "),
        ({}, "network = \n", "is not TOML"),
        ({}, "confirmations = 0\n", "setting confirmations in "),
        ({}, "confirmations = true\n", "expected a whole number"),
        ({}, "allow_mainnet = 7\n", "expected true or false"),
        ({}, "network = 7\n", "expected a text"),
        ({}, "idle_lock = 1441\n", "expected 0 to 1440 minutes"),
        ({"DOCKCHAINS_IDLE_LOCK": "never"}, "", "expected a whole number"),
        ({"DOCKCHAINS_NODE_USER": "me"}, "", "belong together"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, environment: dict[str, str], content: str, message: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content)
    with pytest.raises(EncodingError, match="(?s)" + message.replace("(", r"\(")) as caught:
        load({}, environment, file)
    assert caught.value.hint or "expected" in str(caught.value)


def test_a_password_in_the_node_url_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(EncodingError) as caught:
        load({}, {"DOCKCHAINS_NODE_URL": "http://me:hunter2@127.0.0.1:8332"}, tmp_path / "none.toml")
    assert "hunter2" not in str(caught.value)
    assert "node_password_file" in caught.value.hint


def test_home_and_lock_are_no_settings(tmp_path: Path) -> None:
    settings = load({}, {"DOCKCHAINS_HOME": "/x", "DOCKCHAINS_LOCK": "/y"}, tmp_path / "none.toml")
    assert all(origin is Origin.DEFAULT for _, _, origin in rows(settings))


def test_one_folder_holds_everything(tmp_path: Path) -> None:
    paths = Paths.of({"DOCKCHAINS_HOME": str(tmp_path)})
    wallet = paths.wallet("regtest", "main")
    assert paths.settings_file == tmp_path / "settings.toml"
    assert wallet.keystore == tmp_path / "regtest" / "wallets" / "main" / "keystore.json"
    assert paths.index("regtest") == tmp_path / "regtest" / "index.db"
    assert paths.wallet_names("regtest") == ()


@pytest.mark.parametrize("name", ["", "..", "../other", "a/b", "Big", ".hidden", "x" * 33, "a\n"])
def test_a_wallet_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(EncodingError):
        Paths.of({"DOCKCHAINS_HOME": str(tmp_path)}).wallet("regtest", name)
