"""Records and who may write them, read from the specification's tables alone."""

import hashlib
import ipaddress
import re
from typing import NamedTuple

from tests.judge.simple_marker import SimpleMarker

KINDS = {1: "GENESIS", 2: "RELEASE", 3: "REVOKE", 5: "DEFINE", 7: "SEAL", 9: "FINAL"}
_TAG = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")
_PART = rb"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(_PART + rb"(/" + _PART + rb")*\Z")
_HOST = re.compile(rb"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
_PORT = re.compile(rb"[1-9][0-9]{0,4}\Z")


class SimpleRecord(NamedTuple):
    """`digest` is the definition's, the manifest's or the plaintext's hash in hex; `tags` are sha256s in hex.

    `other` is a REVOKE's reason or a SEAL's ciphertext digest; `alone` a REVOKE's bit 80.
    """

    kind: str
    digest: str
    tags: tuple[str, ...] = ()
    name: str = ""
    other: str = ""
    alone: bool = False


def read_record(marker: SimpleMarker) -> SimpleRecord | None:
    """The record of a marker, or None for anything out of grammar."""
    data = marker.metadata
    if len(data) > 73 or len(marker.payload) > 80 or data[:3] != b"DC\x01" or len(data) < 37:
        return None
    kind, digest, rest = KINDS.get(data[3]), data[4:36].hex(), data[36:]
    if kind in ("GENESIS", "DEFINE"):
        name = _name(rest)
        return None if name is None else SimpleRecord(kind, digest, name=name)
    if kind in ("RELEASE", "FINAL"):
        tags = _tags(rest)
        return None if tags is None else SimpleRecord(kind, digest, tags=tags)
    if kind == "REVOKE" and len(rest) == 1:
        reason = rest[0] & 0x7F
        return SimpleRecord(kind, digest, other=str(reason if reason <= 3 else 0), alone=rest[0] >= 0x80)
    if kind == "SEAL" and len(rest) == 32:
        return SimpleRecord(kind, digest, other=rest.hex())
    return None


def can_author(script: bytes) -> bool:
    """Whether some witness for this script would do: P2WPKH, P2TR and P2WSH."""
    return (len(script), script[:2]) in {(22, b"\x00\x14"), (34, b"\x51\x20"), (34, b"\x00\x20")}


def commits_to_everything(script: bytes, witness: tuple[bytes, ...]) -> bool:
    """Whether input 0's signature covers the whole transaction, judged by the script that it spends."""
    if len(script) == 22 and script[:2] == b"\x00\x14":
        return len(witness) == 2 and witness[0][-1:] == b"\x01"
    if len(script) == 34 and script[:2] == b"\x51\x20":
        if len(witness) != 1:
            return False
        return len(witness[0]) == 64 or (len(witness[0]) == 65 and witness[0][64] == 1)
    if len(script) == 34 and script[:2] == b"\x00\x20":
        return _is_plain_multisig(witness)
    return False


def _is_plain_multisig(witness: tuple[bytes, ...]) -> bool:
    """An empty item, exactly m signatures over everything, and `m <33-byte keys> n OP_CHECKMULTISIG`."""
    if len(witness) < 3 or witness[0] != b"":
        return False
    signatures, locking = witness[1:-1], witness[-1]
    keys, rest = divmod(len(locking) - 3, 34)
    if rest or not 1 <= keys <= 16 or not 0x51 <= locking[0] <= 0x60:
        return False
    if any(locking[1 + 34 * n] != 33 for n in range(keys)) or locking[-2:] != bytes([0x50 + keys, 0xAE]):
        return False
    return len(signatures) == locking[0] - 0x50 and all(_is_der_signature(one) and one[-1] == 1 for one in signatures)


def _is_der_signature(item: bytes) -> bool:
    """BIP66's strict DER of two integers, and one byte of sighash after it."""
    if not 9 <= len(item) <= 73 or item[0] != 0x30 or item[1] != len(item) - 3:
        return False
    r_size = item[3]
    if 5 + r_size >= len(item):
        return False
    s_size = item[5 + r_size]
    if r_size + s_size + 7 != len(item):
        return False
    return _is_der_integer(item[2 : 4 + r_size]) and _is_der_integer(item[4 + r_size : -1])


def _is_der_integer(field: bytes) -> bool:
    number = field[2:]
    if field[0] != 2 or not number or number[0] & 0x80:
        return False
    return not (len(number) > 1 and number[0] == 0 and not number[1] & 0x80)


def _tags(rest: bytes) -> tuple[str, ...] | None:
    if rest[:1] == b"\x00":
        return (rest[1:].hex(),) if len(rest) == 33 else None
    tags = rest.split(b",")
    if len(set(tags)) < len(tags) or not all(_TAG.match(tag) for tag in tags):
        return None
    return tuple(hashlib.sha256(tag).hexdigest() for tag in tags)


def _name(rest: bytes) -> str | None:
    """The name, or `hash:` and hex where the record has only that."""
    if rest[:1] == b"\x00":
        return f"hash:{rest[1:].hex()}" if len(rest) == 21 else None
    host, slash, path = rest.partition(b"/")
    if len(rest) > 29 or not slash or not _PATH.match(path) or not _is_canonical_host(host):
        return None
    if host == b"docker.io" and b"/" not in path:
        return None
    return rest.decode("ascii")


def _is_canonical_host(host: bytes) -> bool:
    if host in (b"index.docker.io", b"registry-1.docker.io"):
        return False
    bare, port = host, b""
    if host.startswith(b"["):
        bare, bracket, tail = host.partition(b"]")
        return bool(bracket) and _is_port(tail) and _is_short_ipv6(bare[1:])
    if b":" in host:
        bare, _, number = host.partition(b":")
        port = b":" + number
    named = b"." in host or b":" in host or host == b"localhost"
    return named and bool(_HOST.match(bare)) and max(map(len, bare.split(b"."))) < 64 and _is_port(port)


def _is_port(text: bytes) -> bool:
    if not text:
        return True
    return text != b":443" and text[:1] == b":" and bool(_PORT.match(text[1:])) and int(text[1:]) < 65536


def _is_short_ipv6(text: bytes) -> bool:
    try:
        address = ipaddress.IPv6Address(text.decode("ascii"))
    except ValueError:
        return False
    return address.ipv4_mapped is None and str(address).encode() == text
