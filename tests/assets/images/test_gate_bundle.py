"""A gate's bundle: what reads back as it was written, and what is no bundle."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.gate_bundle import GateBundle, GateKey, NamedGenesis
from assets.remedies import ImageRemedy
from assets.services.access.gate_exporting import new_gate_key
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.network import MAINNET, REGTEST, SIGNET

GENESIS = Txid(bytes(range(32)))
SEALED = Digest(b"\x05" * 32)
KEY = new_gate_key(1_700_000_000)
OTHER = new_gate_key(1_700_000_000)
BUNDLE = GateBundle(
    network=REGTEST.genesis,
    origin="https://gate.example",
    service="registry.example",
    key=KEY,
    repositories=(NamedGenesis(name="registry.example/acme/app", genesis=GENESIS),),
    content={GENESIS: {SEALED: ContentKey(b"k" * 32)}},
)


def test_it_reads_back_as_it_was_written() -> None:
    assert GateBundle.parse(BUNDLE.serialize()) == BUNDLE
    assert GateBundle.parse(BUNDLE.serialize() + b"\n") == BUNDLE
    signet = replace(BUNDLE, network=SIGNET.genesis, challenge=SIGNET.challenge)
    assert GateBundle.parse(signet.serialize()) == signet
    assert signet.is_on(SIGNET)
    assert not signet.is_on(REGTEST)
    assert not BUNDLE.is_on(MAINNET)


def test_its_keys_are_as_the_format_has_them_and_never_shown() -> None:
    document = json.loads(BUNDLE.serialize())
    assert set(document) == {
        "kind", "v", "network", "origin", "service", "key", "certificate", "repositories", "content",
    }  # fmt: skip
    assert document["key"].startswith("-----BEGIN PRIVATE KEY-----")
    shown = repr(BUNDLE)
    assert document["key"].splitlines()[1] not in shown
    assert "6b6b6b" not in shown
    assert "kkk" not in shown


def test_it_knows_the_keys_of_its_own_sealed_images_alone() -> None:
    assert BUNDLE.content_key(GENESIS, SEALED) == ContentKey(b"k" * 32)
    assert BUNDLE.content_key(GENESIS, Digest(bytes(32))) is None
    assert BUNDLE.content_key(Txid(bytes(32)), SEALED) is None


def changed(**fields: Any) -> bytes:
    """The document with other fields; None takes one away."""
    document = {**json.loads(BUNDLE.serialize()), **fields}
    kept = {key: value for key, value in document.items() if value is not None}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "shop"},
        {"v": 2},
        {"words": "abandon"},
        {"key": None},
        {"content": None},
        {"origin": "http://gate.example"},
        {"origin": "https://gate.example/path"},
        {"origin": "https://GATE.example"},
        {"service": ""},
        {"service": "a b"},
        {"service": 'a"b'},
        {"key": "-----BEGIN PRIVATE KEY-----"},
        {"key": OTHER.key},
        {"certificate": "x"},
        {"repositories": []},
        {"repositories": [{"name": "registry.example/ACME", "genesis": "00" * 32}]},
        {"repositories": [{"name": "nginx", "genesis": "00" * 32}]},
        {"content": {"00" * 32: {str(SEALED): "6b" * 32}}},
        {"content": {"00" * 32: {"sha512:00": "6b" * 32}}},
        {"network": "00"},
    ],
)
def test_what_is_no_bundle_is_refused_without_showing_a_key(fields: dict[str, Any]) -> None:
    with pytest.raises(EncodingError) as caught:
        GateBundle.parse(changed(**fields))
    assert "6b6b6b" not in str(caught.value)
    assert KEY.key.splitlines()[1] not in str(caught.value)


def test_a_newer_version_says_so() -> None:
    with pytest.raises(EncodingError, match="has version 2, which is not known here") as caught:
        GateBundle.parse(changed(v=2))
    assert "newer program" in caught.value.hint


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", BUNDLE.serialize()[:-1], BUNDLE.serialize() + b" ", b"\xff"],
    ids=["empty", "begun", "list", "cut short", "too long", "no text"],
)
def test_a_damaged_bundle_is_to_be_exported_again(document: bytes) -> None:
    with pytest.raises(EncodingError, match="damaged, or something else") as caught:
        GateBundle.parse(document)
    assert caught.value.advice == ImageRemedy.EXPORT_GATE.of()


def test_a_key_of_another_curve_is_refused() -> None:
    pem = ec.generate_private_key(ec.SECP256K1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(EncodingError, match="no P-256 key"):
        GateKey(key=pem.decode(), certificate=KEY.certificate)


def respelled(pem: str, change: Callable[[bytes], bytes]) -> str:
    """A PEM with its DER changed."""
    head, *body, foot = pem.strip().splitlines()
    raw = change(base64.b64decode("".join(body)))
    return "\n".join((head, base64.b64encode(raw).decode(), foot, ""))


@pytest.mark.parametrize("field", ["key", "certificate"])
@pytest.mark.parametrize(
    "change",
    [
        lambda der: der.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0209")),
        lambda der: der.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030108")),
        lambda der: der.replace(bytes.fromhex("03420004"), bytes.fromhex("03420005")),
        lambda der: der[: der.index(bytes.fromhex("03420004")) + 4] + b"\xff" * 64,
        lambda der: der[:-20],
    ],
    ids=["another algorithm", "another curve", "no point", "cut behind the point", "cut"],
)
def test_keys_and_certificates_that_no_library_knows_are_refused(field: str, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(EncodingError):
        GateBundle.parse(changed(**{field: respelled(getattr(KEY, field), change)}))
