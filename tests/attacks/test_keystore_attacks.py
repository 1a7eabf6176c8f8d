"""Words that lie about: in a log of a pipeline, or behind a password that is guessed in an hour."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cheap_keystores import PROGRAM
from tests.wallet.signing_cases import KEYCHAIN, WORDS
from tui.app.house.checks import check
from tui.app.kinds import Kind
from wallet.errors import EncodingError, KeystoreError
from wallet.keys import keystore
from wallet.keys.keystore import KdfCost, KeystoreHeader, KeystoreSecret, change_password, open_, seal
from wallet.network import REGTEST

CHEAP = KdfCost(passes=1, memory=8 * 1024, lanes=1)
HEADER = KeystoreHeader(network=REGTEST, fingerprint=KEYCHAIN.fingerprint, birth_height=0, created=1)
SECRET = KeystoreSecret(words=WORDS, passphrase="")
LONG = "eight or more"


def sealed(password: str) -> bytes:
    return seal(SECRET, password, header=HEADER, entropy=os.urandom(keystore.SEAL_ENTROPY), cost=CHEAP)


@pytest.mark.parametrize("password", ["", "a", "1234567", "größer"])
def test_a16_a_short_password_seals_nothing_new(password: str) -> None:
    """A16: in both front ends, since it is the keystore that refuses; before anything is made, since both ask first."""
    with pytest.raises(KeystoreError, match="at least 8 characters"):
        sealed(password)
    with pytest.raises(KeystoreError, match="at least 8 characters"):
        change_password(sealed(LONG), LONG, password, entropy=os.urandom(keystore.PASSWORD_ENTROPY), cost=CHEAP)
    with pytest.raises(EncodingError, match="at least 8 characters"):
        check(Kind.PASSWORD, password, None)
    check(Kind.PASSWORD, LONG, None)


def test_a16_a_keystore_of_before_still_opens_with_its_short_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(keystore, "MIN_PASSWORD", 1)
        old = sealed("short")
    assert open_(old, "short").secret == SECRET
    new = change_password(old, "short", LONG, entropy=os.urandom(keystore.PASSWORD_ENTROPY), cost=CHEAP)
    assert open_(new, LONG).secret == SECRET


def typed(home: Path, *arguments: str, password: str = LONG) -> subprocess.CompletedProcess[str]:
    """A command without a terminal, as a pipeline runs it."""
    home.mkdir(exist_ok=True)
    secret = home / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("DOCKCHAINS_", "XDG_"))}
    environ |= {"HOME": str(home), "DOCKCHAINS_HOME": str(home / "d"), "DOCKCHAINS_NODE_URL": "http://127.0.0.1:1"}
    return subprocess.run(
        [*PROGRAM, *arguments, "--network", "regtest", "--password-file", str(secret)],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def words_in(text: str) -> bool:
    """Whether a dozen words of the list stand in a text, numbered or not."""
    from wallet.keys.mnemonic import check as is_valid

    plain = [word for word in text.split() if word.isalpha()]
    for at in range(len(plain) - 11):
        try:
            is_valid(" ".join(plain[at : at + 12]))
        except (EncodingError, ValueError):
            continue
        return True
    return False


def test_a16_words_are_not_printed_without_a_terminal(tmp_path: Path) -> None:
    """A16: what a pipeline prints is kept by others for years. Nothing is made, and the refusal names both ways."""
    for more in ((), ("--json",), ("--yes",)):
        done = typed(tmp_path, "wallet", "create", *more)
        assert done.returncode == 3, done.stderr
        assert "there is no terminal to show the recovery words on" in done.stderr
        assert "--words-out" in done.stderr
        assert "--show-words" in done.stderr
        assert not words_in(done.stderr + done.stdout)
    assert not (tmp_path / "d" / "regtest" / "wallets").exists()


def test_a16_words_are_printed_or_written_where_that_is_asked_for(tmp_path: Path) -> None:
    done = typed(tmp_path / "shown", "wallet", "create", "--show-words", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert words_in(done.stderr)
    assert not words_in(json.dumps(json.loads(done.stdout)))
    file = tmp_path / "words"
    done = typed(tmp_path / "written", "wallet", "create", "--words-out", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    assert not words_in(done.stderr + done.stdout)
    assert words_in(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600


def test_a16_the_command_refuses_a_short_password_before_it_makes_anything(tmp_path: Path) -> None:
    done = typed(tmp_path, "wallet", "create", "--words-out", str(tmp_path / "words"), password="short\n")
    assert done.returncode == 3, done.stderr
    assert "the password is too short: at least 8 characters, not 5" in done.stderr
    assert not (tmp_path / "words").exists()
    assert not (tmp_path / "d" / "regtest" / "wallets").exists()
    made = typed(tmp_path, "wallet", "create", "--words-out", str(tmp_path / "words"))
    assert made.returncode == 0, made.stderr
    (tmp_path / "new").write_text("1234567")
    renewed = typed(tmp_path, "wallet", "password", "--new-password-file", str(tmp_path / "new"))
    assert renewed.returncode == 3
    assert "at least 8 characters" in renewed.stderr
    restored = typed(
        tmp_path, "wallet", "restore", "--wallet", "again", "--words-file", str(tmp_path / "words"), password="1234567"
    )
    assert restored.returncode == 3
    assert "at least 8 characters" in restored.stderr
