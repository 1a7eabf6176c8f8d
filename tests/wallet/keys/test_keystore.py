import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet.errors import EncodingError, KeystoreError, WrongPasswordError
from wallet.hashes import sha256
from wallet.keys import keystore, mnemonic
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import KdfCost, KeystoreHeader, KeystoreSecret, change_password, open_, read_header, seal
from wallet.network import REGTEST

CHEAP = KdfCost(passes=1, memory=8 * 1024, lanes=1)
SECRET = KeystoreSecret(words=mnemonic.generate(bytes(range(16))), passphrase="caf\u00e9 \u2615")
HEADER = KeystoreHeader(
    network=REGTEST,
    fingerprint=PrivateKeychain(SECRET.seed(), REGTEST).fingerprint,
    birth_height=812,
    created=1_700_000_000,
)
ENTROPY = bytes(range(100, 100 + keystore.SEAL_ENTROPY))
FILE = seal(SECRET, "correct horse", header=HEADER, entropy=ENTROPY, cost=CHEAP)


def rewritten(**changes: object) -> bytes:
    """The file with fields changed and the checksum made to fit again, as an attacker would."""
    document = json.loads(FILE)
    for name, value in changes.items():
        target = document["kdf"] if name in document["kdf"] else document
        target[name] = value
    document["checksum"] = ""
    blank = json.dumps(document, separators=(",", ":")).encode()
    document["checksum"] = sha256(blank).hex()
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def test_a_keystore_opens_with_its_password() -> None:
    opened = open_(FILE, "correct horse")
    assert opened.header == HEADER
    assert opened.secret == SECRET
    assert read_header(FILE) == HEADER


def test_the_attackers_rewriting_is_what_the_tests_think_it_is() -> None:
    assert rewritten() == FILE


def test_a_wrong_password_opens_nothing() -> None:
    for password in ("", "correct hors", "correct horse ", "Correct horse"):
        with pytest.raises(WrongPasswordError):
            open_(FILE, password)


def test_a_password_is_the_same_however_it_is_composed() -> None:
    data = seal(SECRET, "a small caf\u00e9", header=HEADER, entropy=ENTROPY, cost=CHEAP)
    assert open_(data, "a small cafe\u0301").secret == SECRET


def test_a_password_from_an_odd_terminal_works() -> None:
    data = seal(SECRET, "odd \udcff keys", header=HEADER, entropy=ENTROPY, cost=CHEAP)
    assert open_(data, "odd \udcff keys").secret == SECRET


def test_no_secret_lies_in_the_open() -> None:
    for secret in (*SECRET.words.split(), SECRET.passphrase, SECRET.seed().hex(), "correct"):
        assert secret.encode() not in FILE
    assert SECRET.words not in repr(SECRET)
    assert SECRET.passphrase not in repr(open_(FILE, "correct horse"))


def test_the_size_does_not_tell_12_words_from_24() -> None:
    words = KeystoreSecret(words=mnemonic.generate(bytes(32)))
    header = replace(HEADER, fingerprint=PrivateKeychain(words.seed(), REGTEST).fingerprint)
    assert len(seal(words, "correct horse", header=header, entropy=ENTROPY, cost=CHEAP)) == len(FILE)


@pytest.mark.parametrize("bit", [0, 5, 7])
def test_every_changed_byte_is_noticed(bit: int) -> None:
    for place in range(len(FILE)):
        damaged = bytearray(FILE)
        damaged[place] ^= 1 << bit
        with pytest.raises(KeystoreError):
            open_(bytes(damaged), "correct horse")


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "mainnet"},
        {"fingerprint": "00000000"},
        {"birth_height": 0},
        {"created": 1},
        {"passes": 2},
        {"memory": 9 * 1024},
        {"lanes": 2},
        {"salt": "00" * 16},
    ],
    ids=str,
)
def test_a_forged_header_does_not_open(changes: dict[str, object]) -> None:
    with pytest.raises(WrongPasswordError, match="tampered"):
        open_(rewritten(**changes), "correct horse")


