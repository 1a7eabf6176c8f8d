import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import EncodingError
from wallet.keys import bech32
from wallet.keys.bech32 import Variant

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "bip173_350.json").read_text())


@pytest.mark.parametrize(
    ("text", "variant"),
    [(text, Variant.BECH32) for text in VECTORS["bech32_valid"]]
    + [(text, Variant.BECH32M) for text in VECTORS["bech32m_valid"]],
)
def test_valid_strings_decode_as_their_own_variant_and_encode_again(text: str, variant: Variant) -> None:
    hrp, data, found = bech32.decode(text)
    assert found is variant
    assert bech32.encode(hrp, data, variant) == text.lower()


@pytest.mark.parametrize("text", VECTORS["bech32_invalid"])
def test_invalid_bech32_is_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        bech32.decode(text)


@pytest.mark.parametrize("text", VECTORS["bech32m_invalid"])
def test_invalid_bech32m_is_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        bech32.decode(text)


@pytest.mark.parametrize(("text", "script"), VECTORS["addresses"])
def test_valid_addresses_give_their_script(text: str, script: str) -> None:
    program = bech32.decode_program(text)
    assert program.script.hex() == script
    assert bech32.encode_program(program.hrp, program.version, program.program) == text.lower()


@pytest.mark.parametrize("text", [text for text in VECTORS["addresses_invalid"] if not text.startswith("tc1")])
def test_invalid_addresses_are_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        bech32.decode_program(text)


@given(st.integers(0, 16), st.binary(min_size=2, max_size=40))
def test_programs_round_trip(version: int, program: bytes) -> None:
    if version == 0 and len(program) not in (20, 32):
        return
    text = bech32.encode_program("bcrt", version, program)
    decoded = bech32.decode_program(text)
    assert (decoded.hrp, decoded.version, decoded.program) == ("bcrt", version, program)


@given(st.binary(min_size=20, max_size=20), st.data())
def test_one_changed_character_is_always_found(program: bytes, data: st.DataObject) -> None:
    text = bech32.encode_program("bc", 0, program)
    place = data.draw(st.integers(3, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in "qpzry9x8gf2tvdw0s3jn54khce6mua7l" if c != text[place]]))
    with pytest.raises(EncodingError):
        bech32.decode_program(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=120))
def test_any_text_decodes_or_is_refused(text: str) -> None:
    with suppress(EncodingError):
        bech32.decode_program(text)
