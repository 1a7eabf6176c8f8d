import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.digest import Digest
from wallet.errors import EncodingError

HEX = "ab" * 32


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_is_read_back_from_its_text(raw: bytes) -> None:
    assert Digest.parse(str(Digest.from_raw(raw))).raw == raw


def test_the_digest_of_nothing_is_sha256s_published_value() -> None:
    assert Digest.of(b"").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("algorithm", ["sha512", "sha384", "md5", "sha256+b64", "blake3"])
def test_another_algorithm_is_refused_by_its_name(algorithm: str) -> None:
    with pytest.raises(EncodingError, match=f"{algorithm.replace('+', '.')} is not supported") as caught:
        Digest.parse(f"{algorithm}:{'0' * 128}")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *("", "sha256", "sha256:", HEX, ":" + HEX, f"sha256: {HEX}", f" sha256:{HEX}", f"sha256:{HEX}\n"),
        *(f"sha256:{HEX[:-1]}", f"sha256:{HEX}0", f"sha256:{HEX.upper()}", f"SHA256:{HEX}", f"sha256:{HEX[:-1]}٠"),
    ],
)
def test_anything_else_is_no_digest(text: str) -> None:
    with pytest.raises(EncodingError):
        Digest.parse(text)


@pytest.mark.parametrize("size", [0, 20, 31, 33, 64])
def test_a_digest_has_32_bytes(size: int) -> None:
    with pytest.raises(EncodingError, match="32 bytes"):
        Digest.from_raw(bytes(size))
