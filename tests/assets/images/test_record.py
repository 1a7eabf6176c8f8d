from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.digest import Digest
from assets.images.name import name_hash
from assets.images.record import (
    MAX_RECORD_BYTES,
    Define,
    Genesis,
    Record,
    RecordFlaw,
    RecordKind,
    RecordName,
    Release,
    Revoke,
    RevokeReason,
    Seal,
    kind_of,
    parse_record,
)
from assets.images.tag import Tags, parse_tag, tag_key
from wallet.errors import EncodingError

HASH = bytes(range(32))
HEADER = b"DC\x01"

DIGESTS = st.binary(min_size=32, max_size=32).map(Digest.from_raw)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,60}", fullmatch=True)
TAG_SETS = TAGS.map(Tags.of) | st.lists(
    st.from_regex(r"[a-z0-9][a-z0-9.]{0,7}", fullmatch=True), min_size=1, max_size=4, unique=True
).map(lambda texts: Tags.of(*texts))
NAMES = st.from_regex(r"[a-z]{1,8}\.example/[a-z0-9]{1,40}", fullmatch=True).map(RecordName.of)
HASHES = st.binary(min_size=32, max_size=32)
RECORDS: st.SearchStrategy[Any] = st.one_of(
    st.builds(Genesis, definition=HASHES, name=NAMES),
    st.builds(Define, definition=HASHES, name=NAMES),
    st.builds(Release, digest=DIGESTS, tags=TAG_SETS, final=st.booleans()),
    st.builds(Revoke, digest=DIGESTS, reason=st.sampled_from(RevokeReason), alone=st.booleans()),
    st.builds(
        Revoke,
        digest=DIGESTS,
        reason=st.just(RevokeReason.UNSPECIFIED),
        alone=st.booleans(),
        code=st.integers(max(RevokeReason) + 1, 127),
    ),
    st.builds(Seal, plaintext=DIGESTS, ciphertext=DIGESTS),
)


@given(RECORDS)
def test_a_record_is_read_back_from_its_bytes(record: Record) -> None:
    metadata = record.serialize()
    assert len(metadata) <= MAX_RECORD_BYTES
    assert parse_record(metadata) == record


BYTES = st.binary(max_size=120) | st.builds(
    lambda kind, body: HEADER + bytes([kind]) + body,
    st.integers(0, 12),
    st.binary(max_size=80) | st.builds(lambda text: HASH + text.encode(), st.text(alphabet="a,.:/\x00B", max_size=45)),
)


@given(BYTES)
def test_any_bytes_are_a_record_of_the_same_bytes_or_a_flaw(metadata: bytes) -> None:
    parsed = parse_record(metadata)
    if not isinstance(parsed, RecordFlaw):
        assert parsed.serialize() == metadata


def test_the_bytes_are_the_ones_that_were_agreed() -> None:
    digest = Digest(HASH)
    assert Genesis(definition=HASH, name=RecordName.of("r.e/app")).serialize() == b"DC\x01\x01" + HASH + b"r.e/app"
    assert Release(digest=digest, tags=Tags.of("1.0", "latest")).serialize() == b"DC\x01\x02" + HASH + b"1.0,latest"
    assert Revoke(digest=digest, reason=RevokeReason.BROKEN).serialize() == b"DC\x01\x03" + HASH + b"\x02"
    alone = Revoke(digest=digest, reason=RevokeReason.BROKEN, alone=True)
    assert alone.serialize() == b"DC\x01\x03" + HASH + b"\x82"
    assert Define(definition=HASH, name=RecordName.of("r.e/app")).serialize() == b"DC\x01\x05" + HASH + b"r.e/app"
    assert Seal(plaintext=digest, ciphertext=Digest(HASH[::-1])).serialize() == b"DC\x01\x07" + HASH + HASH[::-1]
    assert Release(digest=digest, tags=Tags.of("1"), final=True).serialize() == b"DC\x01\x09" + HASH + b"1"
    long_tag = "t" * 38
    assert Release(digest=digest, tags=Tags.of(long_tag)).serialize() == (
        b"DC\x01\x02" + HASH + b"\x00" + tag_key(parse_tag(long_tag))
    )


def test_a_name_is_spelled_out_up_to_29_bytes_and_hashed_from_30_on() -> None:
    plain, long = "r.e/" + "a" * 25, "r.e/" + "a" * 26
    assert RecordName.of(plain).serialize() == plain.encode()
    assert RecordName.of(long).serialize() == b"\x00" + name_hash(long)
    assert RecordName.of(plain).matches(plain)
    assert RecordName.of(long).matches(long)
    assert not RecordName.of(long).matches(plain)
    assert not RecordName.of(plain).matches(long)


def test_a_hashed_short_name_still_names_it() -> None:
    parsed = parse_record(b"DC\x01\x01" + HASH + b"\x00" + name_hash("r.e/app"))
    assert isinstance(parsed, Genesis)
    assert parsed.name.name is None
    assert parsed.name.matches("r.e/app")


