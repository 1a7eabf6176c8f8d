"""Bytes that are no UTF-8, and characters that no file name holds: arguments, options, variables, settings."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tui.settings import load
from wallet.errors import EncodingError
from wallet.keys.uri import PaymentRequest, UnitRequest
from wallet.network import REGTEST

BROKEN = "bitcoin:bcrt1q\udcff"

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "a payment link": ("wallet", "send", BROKEN, "0.1"),
    "a link for units": ("access", "grant", "registry.example/acme/app", "--to", "dockchains:dcrt1q\udcff"),
    "an image": ("image", "verify", "registry.example/acme/app:\udcff"),
    "a file": ("wallet", "sign", "file\udcff"),
    "a lock file": ("image", "verify", "registry.example/acme/app:1", "--lock", "lock\udcff"),
    "a file that would be made": ("wallet", "backup", "backup\udcff"),
    "a wallet's name": ("wallet", "show", "--wallet", "\udcff"),
    "a label": ("wallet", "label", "ab" * 32, "rent \udcff"),
    "a message": ("wallet", "sign-message", "bcrt1q", "text \udcff"),
    "a setting": ("settings", "set", "node_cookie", "\udcff"),
    "a noun": ("\udcff",),
    "a verb": ("wallet", "\udcff"),
    "an option": ("wallet", "list", "--\udcff"),
    "a network": ("wallet", "list", "--network", "\udcff"),
    "as JSON": ("wallet", "list", "--json", "--network", "\udcff"),
}


def command(arguments: Sequence[str], home: Path, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """A process of its own, since only a real one is given bytes; code, output and errors."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DOCKCHAINS_", "XDG_"))}
    given = {**kept, "HOME": str(home), "DOCKCHAINS_HOME": str(home / "d"), **(environment or {})}
    done = subprocess.run(
        [b"%s" % os.fsencode(sys.executable), b"-m", b"tui", *map(os.fsencode, arguments)],
        env={os.fsencode(key): os.fsencode(value) for key, value in given.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


@pytest.mark.parametrize("what", ARGUMENTS)
def test_a13_an_argument_that_is_no_utf8_is_told(what: str, tmp_path: Path) -> None:
    code, out, err = command(ARGUMENTS[what], tmp_path)
    assert code in (2, 3), err
    assert "is not UTF-8" in err
    assert "unexpected" not in err
    assert "Traceback" not in err
    assert ("is not UTF-8" in out) == (what == "as JSON")


@pytest.mark.parametrize(
    "name",
    [
        "DOCKCHAINS_NETWORK",
        "DOCKCHAINS_NODE_URL",
        "DOCKCHAINS_HOME",
        "DOCKCHAINS_LOCK",
        "HTTPS_PROXY",
        "no_proxy",
        "HOME",
        "XDG_RUNTIME_DIR",
        "DOCKER_CONFIG",
        "REGISTRY_AUTH_FILE",
    ],
)
def test_a13_a_variable_that_is_no_utf8_is_told(name: str, tmp_path: Path) -> None:
    code, _, err = command(("wallet", "list", "--network", "regtest"), tmp_path, {name: f"{tmp_path}/\udcff"})
    assert code == 3, err
    assert f"the environment variable {name} is not UTF-8" in err


def test_a13_a_variable_of_nobody_may_hold_what_it_likes(tmp_path: Path) -> None:
    code, _, err = command(("wallet", "list", "--network", "regtest"), tmp_path, {"LESS": "\udcff", "\udcfe": "x"})
    assert code == 0, err


def test_a13_a_folder_whose_name_is_no_utf8_is_told_before_it_is_written_into_settings(tmp_path: Path) -> None:
    folder = tmp_path / "f\udcff"
    folder.mkdir()
    here = Path.cwd()
    os.chdir(folder)
    try:
        code, _, err = command(("settings", "set", "node_cookie", "cookie"), tmp_path)
    finally:
        os.chdir(here)
    assert code == 3, err
    assert "is not UTF-8" in err


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"a\\u001bb"', '"a\\nb"', "0xffffffffffff", "1e9", '""', "[1]"])
@pytest.mark.parametrize("key", ["node_cookie", "registry_ca_file", "node_password_file", "wallet", "node_url"])
def test_a13_a_setting_that_no_file_or_host_can_be_called_is_told(key: str, text: str) -> None:
    with pytest.raises(EncodingError, match=key):
        load({}, {}, Path("settings.toml"), text=f"{key} = {text}")


def test_a13_a_link_with_broken_text_is_refused_by_its_reader_too() -> None:
    """Links come by other ways than arguments."""
    for text in (BROKEN, "bitcoin:x?label=\udcff", "bitcoin:x?\ud800=1", "dockchains:\udcff", "\udcff"):
        for parse in (PaymentRequest.parse, UnitRequest.parse):
            with pytest.raises(EncodingError):
                parse(text, REGTEST)
