"""Encrypted layers and manifests: the codec by itself."""

import base64
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.errors import DigestMismatchError
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.registry.encryption import (
    KEYS,
    OPTIONS,
    Seal,
    encrypted_layer,
    encrypted_list,
    encrypted_manifest,
    is_encrypted,
    require_sealable,
)
from assets.registry.layer_cipher import decrypt, encrypt, public_options, stated_hmac
from assets.registry.layer_keys import LayerKey, Recipient
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ImageManifest, ManifestList, parse_manifest
from tests.assets.registry.images import LAYER_TYPE, compact, descriptor, image, image_list
from wallet.errors import EncodingError

KEY = ContentKey(bytes(range(32)))
OTHER = ContentKey(bytes(32))


def key_of(content: bytes) -> LayerKey:
    return LayerKey(key=b"k" * 32, nonce=b"n" * 16, plaintext=Digest.of(content))


def sealed(content: bytes) -> tuple[bytes, bytes]:
    """Ciphertext and HMAC."""
    target = io.BytesIO()
    digest, tag = encrypt(io.BytesIO(content), target, key_of(content))
    assert digest == Digest.of(target.getvalue())
    return target.getvalue(), tag


@given(st.binary(max_size=5000))
def test_a_layer_comes_back_and_keeps_its_size(content: bytes) -> None:
    ciphertext, tag = sealed(content)
    target = io.BytesIO()
    assert decrypt(io.BytesIO(ciphertext), target, key_of(content), tag) == len(content) == len(ciphertext)
    assert target.getvalue() == content


def test_a_layer_of_no_bytes_can_be_sealed() -> None:
    ciphertext, tag = sealed(b"")
    assert ciphertext == b""
    assert decrypt(io.BytesIO(), io.BytesIO(), key_of(b""), tag) == 0


@pytest.mark.parametrize("place", [0, 99, 199])
def test_one_flipped_bit_is_refused(place: int) -> None:
    ciphertext, tag = sealed(bytes(200))
    damaged = bytearray(ciphertext)
    damaged[place] ^= 1
    with pytest.raises(DigestMismatchError, match="HMAC"):
        decrypt(io.BytesIO(bytes(damaged)), io.BytesIO(), key_of(bytes(200)), tag)


def test_a_ciphertext_that_is_cut_off_is_refused() -> None:
    ciphertext, tag = sealed(bytes(200))
    with pytest.raises(DigestMismatchError, match="HMAC"):
        decrypt(io.BytesIO(ciphertext[:-1]), io.BytesIO(), key_of(bytes(200)), tag)


def test_a_ciphertext_of_something_else_is_refused_even_with_a_fitting_hmac() -> None:
    ciphertext, tag = sealed(b"something else")
    with pytest.raises(DigestMismatchError, match="was expected"):
        decrypt(io.BytesIO(ciphertext), io.BytesIO(), key_of(b"what was promised"), tag)


def test_a_source_that_changed_meanwhile_is_not_sealed() -> None:
    with pytest.raises(DigestMismatchError, match="was expected"):
        encrypt(io.BytesIO(b"changed"), io.BytesIO(), key_of(b"as it was"))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16), st.binary(max_size=20))
def test_a_layers_key_survives_its_options(key: bytes, nonce: bytes, content: bytes) -> None:
    layer = LayerKey(key=key, nonce=nonce, plaintext=Digest.of(content))
    assert LayerKey.parse(layer.serialize()) == layer


@given(st.binary(max_size=300))
def test_any_other_bytes_are_no_layers_key(data: bytes) -> None:
    with pytest.raises(EncodingError):
        LayerKey.parse(data)


@given(st.text(max_size=200))
def test_any_other_text_is_no_public_options(text: str) -> None:
    with pytest.raises(EncodingError):
        stated_hmac(text)


def test_public_options_state_the_cipher_and_the_hmac() -> None:
    assert stated_hmac(public_options(b"h" * 32)) == b"h" * 32
    other = base64.b64encode(json.dumps({"cipher": "ROT13", "hmac": ""}).encode()).decode()
    with pytest.raises(EncodingError, match="ROT13"):
        stated_hmac(other)


def test_only_the_recipient_unwraps() -> None:
    wrapped = Recipient(KEY).wrap(key_of(b"x"))
    assert Recipient(KEY).unwrap(wrapped) == key_of(b"x")
    assert Recipient(OTHER).unwrap(wrapped) is None


def test_one_of_several_recipients_is_enough() -> None:
    wrapped = ",".join((Recipient(OTHER).wrap(key_of(b"x")), Recipient(KEY).wrap(key_of(b"x"))))
    assert Recipient(KEY).unwrap(wrapped) == key_of(b"x")


def test_what_is_wrapped_to_several_at_once_is_read_as_go_writes_it() -> None:
    """go-jose repeats the first recipient's encrypted key beside the list of recipients."""
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    jwe = JWE(key_of(b"x").serialize(), json.dumps({"enc": "A256GCM"}), algs=algorithms)
    for key in (OTHER, KEY):
        jwe.add_recipient(JWK.from_pem(Recipient(key).public_pem()), json.dumps({"alg": "ECDH-ES+A256KW"}))
    document = json.loads(jwe.serialize())
    document["encrypted_key"] = document["recipients"][0]["encrypted_key"]
    annotation = base64.b64encode(json.dumps(document).encode()).decode()
    assert Recipient(KEY).unwrap(annotation) == key_of(b"x")


@pytest.mark.parametrize("text", ["", "!", ",", "e30=", "W10=", "bnVsbA==", "eyJyZWNpcGllbnRzIjogW119"])
def test_what_is_no_jwe_opens_for_nobody(text: str) -> None:
    assert Recipient(KEY).unwrap(text) is None