def test_a_forged_payload_does_not_open() -> None:
    payload = json.loads(FILE)["payload"]
    forged = f"{int(payload[:2], 16) ^ 1:02x}{payload[2:]}"
    with pytest.raises(KeystoreError, match="damaged"):
        open_(rewritten(payload=forged), "correct horse")
    with pytest.raises(KeystoreError, match="damaged"):
        open_(rewritten(payload=""), "correct horse")


@pytest.mark.parametrize(
    "changes",
    [
        {"memory": 100 * 1024 * 1024},
        {"memory": 1},
        {"passes": 10**9},
        {"passes": 0},
        {"lanes": 10**6},
        {"passes": 60, "memory": 1024 * 1024},
    ],
    ids=str,
)
def test_a_hostile_file_cannot_ask_for_endless_work(changes: dict[str, object]) -> None:
    with pytest.raises(KeystoreError, match="unreasonable"):
        open_(rewritten(**changes), "correct horse")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "pbkdf2"},
        {"network": "nonet"},
        {"salt": "00"},
        {"salt": "zz" * 16},
        {"key": "00"},
        {"fingerprint": "0000"},
        {"birth_height": -1},
        {"created": "now"},
        {"version": 0},
        {"extra": 1},
    ],
    ids=str,
)
def test_malformed_fields_are_damage(changes: dict[str, object]) -> None:
    with pytest.raises(KeystoreError, match="damaged"):
        read_header(rewritten(**changes))


def test_a_newer_version_says_so() -> None:
    with pytest.raises(KeystoreError, match="newer version"):
        read_header(rewritten(version=2))
    with pytest.raises(KeystoreError, match="newer version"):
        read_header(b'{"format":"dockchains keystore","version":9,"anything":[]}')


def test_another_file_is_no_keystore() -> None:
    with pytest.raises(KeystoreError, match="not a keystore"):
        read_header(b'{"format":"something else","version":1}')
    with pytest.raises(KeystoreError, match="damaged"):
        read_header(bytes(keystore.MAX_KEYSTORE + 1))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(KeystoreError):
        read_header(data)


def test_a_password_changes_without_touching_the_words() -> None:
    entropy = bytes(range(keystore.PASSWORD_ENTROPY))
    changed = change_password(FILE, "correct horse", "battery staple", entropy=entropy, cost=CHEAP)
    assert open_(changed, "battery staple") == open_(FILE, "correct horse")
    assert json.loads(changed)["payload"] == json.loads(FILE)["payload"]
    with pytest.raises(WrongPasswordError):
        open_(changed, "correct horse")
    with pytest.raises(WrongPasswordError):
        change_password(FILE, "wrong", "battery staple", entropy=entropy, cost=CHEAP)


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(KeystoreError, match="empty"):
        seal(SECRET, "", header=HEADER, entropy=ENTROPY, cost=CHEAP)


def test_words_that_are_not_valid_are_not_sealed() -> None:
    with pytest.raises(EncodingError):
        seal(KeystoreSecret(words="abandon " * 12), "x", header=HEADER, entropy=ENTROPY, cost=CHEAP)


def test_words_are_not_sealed_under_another_wallets_header() -> None:
    with pytest.raises(AssertionError):
        seal(SECRET, "x", header=replace(HEADER, fingerprint=bytes(4)), entropy=ENTROPY, cost=CHEAP)


def test_the_default_cost_is_within_the_bounds_and_not_cheap() -> None:
    keystore.DEFAULT_COST.check()
    assert keystore.DEFAULT_COST.memory >= 128 * 1024
    assert keystore.DEFAULT_COST.passes >= 3


def test_what_seals_costs_that_much_where_nothing_else_is_said() -> None:
    """Asked of a fresh interpreter, since this process makes cheap ones."""
    code = (
        "from assets.services.wallets import backups, opening; from wallet.keys import keystore as k;"
        "ways = (k.seal, k.change_password, opening.create, backups.renew_password);"
        "assert all(way.__kwdefaults__['cost'] is k.DEFAULT_COST for way in ways)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
