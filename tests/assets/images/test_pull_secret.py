"""The password that the credential helper makes."""

import base64
import hashlib

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import UnauthorizedError
from assets.images.pull_secret import PullSecret, check_pull_secret, parse_pull_secret, pull_digest
from wallet.errors import EncodingError

KEY = PrivateKey(bytes(31) + b"\x07")
SESSION = KEY.public_key.format()
GATE = "https://gate.example"
NOW = 1_800_000_000
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def secret(at: int = NOW, gate: str = GATE) -> str:
    return PullSecret.sign(KEY.secret, gate, at).text()


def test_what_is_signed_is_byte_for_byte_what_the_format_says() -> None:
    assert pull_digest(GATE, 5) == hashlib.sha256(b"dockchains pull 1\nhttps://gate.example\n5").digest()


def test_a_secret_is_a_time_and_64_bytes_in_base64url() -> None:
    time, _, signature = secret().partition(".")
    assert int(time) == NOW
    assert len(base64.urlsafe_b64decode(signature + "==")) == 64
    assert parse_pull_secret(secret()).text() == secret()


@pytest.mark.parametrize("age", [900, 899, 0, -60])
def test_it_holds_for_15_minutes_and_any_number_of_uses(age: int) -> None:
    for _ in range(2):
        check_pull_secret(SESSION, secret(NOW - age), gate=GATE, now=NOW)


@pytest.mark.parametrize(("age", "why"), [(901, "older"), (86_400, "older"), (-61, "future"), (-(10**9), "future")])
def test_it_does_not_hold_before_or_after(age: int, why: str) -> None:
    with pytest.raises(UnauthorizedError, match=why):
        check_pull_secret(SESSION, secret(NOW - age), gate=GATE, now=NOW)


@pytest.mark.parametrize("gate", ["https://gate.example:444", "https://gate.exampl", "http://127.0.0.1:5001"])
def test_it_is_worth_nothing_at_another_gate(gate: str) -> None:
    with pytest.raises(UnauthorizedError, match="does not fit"):
        check_pull_secret(SESSION, secret(gate=gate), gate=GATE, now=NOW)


def test_it_is_worth_nothing_with_another_session() -> None:
    other = PrivateKey(bytes(31) + b"\x08").public_key.format()
    with pytest.raises(UnauthorizedError, match="does not fit"):
        check_pull_secret(other, secret(), gate=GATE, now=NOW)


@pytest.mark.parametrize("session", [b"", bytes(33), SESSION[:-1], KEY.public_key.format(compressed=False)])
def test_a_session_that_is_no_compressed_key_is_refused(session: bytes) -> None:
    with pytest.raises(UnauthorizedError):
        check_pull_secret(session, secret(), gate=GATE, now=NOW)


def test_the_high_s_twin_of_a_signature_is_refused() -> None:
    made = parse_pull_secret(secret())
    twin = made.signature[:32] + (ORDER - int.from_bytes(made.signature[32:], "big")).to_bytes(32, "big")
    with pytest.raises(UnauthorizedError, match="does not fit"):
        check_pull_secret(SESSION, PullSecret(NOW, twin).text(), gate=GATE, now=NOW)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(63) + b"\x01", b"\x01" + bytes(63)])
def test_impossible_numbers_are_refused(signature: bytes) -> None:
    with pytest.raises(UnauthorizedError, match="does not fit"):
        check_pull_secret(SESSION, PullSecret(NOW, signature).text(), gate=GATE, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "hunter2",
        f"0{secret()}",
        f"+{secret()}",
        f"{secret()}=",
        f"{secret()}\n",
        secret().replace(".", ""),
        secret()[:-1] + "_",
        "9" * 16 + secret()[10:],
        secret().replace("1", "\u0661", 1),
    ],
)
def test_another_form_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        parse_pull_secret(text)
    assert not text or text not in str(caught.value) or text == "."
    with pytest.raises(UnauthorizedError):
        check_pull_secret(SESSION, text, gate=GATE, now=NOW)


@given(st.text(max_size=120))
def test_any_text_is_refused_in_the_documented_way(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        check_pull_secret(SESSION, text, gate=GATE, now=NOW)


@given(st.binary(min_size=64, max_size=64), st.integers(0, 10**15 - 1))
def test_every_secret_reads_back(signature: bytes, at: int) -> None:
    assert parse_pull_secret(PullSecret(at, signature).text()) == PullSecret(at, signature)


def test_no_signature_stands_in_a_repr() -> None:
    assert "signature" not in repr(parse_pull_secret(secret()))
