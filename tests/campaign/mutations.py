"""Bytes that are nearly right: samples that were changed by a seeded hand, and what is known to hurt readers."""

import json
import random
from typing import Any

LARGEST = 64 * 1024
"""Bytes of the largest input."""

HURTS: tuple[bytes, ...] = (
    b"1e999", b"-1e999", b"NaN", b"Infinity", b"-0", b"0x" + b"f" * 40, b"9" * 40, b"1" * 5_000, b"0." + b"1" * 400,
    b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\udfff\\ud800", b"\xef\xbb\xbf", b"\x00", b"\x1b[2J", b"\r\n", b"\n",
    b"\xe2\x80\xae", b"\xe2\x80\x8b", b"null", b"true", b"[]", b"{}", b'""', b'"', b"\\", b"\\u0000", b"%ff", b"%00",
    b".", b"..", b"/", b"//", b":", b"@", b"#", b"<", b">", b";", b",", b"=", b"'", b'"""', b"'''", b"[", b"{", b"]",
    b"\xfd\xff\xff", b"\xfe\xff\xff\xff\xff", b"\xff" * 9, b"\x00" * 32, b"\xff" * 32, b"\x80" * 12, b"\x30\x80",
    b"-----BEGIN", b"sha256:", b"sha512:", b"localhost", b"127.1", b"::1", b"xn--", b"http://", b"a" * 300,
)  # fmt: skip
"""What has a meaning of its own somewhere."""

REPEATED: tuple[bytes, ...] = (
    b"[", b"{", b'{"a":', b"a.", b".a", b'"a".', b'"\\"', b"<", b"<>", b"(", b"a=", b",", b"9", b"0", b" ", b"\t",
    b"\n", b"/a", b"../", b"-", b"_", b"%41", b"&a=b", b"\xff", b"\x80", b"\x00", b"\x01\x00", b"'''", b'"""', b"a b ",
    b"[a]\n", b"[[a]]\n", b"a=1\n", b"\\u0041", b"Bearer a=b,", b"a:", b"@",
    b"\xf0\x9f\x92\xa9", b"\xc3\xa9", b"abandon ",
)  # fmt: skip
"""What may cost more than it weighs where it stands many times."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**32, 2**53, 2**63, 2**64, -(2**63), 10**30, 1.5, 1e308, "", "\x00", "\ud800",
    "\u202e", "a" * 300, [], {}, [[]], [None], {"": None}, "00", "ff" * 33, "sha256:" + "0" * 64, "127.0.0.1",
)  # fmt: skip
"""Values that a field was not meant to have."""


def mutated(samples: tuple[bytes, ...], hand: random.Random) -> bytes:
    """One input."""
    kind = hand.random()
    sample = hand.choice(samples)
    if kind < 0.02:
        return hand.randbytes(hand.choice((0, 1, 8, 64, 512)))
    if kind < 0.025:
        return grown(sample, hand)
    if kind < 0.35:
        value = _value(sample)
        if isinstance(value, dict | list):
            return _written(_changed(value, hand), hand)
    for _ in range(hand.choice((1, 1, 1, 2, 3, 8))):
        sample = _edited(sample, samples, hand)
    return sample[:LARGEST]


def grown(sample: bytes, hand: random.Random) -> bytes:
    """A sample with something in it so often that the largest input is full."""
    unit = hand.choice(REPEATED)
    at = hand.randrange(len(sample) + 1)
    room = LARGEST - len(sample)
    return sample[:at] + (unit * (room // len(unit) + 1))[: max(room, 0)] + sample[at:]


def _edited(data: bytes, samples: tuple[bytes, ...], hand: random.Random) -> bytes:
    at = hand.randrange(len(data) + 1)
    to = min(len(data), at + hand.choice((0, 1, 1, 2, 4, 16, 64)))
    match hand.randrange(8):
        case 0:
            return data[:at] + bytes((hand.randrange(256),)) + data[at + 1 :]
        case 1:
            bit = bytes((data[at] ^ 1 << hand.randrange(8),)) if at < len(data) else b""
            return data[:at] + bit + data[at + 1 :]
        case 2:
            return data[:at] + hand.choice(HURTS) + data[at:]
        case 3:
            return data[:at] + hand.choice(HURTS) + data[to:]
        case 4:
            return data[:at] + data[to:]
        case 5:
            return data[:to] + data[at:to] * hand.choice((1, 2, 16)) + data[to:]
        case 6:
            other = hand.choice(samples)
            return data[:at] + other[hand.randrange(len(other) + 1) :]
        case _:
            return data[:at]


def _value(sample: bytes) -> Any:
    try:
        return json.loads(sample)
    except ValueError:
        return None


def _changed(value: Any, hand: random.Random) -> Any:
    """A JSON value with one of its parts changed, gone, doubled or renamed."""
    here: Any = value
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return value
        key = hand.choice(keys)
        below = here[key]
        if not isinstance(below, dict | list) or not below or hand.random() < 0.2:
            break
        here = below
    match hand.randrange(5):
        case 0:
            del here[key]
        case 1 if isinstance(here, list):
            here.append(below)
        case 1:
            here[str(key) + "x"] = below
        case 2 if isinstance(below, str):
            cut = hand.randrange(len(below) + 1)
            here[key] = below[:cut] + hand.choice(("", "0", "\ud800", "\n", "é", "A")) + below[cut + 1 :]
        case 3 if isinstance(below, int):
            here[key] = below + hand.choice((-1, 1, 2**31, -(2**53)))
        case _:
            here[key] = hand.choice(ODD)
    return value


def _written(value: Any, hand: random.Random) -> bytes:
    """As canonical JSON has it, so far as it can."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=hand.random() < 0.2)
    return text.encode("utf-8", "surrogatepass")
