import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.canonical import MAX_DEPTH, Json, decode, decode_into, encode
from wallet.errors import EncodingError

VALUES: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def read(document: bytes) -> Json:
    return decode(document, limit=4096, what="the document")


@given(VALUES)
def test_a_value_is_read_back_from_its_canonical_bytes(value: Json) -> None:
    try:
        document = encode(value)
    except EncodingError:
        assert "\\ud" in json.dumps(value)
        return
    assert decode(document, limit=len(document), what="the document") == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\u0019 \n-eE.ntrufalsé', max_size=30).map(str.encode))
def test_any_bytes_are_canonical_or_refused(document: bytes) -> None:
    try:
        value = read(document)
    except EncodingError:
        return
    assert encode(value) == document


def test_the_canonical_form_is_spelled_out() -> None:
    value: Json = {"b": [True, False, -1], "a": 'x"\\/\b\f\n\r\t\x00\x1f\x7fé\U0001f600', "é": {}, "Z": ""}
    assert encode(value) == (
        '{"Z":"","a":"x\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7fé\U0001f600","b":[true,false,-1],"é":{}}'.encode()
    )


def test_keys_are_sorted_by_code_point_and_not_by_utf16_unit() -> None:
    assert encode({"\U0001f600": 1, "\uff00": 2}) == '{"\uff00":2,"\U0001f600":1}'.encode()


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"", "not JSON"),
        (b'{"a":1}\n', "canonical"),
        (b'{"a": 1}', "canonical"),
        (b'{"b":1,"a":1}', "canonical"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":null}', "null"),
        (b'{"a":1.0}', "no integer"),
        (b'{"a":1e3}', "no integer"),
        (b'{"a":NaN}', "no number of JSON"),
        (b'{"a":-Infinity}', "no number of JSON"),
        (b'{"a":-0}', "canonical"),
        (b'{"a":01}', "not JSON"),
        (b'{"a":9007199254740992}', "2.53-1"),
        (b'{"a":-9007199254740992}', "2.53-1"),
        (b"9" * 4000, "4000 digits"),
        (b'"\\u00e9"', "canonical"),
        (b'"\\u001F"', "canonical"),
        (b'"\\/"', "canonical"),
        (b'"\\u000a"', "canonical"),
        (b'"\\ud800"', "surrogate"),
        (b'"\xff"', "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b"{}{}", "not JSON"),
        (b'{"a":1}\x00', "not JSON"),
        (b"[" * 2000 + b"]" * 2000, "deeply"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "deeply"),
        (b'"' + b"a" * 4096 + b'"', "more than 4096"),
        (b"'a'", "not JSON"),
    ],
)
def test_what_is_not_its_own_canonical_form_is_refused(document: bytes, fault: str) -> None:
    with pytest.raises(EncodingError, match=fault) as caught:
        read(document)
    assert "the document" in str(caught.value)


@pytest.mark.parametrize("value", [None, 1.5, {"a": None}, [float("nan")], {1: "a"}, b"bytes", 2**53, {"\ud800": 1}])
def test_what_canonical_json_cannot_hold_is_not_written(value: Json) -> None:
    with pytest.raises(EncodingError):
        encode(value)


def test_nesting_to_the_limit_is_read() -> None:
    document = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    assert encode(read(document)) == document


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


@pytest.mark.parametrize("document", [b'{"name":1}', b"{}", b'{"name":"a","other":1}', b"[]"])
def test_a_document_of_another_shape_is_refused(document: bytes) -> None:
    with pytest.raises(EncodingError, match="the document"):
        decode_into(document, Shape, limit=100, what="the document")
    assert decode_into(b'{"name":"a"}', Shape, limit=100, what="the document").name == "a"