def test_too_many_recipients_are_refused() -> None:
    with pytest.raises(EncodingError, match="too many"):
        Recipient(KEY).unwrap(",".join("e30=" for _ in range(65)))
    with pytest.raises(EncodingError, match="too many"):
        Recipient(KEY).unwrap("A" * 300_000)


def test_other_algorithms_are_not_accepted() -> None:
    """A key that may be used with any algorithm can be turned against its holder."""
    secret = JWK(kty="oct", k=base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="))
    jwe = JWE(key_of(b"x").serialize(), json.dumps({"alg": "dir", "enc": "A256GCM"}), recipient=secret)
    assert Recipient(KEY).unwrap(base64.b64encode(jwe.serialize().encode()).decode()) is None


def test_a_payload_that_is_packed_is_not_unpacked() -> None:
    """A few kilobytes of a hostile manifest would become many megabytes."""
    header = json.dumps({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "zip": "DEF"})
    jwe = JWE(key_of(b"x").serialize(), header, algs=["ECDH-ES+A256KW", "A256GCM"])
    jwe.add_recipient(JWK.from_pem(Recipient(KEY).public_pem()))
    assert Recipient(KEY).unwrap(base64.b64encode(jwe.serialize().encode()).decode()) is None


def test_a_recipient_does_not_print_its_key() -> None:
    assert repr(Recipient(KEY)) == "Recipient()"


def encrypted(one: bytes, annotations: dict[str, str]) -> bytes:
    document = parse_manifest(one, OCI_MANIFEST)
    assert isinstance(document, ImageManifest)
    layers = [encrypted_layer(layer, digest=layer.digest, keys="k", options="o") for layer in document.layers]
    return encrypted_manifest(document, layers, annotations)


def test_the_encrypted_manifest_keeps_the_config_and_marks_each_layer() -> None:
    original = image("x")
    seal = Seal(commitment=KEY.commitment, secret=bytes(8), generation=3)
    found = parse_manifest(encrypted(original.manifest, seal.annotations()), OCI_MANIFEST)
    assert isinstance(found, ImageManifest)
    assert is_encrypted(found)
    assert found.config.digest == Digest.of(original.config)
    assert [layer.media_type for layer in found.layers] == [LAYER_TYPE + "+encrypted"]
    assert found.layers[0].annotations == {KEYS: "k", OPTIONS: "o"}
    assert Seal.read(found) == seal
    assert seal.fits(KEY)
    assert not seal.fits(OTHER)


def test_the_encrypted_list_keeps_order_and_platforms() -> None:
    one, two = image("x", "amd64"), image("x", "arm64")
    original = parse_manifest(image_list(one, two), OCI_INDEX)
    assert isinstance(original, ManifestList)
    children = [(Digest.of(one.layer), 1), (Digest.of(two.layer), 2)]
    found = parse_manifest(encrypted_list(original, children, {"dockchains.key.sha256": "aa"}), OCI_INDEX)
    assert isinstance(found, ManifestList)
    assert is_encrypted(found)
    assert [(str(child.platform), child.digest, child.size) for child in found.children] == [
        ("linux/amd64", *children[0]),
        ("linux/arm64", *children[1]),
    ]


def test_dockers_media_types_become_ocis() -> None:
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    config = descriptor("application/vnd.docker.container.image.v1+json", b"{}")
    layer = descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", b"layer")
    data = compact({"schemaVersion": 2, "mediaType": docker, "config": config, "layers": [layer]})
    document = parse_manifest(data, docker)
    assert isinstance(document, ImageManifest)
    layers = [encrypted_layer(document.layers[0], digest=document.layers[0].digest, keys="k", options="o")]
    found = parse_manifest(encrypted_manifest(document, layers, {}), OCI_MANIFEST)
    assert isinstance(found, ImageManifest)
    assert found.config.media_type == "application/vnd.oci.image.config.v1+json"
    assert found.layers[0].media_type == LAYER_TYPE + "+encrypted"


@pytest.mark.parametrize(
    "annotations",
    [
        {},
        {"dockchains.key.sha256": "ab" * 32},
        {"dockchains.key.sha256": "AB" * 32, "dockchains.secret": "ab" * 8, "dockchains.generation": "1"},
        {"dockchains.key.sha256": "ab" * 32, "dockchains.secret": "ab" * 8, "dockchains.generation": "0"},
        {"dockchains.key.sha256": "ab" * 32, "dockchains.secret": "ab" * 8, "dockchains.generation": "01"},
        {"dockchains.key.sha256": "ab" * 32, "dockchains.secret": "ab" * 8, "dockchains.generation": "1000"},
        {"dockchains.key.sha256": "ab" * 32, "dockchains.secret": "ab" * 7, "dockchains.generation": "1"},
    ],
)
def test_a_document_that_does_not_commit_to_its_key_is_refused(annotations: dict[str, str]) -> None:
    with pytest.raises(EncodingError, match="does not commit"):
        Seal.read(parse_manifest(encrypted(image().manifest, annotations), OCI_MANIFEST))


def test_what_is_sealed_already_and_what_lies_elsewhere_cannot_be_sealed() -> None:
    require_sealable(parse_manifest(image().manifest, OCI_MANIFEST))
    with pytest.raises(EncodingError, match="already"):
        require_sealable(parse_manifest(encrypted(image().manifest, {}), OCI_MANIFEST))
    foreign = descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", b"x")
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", b"{}"),
        "layers": [foreign],
    }
    with pytest.raises(EncodingError, match="elsewhere"):
        require_sealable(parse_manifest(compact(document), OCI_MANIFEST))
