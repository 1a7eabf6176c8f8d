import json
from hashlib import pbkdf2_hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import EncodingError
from wallet.keys import mnemonic

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "bip39.json").read_text())
WORDS = " ".join(["abandon"] * 11 + ["about"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["entropy"][:12])
def test_published_vectors_agree(vector: dict[str, str]) -> None:
    entropy = bytes.fromhex(vector["entropy"])
    if len(entropy) in mnemonic.ENTROPY_SIZES:
        assert mnemonic.generate(entropy) == vector["words"]
    assert mnemonic.check(vector["words"]) == vector["words"]
    assert mnemonic.seed(vector["words"], "TREZOR").hex() == vector["seed"]


def test_the_seed_is_bip39s_formula() -> None:
    expected = pbkdf2_hmac("sha512", WORDS.encode(), b"mnemonic", 2048)
    assert mnemonic.seed(WORDS) == expected


def test_the_passphrase_is_normalised() -> None:
    assert mnemonic.seed(WORDS, "caf\u00e9") == mnemonic.seed(WORDS, "cafe\u0301")
    assert mnemonic.seed(WORDS, "caf\u00e9") != mnemonic.seed(WORDS, "cafe")


def test_case_and_spaces_do_not_matter() -> None:
    assert mnemonic.check("  " + WORDS.upper().replace(" ", "\n  ")) == WORDS


@given(st.sampled_from(mnemonic.ENTROPY_SIZES).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_generated_words_pass_the_check(entropy: bytes) -> None:
    words = mnemonic.generate(entropy)
    assert len(words.split()) == len(entropy) * 3 // 4
    assert mnemonic.check(words) == words


@given(st.text(max_size=200))
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        mnemonic.check(text)


def test_a_wrong_word_is_named_by_position_and_not_repeated() -> None:
    words = WORDS.split()
    words[4] = "abandom"
    with pytest.raises(EncodingError, match="word 5 is not") as caught:
        mnemonic.check(" ".join(words))
    assert "abandom" not in str(caught.value)
    assert "abandon" in caught.value.hint


def test_a_wrong_count_says_the_count() -> None:
    with pytest.raises(EncodingError, match="there are 11 recovery words"):
        mnemonic.check(" ".join(WORDS.split()[:11]))


def test_a_wrong_checksum_makes_no_seed() -> None:
    with pytest.raises(EncodingError, match="checksum"):
        mnemonic.seed(" ".join(["abandon"] * 12))


def test_a_passphrase_that_is_not_text_is_refused() -> None:
    with pytest.raises(EncodingError, match="UTF-8"):
        mnemonic.seed(WORDS, "\udc80")


@pytest.mark.parametrize("size", [0, 15, 17, 20, 33, 64])
def test_other_sizes_of_entropy_are_refused(size: int) -> None:
    with pytest.raises(EncodingError):
        mnemonic.generate(bytes(size))