@pytest.mark.parametrize(
    ("metadata", "flaw"),
    [
        (b"", RecordFlaw.EMPTY),
        (b"u=https://x.example/a", RecordFlaw.FOREIGN),
        (b"D", RecordFlaw.FOREIGN),
        (b"dc\x01\x02" + HASH + b"1", RecordFlaw.FOREIGN),
        (b"DC", RecordFlaw.TOO_SHORT),
        (b"DC\x01", RecordFlaw.TOO_SHORT),
        (b"DC\x02\x02" + HASH + b"1.0", RecordFlaw.UNKNOWN_VERSION),
        (b"DC\x00\x02" + HASH + b"1.0", RecordFlaw.UNKNOWN_VERSION),
        *[(b"DC\x01" + bytes([kind]) + HASH + b"1", RecordFlaw.RESERVED_KIND) for kind in (4, 6, 8)],
        *[(b"DC\x01" + bytes([kind]) + HASH + b"1", RecordFlaw.UNKNOWN_KIND) for kind in (0, 10, 11, 255)],
        *[(b"DC\x01" + bytes([kind]) + HASH, RecordFlaw.TOO_SHORT) for kind in RecordKind],
        *[(b"DC\x01" + bytes([kind]) + HASH[:-1], RecordFlaw.TOO_SHORT) for kind in RecordKind],
        (b"DC\x01\x01" + HASH + b"r.e/" + b"a" * 26, RecordFlaw.BAD_NAME),
        (b"DC\x01\x01" + HASH + b"r.e/A", RecordFlaw.BAD_NAME),
        (b"DC\x01\x01" + HASH + b"R.e/a", RecordFlaw.BAD_NAME),
        (b"DC\x01\x01" + HASH + b"nginx", RecordFlaw.BAD_NAME),
        (b"DC\x01\x01" + HASH + b"r.e:443/a", RecordFlaw.BAD_NAME),
        (b"DC\x01\x05" + HASH + "r.e/\u00e9".encode(), RecordFlaw.BAD_NAME),
        (b"DC\x01\x05" + HASH + b"\x00" + HASH[:19], RecordFlaw.BAD_NAME),
        (b"DC\x01\x05" + HASH + b"\x00" + HASH[:21], RecordFlaw.BAD_NAME),
        (b"DC\x01\x02" + HASH + b"1,", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b",1", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"1,,2", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"1,2,1", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"1, 2", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"-1", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"1\n", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + "\u202e1".encode(), RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + "cafe\u0301".encode(), RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + "a\u200b".encode(), RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"\xff", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"\x00" + HASH[:31], RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"\x00" + HASH + b"1", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x02" + HASH + b"t" * 38, RecordFlaw.TOO_LONG),
        (b"DC\x01\x09" + HASH + b"a,", RecordFlaw.BAD_TAGS),
        (b"DC\x01\x03" + HASH + b"\x01\x00", RecordFlaw.TRAILING_BYTES),
        (b"DC\x01\x07" + HASH + HASH[:31], RecordFlaw.TOO_SHORT),
        (b"DC\x01\x07" + HASH + HASH + b"\x00", RecordFlaw.TRAILING_BYTES),
    ],
)
def test_what_is_out_of_grammar_is_a_flaw(metadata: bytes, flaw: RecordFlaw) -> None:
    assert parse_record(metadata) is flaw


def test_several_tags_that_do_not_fit_are_split_by_the_caller() -> None:
    texts = ["a" * 18, "b" * 18, "c" * 40, "d"]
    assert Tags.of(*texts[:2]).serialize() == b"a" * 18 + b"," + b"b" * 18
    with pytest.raises(EncodingError, match="do not fit"):
        Tags.of(*texts)
    packed = Tags.pack(texts)
    assert [len(tags.keys) for tags in packed] == [2, 1, 1]
    assert [key for tags in packed for key in tags.keys] == [tag_key(parse_tag(text)) for text in texts]


@pytest.mark.parametrize("texts", [(), ("a", "a"), ("a", ""), ("a,b",), ("\u0430",), ("x" * 129,), ("a b",)])
def test_bad_tags_are_refused_before_a_record_is_made(texts: tuple[str, ...]) -> None:
    for make in (lambda: Tags.of(*texts), lambda: Tags.pack(texts)):
        with pytest.raises(EncodingError) as caught:
            make()
        assert caught.value.hint


def test_both_forms_of_a_tag_have_one_key() -> None:
    hashed = Tags.from_bytes(b"\x00" + tag_key(parse_tag("1.0")))
    assert hashed is not None
    assert hashed.keys == Tags.of("1.0").keys


@pytest.mark.parametrize("name", ["nginx", "r.e:443/a", "R.e/a", "r.e/A", ""])
def test_only_a_canonical_name_goes_into_a_record(name: str) -> None:
    with pytest.raises(EncodingError, match="canonical"):
        RecordName.of(name)


def test_a_record_knows_its_kind() -> None:
    assert kind_of(Release(digest=Digest(HASH), tags=Tags.of("a"), final=True)) is RecordKind.FINAL
    assert kind_of(Release(digest=Digest(HASH), tags=Tags.of("a"))) is RecordKind.RELEASE


@pytest.mark.parametrize("number", [4, 77, 127])
@pytest.mark.parametrize("alone", [False, True])
def test_an_unknown_reason_counts_as_unspecified_and_is_shown(number: int, alone: bool) -> None:
    record = parse_record(b"DC\x01\x03" + HASH + bytes([number | (0x80 if alone else 0)]))
    assert isinstance(record, Revoke)
    assert (record.reason, record.alone) == (RevokeReason.UNSPECIFIED, alone)
    assert record.reason_text == f"unspecified (number {number} on the chain)"
