"""Repository secrets and content keys, against a second derivation written from RFC 5869."""

import hashlib
import hmac
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.content_key import P256_ORDER, ContentKey, RepositorySecret, repository_secret, secret_with_id
from assets.images.digest import Digest
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.keys.mnemonic import seed
from wallet.secret_store import SeedSecrets

WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
GENESIS = Txid(bytes(range(32)))
DIGEST = Digest(bytes(range(100, 132)))


def rfc5869(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """One block of HKDF-SHA256: extract, then expand."""
    extracted = hmac.new(salt, ikm, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def test_the_second_derivation_gives_the_vector_of_the_rfc() -> None:
    """RFC 5869, test case 1, first 32 bytes."""
    salt, info = bytes(range(13)), bytes(range(0xF0, 0xFA))
    assert rfc5869(b"\x0b" * 22, salt, info).hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


@given(st.binary(min_size=64, max_size=64), st.binary(min_size=32, max_size=32), st.integers(1, 255))
def test_a_repository_secret_follows_from_seed_genesis_and_epoch(root: bytes, genesis: bytes, epoch: int) -> None:
    found = repository_secret(SeedSecrets(root), Txid(genesis), epoch)
    assert found.value == rfc5869(root, genesis, b"dockchains repository 1\x00" + bytes([epoch]))
    assert found.id == hashlib.sha256(found.value).digest()[:8]


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(1, 255))
def test_a_content_key_follows_from_secret_digest_and_generation(secret: bytes, raw: bytes, generation: int) -> None:
    found = RepositorySecret(genesis=GENESIS, value=secret).content_key(Digest(raw), generation)
    assert found.value == rfc5869(secret, GENESIS, b"dockchains content 1\x00" + raw + bytes([generation]))
    assert found.commitment == hashlib.sha256(found.value).digest()


def test_the_words_of_bip39s_example_give_these_keys() -> None:
    root = seed(WORDS)
    secret = repository_secret(SeedSecrets(root), GENESIS)
    assert secret.value == rfc5869(root, GENESIS, b"dockchains repository 1\x00\x01")
    assert secret.value.hex() == "cded68738a812f0f3a2d6f16781949dcae1ddbf37ce1690c3fff3810ec60bd50"
    assert secret.content_key(DIGEST).value.hex() == "c2bf4b4e9e161e38a317a2b6470aeb673355f853f021a5f91d082c42ae9aa6bd"


def test_every_epoch_and_generation_has_a_key_of_its_own() -> None:
    secrets = SeedSecrets(bytes(64))
    values = {repository_secret(secrets, GENESIS, epoch).value for epoch in range(1, 256)}
    keys = {repository_secret(secrets, GENESIS).content_key(DIGEST, number).value for number in range(1, 256)}
    assert len(values | keys) == 510


@pytest.mark.parametrize("number", [0, -1, 256])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    secret = repository_secret(SeedSecrets(bytes(64)), GENESIS)
    with pytest.raises(EncodingError, match="epoch"):
        repository_secret(SeedSecrets(bytes(64)), GENESIS, number)
    with pytest.raises(EncodingError, match="generation"):
        secret.content_key(DIGEST, number)


def test_a_secret_is_found_by_its_id_whatever_its_epoch() -> None:
    secrets = SeedSecrets(bytes(64))
    third = repository_secret(secrets, GENESIS, 3)
    assert secret_with_id(secrets, GENESIS, third.id) == third
    assert secret_with_id(secrets, GENESIS, bytes(8)) is None


@pytest.mark.parametrize(
    ("key", "scalar"),
    [
        (0, 1),
        (1, 2),
        (P256_ORDER - 2, P256_ORDER - 1),
        (P256_ORDER - 1, 1),
        (P256_ORDER, 2),
        (2**256 - 1, 1 + (2**256 - 1) % (P256_ORDER - 1)),
    ],
)
def test_the_scalar_is_never_out_of_range(key: int, scalar: int) -> None:
    found = ContentKey(key.to_bytes(32, "big")).scalar
    assert found == scalar
    assert 1 <= found < P256_ORDER


@pytest.mark.parametrize("text", ["", "ab" * 31, "AB" * 32, "zz" * 32, "ab" * 33, " " + "ab" * 32])
def test_a_key_that_is_no_64_digits_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        ContentKey.parse(text)
    assert not text or text not in f"{caught.value} {caught.value.hint}"


def test_secrets_neither_print_nor_pickle() -> None:
    key, secrets = ContentKey(b"\xab" * 32), SeedSecrets(b"\xab" * 64)
    secret = RepositorySecret(genesis=GENESIS, value=b"\xab" * 32)
    assert all("ab" * 4 not in repr(one) and "\\xab" not in repr(one) for one in (key, secrets, secret))
    with pytest.raises(TypeError):
        pickle.dumps(secrets)
