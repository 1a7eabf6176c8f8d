"""Repository secrets on their way to a buyer: what is wrapped, for whom, and what is refused."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.images.canonical import encode
from assets.images.content_key import P256_ORDER, RepositorySecret, repository_secret
from assets.images.recipient_key import RecipientKey
from assets.images.secret_document import parse_secret_document, secret_document
from assets.images.secret_ring import SecretRing
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.repository_secrets.secret_receiving import MAX_SECRETS, parse_handed
from assets.services.repository_secrets.secret_wrapping import SecretReceiver, require_wrapped, wrap
from wallet.errors import EncodingError
from wallet.hashes import Txid, display
from wallet.secret_store import SeedSecrets
from wallet.store.handovers import HandedSecret, HandoverStore
from wallet.store.schema import wallet_database

GENESIS = Txid(bytes(range(32)))
SCRIPT = b"\x00\x14" + bytes(range(20))
SELLER, BUYER = SeedSecrets(b"s" * 64), SeedSecrets(b"b" * 64)
SECRET = repository_secret(SELLER, GENESIS)


def receiver() -> SecretReceiver:
    return SecretReceiver(BUYER, GENESIS, SCRIPT)


def jwe_of(payload: bytes, to: RecipientKey, **header: str) -> str:
    """A compact JWE as somebody else could write it."""
    fields = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", **header}
    jwe = JWE(payload, json.dumps(fields), algs=list(fields.values()))
    jwe.add_recipient(JWK(**to.document()))
    return str(jwe.serialize(compact=True))


def test_the_key_follows_from_seed_genesis_and_script() -> None:
    extracted = hmac.new(GENESIS, b"b" * 64, hashlib.sha256).digest()
    raw = hmac.new(extracted, b"dockchains recipient 1\x00" + SCRIPT + b"\x01", hashlib.sha256).digest()
    scalar = 1 + int.from_bytes(raw, "big") % (P256_ORDER - 1)
    from cryptography.hazmat.primitives.asymmetric import ec

    numbers = ec.derive_private_key(scalar, ec.SECP256R1()).public_key().public_numbers()
    assert receiver().public == RecipientKey(x=numbers.x, y=numbers.y)


def test_what_is_wrapped_to_a_key_opens_with_it_and_with_no_other() -> None:
    wrapped = wrap(SECRET, receiver().public)
    assert receiver().unwrap(wrapped) == SECRET
    for other in (
        SecretReceiver(SELLER, GENESIS, SCRIPT),
        SecretReceiver(BUYER, Txid(bytes(32)), SCRIPT),
        SecretReceiver(BUYER, GENESIS, SCRIPT[:-1]),
    ):
        assert other.unwrap(wrapped) is None


def test_the_form_is_compact_jwe_around_the_canonical_document() -> None:
    wrapped = wrap(SECRET, receiver().public)
    header = json.loads(base64.urlsafe_b64decode(wrapped.partition(".")[0] + "=="))
    assert (header["alg"], header["enc"]) == ("ECDH-ES+A256KW", "A256GCM")
    document = secret_document(SECRET)
    assert document == encode({"genesis": display(GENESIS), "secret": SECRET.value.hex()})
    assert parse_secret_document(document) == SECRET
    assert wrap(SECRET, receiver().public) != wrapped


def test_what_another_program_wrapped_opens_too() -> None:
    assert receiver().unwrap(jwe_of(secret_document(SECRET), receiver().public, kid="any")) == SECRET


@given(place=st.integers(0, 10_000), letter=st.sampled_from("ABCxyz019-_."))
def test_no_letter_of_what_was_wrapped_can_change(place: int, letter: str) -> None:
    at = place % len(WRAPPED)
    changed = WRAPPED[:at] + letter + WRAPPED[at + 1 :]
    last_of_part = at + 1 == len(WRAPPED) or WRAPPED[at + 1] == "."
    try:
        found = RECEIVER.unwrap(changed)
    except EncodingError:
        return
    assert found is None or changed == WRAPPED or last_of_part


RECEIVER = receiver()
WRAPPED = wrap(SECRET, RECEIVER.public)


@pytest.mark.parametrize(
    "header", [{"zip": "DEF"}, {"enc": "A128GCM"}, {"alg": "ECDH-ES+A128KW"}], ids=["zip", "enc", "alg"]
)
def test_other_algorithms_and_compression_are_refused(header: dict[str, str]) -> None:
    with pytest.raises(EncodingError, match="in another way"):
        receiver().unwrap(jwe_of(secret_document(SECRET), receiver().public, **header))


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"x" * 32, encode({"genesis": "ab" * 32, "secret": "cd" * 31})], ids=str
)
def test_something_else_inside_is_refused(payload: bytes) -> None:
    with pytest.raises(EncodingError) as refused:
        receiver().unwrap(jwe_of(payload, receiver().public))
    assert "cd" * 31 not in str(refused.value)


EPKS: tuple[object, ...] = (
    None,
    1,
    [],
    {},
    {"kty": "EC"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    {"kty": "EC", "crv": "P-256", "x": 1, "y": None},
    {"kty": "EC", "crv": "P-521", "x": "A" * 88, "y": "A" * 88},
    {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
    {"kty": "oct", "k": "AAAA"},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
)


@pytest.mark.parametrize("epk", EPKS, ids=range(len(EPKS)))
def test_a_hostile_key_of_the_sender_opens_nothing(epk: object) -> None:
    header = json.dumps({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "epk": epk}).encode()
    first = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    assert receiver().unwrap(".".join((first, *WRAPPED.split(".")[1:]))) is None


@given(st.text(max_size=60))
def test_any_text_is_refused_in_the_documented_way(text: str) -> None:
    with pytest.raises(EncodingError):
        require_wrapped(text)


@given(st.binary(max_size=60))
def test_any_document_is_refused_in_the_documented_way(document: bytes) -> None:
    with pytest.raises(EncodingError) as refused:
        parse_handed(document)
    assert refused.value.hint


def test_a_document_has_a_line_for_each_secret_and_a_bound() -> None:
    assert parse_handed(f"{WRAPPED}\r\n{WRAPPED}\n".encode()) == (WRAPPED, WRAPPED)
    with pytest.raises(EncodingError, match="no document"):
        parse_handed("\n".join([WRAPPED] * (MAX_SECRETS + 1)).encode())


def test_neither_secrets_nor_keys_print() -> None:
    ring = SecretRing(BUYER, (SECRET,))
    for shown in (repr(receiver()), repr(ring), repr(SECRET)):
        assert SECRET.value.hex() not in shown
        assert repr(SECRET.value) not in shown
    assert ring.with_id(GENESIS, SECRET.id) == SECRET
    assert ring.received_for(GENESIS) == (SECRET,)
    assert ring.received_for(Txid(bytes(32))) == ()


def test_a_ring_has_the_secrets_of_the_words_and_those_that_were_kept(tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    database = wallet_database(tmp_path / "wallet.db")
    kept = HandoverStore(database)
    kept.keep_secret(HandedSecret(subject=GENESIS, id=SECRET.id, script=SCRIPT, document=WRAPPED))
    kept.keep_secret(HandedSecret(subject=GENESIS, id=b"damaged!", script=SCRIPT, document="a.b.c.d.e"))
    kept.keep_secret(HandedSecret(subject=GENESIS, id=b"foreign!", script=b"", document=WRAPPED))
    ring = secret_ring(BUYER, kept)
    assert ring.received == (SECRET,)
    assert ring.with_id(GENESIS, SECRET.id) == SECRET
    own = repository_secret(BUYER, GENESIS, 7)
    assert ring.with_id(GENESIS, own.id) == own
    assert ring.with_id(GENESIS, bytes(8)) is None
    assert ring.with_id(Txid(bytes(32)), SECRET.id) is None
    assert isinstance(ring.received[0], RepositorySecret)
    database.close()
