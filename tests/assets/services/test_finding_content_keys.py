"""Whoever may have the key of a sealed image is asked in turn, and what fits is known by the image's commitment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import ImageError, RegistryUnavailableError, UnauthorizedError
from assets.images.content_key import P256_ORDER, ContentKey, RepositorySecret, content_keys_of
from assets.images.digest import Digest
from assets.images.secret_document import secret_document
from assets.registry.encryption import Seal
from assets.registry.layer_keys import Recipient, scalar_in
from assets.services.images.content_keys import FileKeys, KeyQuestion, KeySource, find_key
from wallet.errors import EncodingError, WalletError
from wallet.hashes import Txid

SECRET = RepositorySecret(genesis=Txid(bytes(32)), value=b"s" * 32)
PLAIN, SEALED = Digest.of(b"plain"), Digest.of(b"sealed")
KEY = SECRET.content_key(PLAIN, 2)
QUESTION = KeyQuestion(
    name="registry.example/acme/app",
    genesis=SECRET.genesis,
    plaintext=PLAIN,
    ciphertext=SEALED,
    seal=Seal.of(SECRET, KEY, 2),
)


@dataclass
class Somebody:
    """Answers with a key, nothing, or an error."""

    answer: ContentKey | WalletError | None
    asked: list[KeyQuestion] = field(default_factory=list)

    def content_key(self, question: KeyQuestion) -> ContentKey | None:
        self.asked.append(question)
        if isinstance(self.answer, WalletError):
            raise self.answer
        return self.answer


def found(*answers: ContentKey | WalletError | None) -> ContentKey:
    sources: Sequence[KeySource] = [Somebody(answer) for answer in answers]
    return find_key(sources, QUESTION)


DOWN, NO_UNIT = RegistryUnavailableError("the gate is down"), UnauthorizedError("you hold no access unit")


@pytest.mark.parametrize("before", [(), (None,), (DOWN,), (NO_UNIT, None), (ContentKey(b"x" * 32),)])
def test_a_source_that_fails_or_has_another_key_does_not_keep_the_next_from_being_asked(
    before: tuple[ContentKey | WalletError | None, ...],
) -> None:
    assert found(*before, KEY) == KEY


def test_whoever_comes_after_the_one_that_has_it_is_not_asked() -> None:
    last = Somebody(None)
    assert find_key((Somebody(KEY), last), QUESTION) == KEY
    assert not last.asked


def test_what_the_gate_said_is_told_where_nobody_else_has_a_key() -> None:
    with pytest.raises(UnauthorizedError, match="no access unit"):
        found(NO_UNIT, None)
    with pytest.raises(ImageError, match=r"another sha256 \(generation 2\)"):
        found(None, ContentKey(b"x" * 32))
    with pytest.raises(ImageError, match="there is no key for it here"):
        found(None, None)


def test_a_wallet_that_cannot_be_opened_is_told_at_once() -> None:
    with pytest.raises(WalletError, match="wrong password"):
        found(WalletError("wrong password"), KEY)


def key_file(folder: Path, data: bytes) -> FileKeys:
    path = folder / "key"
    path.touch(mode=0o600)
    path.write_bytes(data)
    return FileKeys(path)


def test_a_key_file_holds_hex_or_a_secret_or_what_skopeo_takes(tmp_path: Path) -> None:
    for data in (KEY.value.hex().encode() + b"\n", secret_document(SECRET), Recipient(KEY).private_pem()):
        assert key_file(tmp_path, data).content_key(QUESTION) == KEY


def test_a_secret_of_another_epoch_is_named_as_that(tmp_path: Path) -> None:
    other = RepositorySecret(genesis=SECRET.genesis, value=b"o" * 32)
    with pytest.raises(EncodingError, match="another secret of this repository"):
        key_file(tmp_path, secret_document(other)).content_key(QUESTION)


PEM = Recipient(KEY).private_pem()
FORM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(*FORM), id="rsa"),
        pytest.param(ec.generate_private_key(ec.SECP384R1()).private_bytes(*FORM), id="another curve"),
        pytest.param(PEM.replace(b"PRIVATE", b"ENCRYPTED PRIVATE"), id="locked"),
        pytest.param(PEM[:90], id="cut off"),
        pytest.param(b"-----BEGIN", id="nonsense"),
    ],
)
def test_other_private_keys_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EncodingError, match="private key"):
        key_file(tmp_path, data).content_key(QUESTION)


NEAR = st.integers(min_value=0, max_value=2**230).map(lambda below: 2**256 - 1 - below)


@given(st.integers(min_value=0, max_value=2**256 - 1) | NEAR | st.integers(min_value=0, max_value=2**230))
def test_every_key_is_among_those_that_its_scalar_may_come_from(number: int) -> None:
    key = ContentKey(number.to_bytes(32, "big"))
    assert key in content_keys_of(key.scalar)
    assert all(one.scalar == key.scalar for one in content_keys_of(key.scalar))
    assert len(content_keys_of(key.scalar)) == 1 + (key.scalar - 1 < 2**256 - P256_ORDER + 1)
    assert scalar_in(Recipient(key).private_pem()) == key.scalar
