"""Every reader of what comes from outside, as a function of bytes, with samples that it takes.

Whatever the bytes are, a reader gives a value or raises an error of the program's own tree (`WalletError`). A reader of
text is given the bytes as a terminal or an argument would give them: what is no UTF-8 becomes half surrogates.
"""

import base64
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from bitcoin.core.script import CScript
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.images.bid import Bid, BidPackage, parse_id
from assets.images.board import Board, parse_listing
from assets.images.definition import Definition, parse_challenge
from assets.images.digest import Digest
from assets.images.evidence import parse_evidence
from assets.images.gate_bundle import GateBundle
from assets.images.lock import parse_lock, serialize_lock
from assets.images.login_claim import SessionRequest, parse_session_request
from assets.images.name import canonical_name
from assets.images.offer import Ask, parse_script
from assets.images.origin import parse_origin
from assets.images.pin import Pins
from assets.images.pull_secret import PullSecret, check_pull_secret, parse_pull_secret
from assets.images.record import parse_record
from assets.images.reference import ImageReference
from assets.images.seal_proof import KIND, SealProof
from assets.images.secret_document import parse_secret_document, secret_document
from assets.images.service_url import parse_service_url
from assets.images.shop_bundle import ShopBundle
from assets.images.tag import parse_tag
from assets.index.blocks import transaction_spans, txids_of
from assets.protocols.open_assets.address import open_assets_address, parse_asset_id
from assets.protocols.open_assets.marker import Marker, parse_closed, parse_payload
from assets.registry.auth import _parse_token
from assets.registry.challenge import parse_challenges
from assets.registry.client import _tags, next_link
from assets.registry.credential_program import _parse as parse_program
from assets.registry.credentials import CredentialFinder
from assets.registry.encryption import Seal
from assets.registry.endpoint import Origin, Url
from assets.registry.gate_keys import _opened
from assets.registry.gate_places import GateWords
from assets.registry.gate_sessions import _had_ended
from assets.registry.layer_cipher import stated_hmac
from assets.registry.layer_keys import LayerKey, Recipient, scalar_in
from assets.registry.layout import LayoutReference, read_build_metadata, read_layout
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import parse_manifest
from assets.registry.proxy import ProxyRules
from assets.registry.refusals import refusal
from assets.registry.transport import Answer, Request, Transport
from assets.server.shop_client import _answer, _refusal
from assets.services.repository_secrets.secret_receiving import parse_handed
from assets.store.docker_archive import diff_ids
from assets.store.json_splice import has_object, is_empty, value_of, with_value, without
from assets.store.session_store import _parse as parse_session
from tests.assets.images.listings import BID, LOT, WHOLE
from tests.assets.images.test_definition import document as definition_document
from tests.assets.images.test_gate_bundle import BUNDLE as GATE
from tests.assets.images.test_login_claim import REQUEST
from tests.assets.images.test_pin import ON_SIGNET, OTHER, PIN
from tests.assets.images.test_shop_bundle import BUNDLE as SHOP
from tests.assets.registry.images import image, image_list
from tests.assets.services.test_backups import SAMPLE as BACKUP
from tests.assets.services.test_secret_wrapping import RECEIVER, WRAPPED
from tests.assets.store.test_container_logins import DOCKERS
from tests.wallet.keys.test_keystore import FILE as KEYSTORE
from tests.wallet.signing_cases import ACCOUNT, KEYCHAIN, RECEIVE, WORDS, funding, unsigned
from tests.wallet.test_bip329 import PUBLISHED, XPUB
from tests.wallet.test_public_facts import encoded, shown
from tui.settings import load
from tui.settings_file import changed
from wallet.amount import parse_btc
from wallet.backup import read_backup
from wallet.bip329 import read_labels
from wallet.chain import answers
from wallet.chain.endpoint import Endpoint
from wallet.documents import read_json, read_toml
from wallet.errors import WalletError
from wallet.fees import FeeRate
from wallet.hashes import display, parse_outpoint, parse_txid, txid_of
from wallet.keys.address import address_of, parse_address, parse_unit_address, unit_address_of
from wallet.keys.descriptor import check_descriptor
from wallet.keys.extended_key import ExtendedKey
from wallet.keys.keystore import read_header
from wallet.keys.message import message_flaw, sign_message
from wallet.keys.mnemonic import check as check_words
from wallet.keys.uri import PaymentRequest, UnitRequest
from wallet.network import REGTEST
from wallet.psbt import Psbt, combine, finalize, from_text, to_psbt, to_text
from wallet.public_facts import parse_public_facts
from wallet.signer import SoftwareSigner

Feed = Callable[[bytes], object]

SCRIPT = CScript(b"\x00\x14" + bytes(20))
REMOTE = Url(Origin("https", "registry.example", 443), "/v2/")
TXID = "ab" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A reader and what it takes. `weight` is how often it is fed: less where each time costs much."""

    name: str
    feed: Feed
    samples: tuple[bytes, ...]
    weight: int = 8


def text(parse: Callable[[str], object]) -> Feed:
    """A reader of text."""
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


def header(parse: Callable[[str], object]) -> Feed:
    """A reader of a header: HTTP gives Latin-1, one line of at most 64 KiB."""
    return lambda data: parse(data.decode("latin-1"))


def answered(status: int, body: bytes, **headers: str) -> Answer:
    """An answer over HTTP."""
    return Answer(url=REMOTE, status=status, headers=headers, body=body)


@cache
def folder() -> Path:
    """Where readers of files read."""
    kept = tempfile.TemporaryDirectory(prefix="campaign-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    _FOLDERS.append(kept)
    return Path(kept.name)


_FOLDERS: list["tempfile.TemporaryDirectory[str]"] = []


def in_file(name: str, read: Callable[[Path], object]) -> Feed:
    """A reader of a file."""

    def feed(data: bytes) -> object:
        path = folder() / name
        path.write_bytes(data)
        return read(path)

    return feed


def refused(data: bytes) -> None:
    """What a registry, a gate and a shop say of a refusal, whatever it is."""
    for status in (401, 404, 429, 500, 418):
        error: WalletError = refusal(answered(status, data), "registry.example/acme/app", "tag 1.0")
        assert len(str(error)) < 1_000
    assert len(GateWords.of(data).message) < 1_000
    assert len(str(_refusal("https://shop.example", answered(422, data)))) < 1_000
    _had_ended(data)


def waited(value: str) -> None:
    """`Retry-After` and other headers of an answer that comes too early."""
    wait = Transport()._wait(
        Request(method="GET", url=REMOTE, limit=1), answered(429, b"", **{"retry-after": value}), 0.1
    )
    assert wait is None or 0 <= wait <= 5
    str(refusal(answered(429, b"", **{"retry-after": value}), "registry.example/acme/app", "tag"))


def from_node(data: bytes) -> None:
    """An answer of a node, as each of the shapes that are asked for."""
    try:
        value = answers.decode(data)
    except ValueError:
        return
    shapes = (
        answers.ChainInfo,
        answers.BlockHeader,
        answers.RawTransaction,
        answers.UtxoAnswer,
        list[answers.SpendingAnswer],
        dict[str, answers.IndexAnswer],
        answers.SmartFee,
        answers.MempoolInfo,
        answers.NetworkInfo,
    )
    for shape in shapes:
        try:
            found = answers.convert(value, shape, "anything")
        except WalletError:
            continue
        if isinstance(found, answers.UtxoAnswer):
            answers.sats_of(found.value)
            answers.bytes_of(found.script.hex)
        if isinstance(found, answers.RawTransaction):
            answers.transaction_of(found.hex, txid_of(funding()))


def block(data: bytes) -> None:
    """A block, as far as it is found out what moves in it."""
    for span in txids_of(data, transaction_spans(data, b"\x4f\x41\x01\x00")):
        display(span)


def marked(data: bytes) -> None:
    """A transaction whose outputs carry the bytes."""
    from bitcoin.core import CMutableTransaction, CTransaction, CTxIn, CTxOut

    outputs = [CTxOut(0, CScript(data)), CTxOut(546, SCRIPT), CTxOut(330, SCRIPT)]
    parse_closed(CTransaction.from_tx(CMutableTransaction([CTxIn()], outputs)))


def signed(data: bytes) -> None:
    """A PSBT, all the way: read, combined with ours, signed where it is ours, finalised."""
    parsed = Psbt.parse(data)
    for work in (SoftwareSigner(KEYCHAIN, REGTEST).sign, finalize, lambda raw: combine(raw, raw)):
        try:
            work(data)
        except WalletError:
            continue
    assert parsed.tx.vin


def sealed(data: bytes) -> None:
    """A manifest, with what is asked of one that is sealed."""
    for kind in (OCI_MANIFEST, OCI_INDEX):
        try:
            found = parse_manifest(data, kind)
            Seal.read(found)
        except WalletError:
            continue


def spliced(value: str) -> None:
    """Somebody else's JSON file, with an entry of ours put in and taken out."""
    value_of(value, "credHelpers", "registry.example")
    has_object(value, "auths")
    is_empty(value, "auths")
    put = with_value(value, "credHelpers", "registry.example", "dockchains")
    assert value_of(put, "credHelpers", "registry.example") == "dockchains"
    without(put, "credHelpers", "registry.example")


def credentials(path: Path) -> None:
    """A container tool's file, for hosts that it may name."""
    finder = CredentialFinder(environ={"REGISTRY_AUTH_FILE": str(path), "PATH": ""}, home=path.parent)
    for name in ("registry.example/acme/app", "docker.io/library/nginx", "other.example/a"):
        finder.find(name)


def layout(path: Path) -> None:
    """An OCI layout whose index is the file."""
    place = folder() / "layout"
    (place / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (place / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (place / "index.json").write_bytes(path.read_bytes())
    read_layout(LayoutReference.parse(f"oci:{place}:1.0"))
    read_layout(LayoutReference.parse(f"oci:{place}"))


def settings(value: str) -> None:
    """A settings file, read and changed."""
    load({}, {}, Path("settings.toml"), text=value)
    changed(value, {"network": "regtest", "index_start": None})


def environment(value: str) -> None:
    """Variables of the environment."""
    names = ("NETWORK", "NODE_URL", "FEE_RATE", "CONFIRMATIONS", "INDEX_START", "ALLOW_MAINNET", "WALLET")
    load({}, {f"DOCKCHAINS_{name}": value for name in names}, Path("/nonexistent/settings.toml"))


def proxies(value: str) -> None:
    """The variables that name proxies."""
    rules = ProxyRules.of({"HTTPS_PROXY": value, "NO_PROXY": value})
    rules.proxy_for(Origin("https", "registry.example", 443))
    ProxyRules.of({"HTTPS_PROXY": value}).proxy_for(Origin("https", "registry.example", 443))


def manifests() -> tuple[bytes, ...]:
    """An image and a list of two."""
    one, two = image("one", "amd64"), image("two", "arm64")
    return one.manifest, image_list(one, two), one.config


def layer_annotation() -> bytes:
    """The keys of a sealed layer."""
    from assets.images.content_key import ContentKey

    key = LayerKey(key=bytes(32), nonce=bytes(16), plaintext=Digest.of(b""))
    return Recipient(ContentKey(bytes(range(32)))).wrap(key).encode("ascii")


@cache
def asker() -> JWK:
    """Whoever asks a gate for a content key."""
    return JWK.generate(kty="EC", crv="P-256")


def gate_answer() -> bytes:
    """A content key, wrapped for the asker."""
    jwe = JWE(bytes(32), json.dumps({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}))
    jwe.add_recipient(asker())
    return str(jwe.serialize(compact=True)).encode("ascii")


def from_gate(data: bytes) -> object:
    """What a gate answers that is asked for a content key."""
    return _opened(data, asker(), REMOTE.origin)


def unwrapped(data: str) -> object:
    """The annotation of a sealed layer, opened with a key."""
    from assets.images.content_key import ContentKey

    return Recipient(ContentKey(bytes(range(32)))).unwrap(data)


def b(value: object) -> bytes:
    """JSON as anybody writes it."""
    return json.dumps(value).encode("utf-8")


@cache
def targets() -> tuple[Target, ...]:
    """All of them."""
    return tuple(chain(wallet_targets(), document_targets(), registry_targets(), chain_targets(), text_targets()))


def wallet_targets() -> tuple[Target, ...]:
    """What people carry from machine to machine."""
    psbt = to_psbt(unsigned(), ACCOUNT, (funding(),))
    whole = SoftwareSigner(KEYCHAIN, REGTEST).sign(psbt)
    signature = sign_message("text", KEYCHAIN.private_key(RECEIVE))
    script = ACCOUNT.script(RECEIVE)
    return (
        Target(name="psbt", feed=signed, samples=(psbt, whole), weight=1),
        Target(name="psbt text", feed=text(from_text), samples=(to_text(psbt).encode(),)),
        Target(name="backup", feed=read_backup, samples=(BACKUP,)),
        Target(name="keystore", feed=read_header, samples=(KEYSTORE,)),
        Target(name="labels (BIP329)", feed=read_labels, samples=(PUBLISHED.encode(),)),
        Target(name="public facts", feed=parse_public_facts, samples=(encoded(shown(ACCOUNT)),), weight=1),
        Target(name="recovery words", feed=text(check_words), samples=(WORDS.encode(),), weight=2),
        Target(name="extended key", feed=text(ExtendedKey.parse), samples=(XPUB.encode(),)),
        Target(
            name="descriptor",
            feed=text(check_descriptor),
            samples=(ACCOUNT.descriptors()[0].text.encode(),),
            weight=2,
        ),
        Target(
            name="signed message",
            feed=text(lambda value: message_flaw(value[:40], script, value)),
            samples=(signature.encode(),),
        ),
        Target(name="settings", feed=text(settings), samples=(b'network = "regtest"\nconfirmations = 3\n',), weight=4),
        Target(name="environment", feed=text(environment), samples=(b"regtest", b"2.5"), weight=4),
        Target(
            name="TOML", feed=lambda data: read_toml(data, what="it"), samples=(b"[a.b]\nc = [1, 2.5]\n",), weight=4
        ),
        Target(name="JSON", feed=lambda data: read_json(data, what="it"), samples=(b'{"a":[1,2.5,"x\\u00e9",null]}',)),
    )


def document_targets() -> tuple[Target, ...]:
    """FORMATS' documents."""
    package = BidPackage(bid=BID, psbt=to_psbt(unsigned(), ACCOUNT))
    board = Board.of([LOT, WHOLE])
    step = b'{"block":"%s","branch":["%s"],"index":1,"tx":"%s"}\n' % (b"cd" * 32, b"ef" * 32, b"02" * 80)
    evidence = step + b'{"height":7,"tip":"%s"}\n' % (b"ab" * 32)
    pins, lock = Pins(pins=(PIN, OTHER)), serialize_lock(Pins(pins=(PIN, OTHER)))
    repository = parse_secret_document(b'{"genesis":"%s","secret":"%s"}' % (b"ab" * 32, b"cd" * 32))
    proof = {
        "kind": KIND, "v": 1, "network": display(REGTEST.genesis), "name": PIN.name, "genesis": TXID,
        "plaintext": f"sha256:{TXID}", "ciphertext": f"sha256:{TXID}", "manifests": ["e30="],
    }  # fmt: skip
    return (
        Target(name="definition", feed=Definition.parse, samples=(definition_document(),)),
        Target(name="challenge of a signet", feed=text(parse_challenge), samples=(b"51",)),
        Target(name="pins", feed=Pins.parse, samples=(pins.serialize(), Pins(pins=(ON_SIGNET,)).serialize())),
        Target(name="lock file", feed=parse_lock, samples=(lock,), weight=4),
        Target(name="ask", feed=Ask.parse, samples=(LOT.serialize(), WHOLE.serialize()), weight=4),
        Target(name="board", feed=Board.parse, samples=(board.serialize(),), weight=4),
        Target(name="listing", feed=parse_listing, samples=(board.serialize(), LOT.serialize()), weight=2),
        Target(name="bid", feed=Bid.parse, samples=(BID.serialize(),)),
        Target(name="bid with its PSBT", feed=BidPackage.parse, samples=(package.serialize(),), weight=2),
        Target(name="gate's bundle", feed=GateBundle.parse, samples=(GATE.serialize(),), weight=1),
        Target(name="shop's bundle", feed=ShopBundle.parse, samples=(SHOP.serialize(),), weight=2),
        Target(name="login that is asked for", feed=SessionRequest.parse, samples=(REQUEST.to_json(),), weight=4),
        Target(name="login with proofs", feed=parse_session_request, samples=(REQUEST.to_json(),), weight=4),
        Target(name="evidence", feed=parse_evidence, samples=(evidence,)),
        Target(name="proof of a broken seal", feed=SealProof.parse, samples=(json_canonical(proof),)),
        Target(name="repository secret", feed=parse_secret_document, samples=(secret_document(repository),)),
        Target(name="handed secret", feed=parse_handed, samples=(b"eyJhbGciOiJFQ0RILUVTIn0.a.b.c.d",)),
        Target(
            name="secret wrapped for a buyer", feed=text(RECEIVER.unwrap), samples=(WRAPPED.encode("ascii"),), weight=1
        ),
        Target(name="private key", feed=scalar_in, samples=(b"-----BEGIN PRIVATE KEY-----\nMIGH\n",), weight=2),
        Target(name="login that is kept", feed=lambda data: parse_session(data, Path("x")), samples=(session(),)),
        Target(name="container tools' file, changed", feed=text(spliced), samples=(DOCKERS.encode(),), weight=4),
    )


def json_canonical(value: Any) -> bytes:
    """Canonical JSON."""
    from assets.images.canonical import encode

    return encode(value)


def session() -> bytes:
    """A login as it is kept."""
    return b(
        {
            "v": 1, "host": "registry.example", "gate": "https://gate.example", "image": PIN.name,
            "network": display(REGTEST.genesis), "key": "00" * 31 + "07", "from": 1, "until": 2, "scripts": 1,
            "entries": [{"path": "/x", "made_object": True, "made_file": False}],
        }
    )  # fmt: skip


def registry_targets() -> tuple[Target, ...]:
    """What registries, gates, shops and container tools say."""
    one, both, config = manifests()
    errors = b({"errors": [{"code": "DENIED", "message": "no", "detail": "x"}]})
    challenge = b'Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull", Basic realm="x"'
    login = base64.b64encode(b"user:secret").decode()
    return (
        Target(name="manifest", feed=sealed, samples=(one, both)),
        Target(name="config of an image", feed=diff_ids, samples=(config, b'{"rootfs":{"diff_ids":["sha256:00"]}}')),
        Target(name="WWW-Authenticate", feed=header(parse_challenges), samples=(challenge,)),
        Target(name="Retry-After", feed=header(waited), samples=(b"3", b"Wed, 21 Oct 2015 07:28:00 GMT")),
        Target(name="Link", feed=header(next_link), samples=(b'</v2/a/tags/list?n=1&last=x>; rel="next"',)),
        Target(
            name="Location",
            feed=header(lambda value: Url.parse(value, asked=REMOTE)),
            samples=(b"https://cdn.example/x?y=z", b"/v2/x", b"https://[::1]:5000/x"),
        ),
        Target(name="errors over HTTP", feed=refused, samples=(errors, b({"error": "x", "message": "y", "next": "z"}))),
        Target(name="list of tags", feed=lambda data: _tags(answered(200, data)), samples=(b({"tags": ["1.0"]}),)),
        Target(
            name="bearer token",
            feed=lambda data: _parse_token(answered(200, data)),
            samples=(b({"token": "a.b.c", "expires_in": 300}),),
        ),
        Target(name="shop's answer", feed=_answer, samples=(b({"state": "sold", "txid": TXID}),)),
        Target(
            name="credential program",
            feed=lambda data: parse_program(Path("x"), data),
            samples=(b({"ServerURL": "x", "Username": "u", "Secret": "s"}),),
        ),
        Target(
            name="container tools' file",
            feed=in_file("auth.json", credentials),
            samples=(b({"auths": {"registry.example": {"auth": login}}, "credsStore": "x", "credHelpers": {}}),),
            weight=2,
        ),
        Target(
            name="build metadata",
            feed=in_file("metadata.json", read_build_metadata),
            samples=(b({"containerimage.digest": f"sha256:{TXID}"}),),
            weight=2,
        ),
        Target(name="layout", feed=in_file("index.json", layout), samples=(both,), weight=1),
        Target(name="key from a gate", feed=from_gate, samples=(gate_answer(),), weight=1),
        Target(name="layer's key", feed=LayerKey.parse, samples=(b({"symkey": "AAAA", "digest": "sha256:00"}),)),
        Target(name="layer's annotation", feed=text(unwrapped), samples=(layer_annotation(),), weight=1),
        Target(name="layer's options", feed=text(stated_hmac), samples=(base64.b64encode(b({"cipher": "AES"})),)),
        Target(name="proxies", feed=text(proxies), samples=(b"http://u:p@proxy.example:3128", b"10.0.0.0/8,.corp:443")),
    )


def chain_targets() -> tuple[Target, ...]:
    """What nodes and chains say."""
    marker = Marker((1, 1_000_000), b"DC\x01\x02" + bytes(32) + b"1.0").serialize()
    tx = funding().serialize()
    raw = bytes(80) + b"\x01" + tx
    found = {"bestblock": TXID, "confirmations": 1, "value": 0.5, "scriptPubKey": {"hex": bytes(SCRIPT).hex()}}
    info = {"chain": "regtest", "blocks": 1, "headers": 1, "bestblockhash": TXID, "time": 1}
    return (
        Target(name="marker", feed=parse_payload, samples=(marker,)),
        Target(name="marker's output", feed=marked, samples=(b"\x6a" + bytes((len(marker),)) + marker,), weight=4),
        Target(name="record", feed=parse_record, samples=tuple(b"DC\x01" + bytes((n,)) + bytes(33) for n in range(13))),
        Target(name="block", feed=block, samples=(raw,), weight=4),
        Target(name="node's answer", feed=from_node, samples=(b(found), b(info), b({"hex": tx.hex()})), weight=4),
    )


def text_targets() -> tuple[Target, ...]:
    """What people type, paste and scan."""
    address, units = address_of(SCRIPT, REGTEST), unit_address_of(SCRIPT, REGTEST)
    secret = PullSecret.sign(bytes(31) + b"\x07", "https://gate.example", 1_800_000_000).text()
    gate = "https://gate.example"
    pairs: tuple[tuple[str, Callable[[str], object], tuple[str, ...]], ...] = (
        ("image reference", ImageReference.parse, ("registry.example/acme/app:1.0@sha256:" + TXID, "nginx")),
        ("name", canonical_name, ("registry.example:5000/acme/app", "[::1]:5000/a")),
        ("tag", parse_tag, ("1.0", "latest")),
        ("digest", Digest.parse, (f"sha256:{TXID}",)),
        ("origin", parse_origin, (gate, "http://127.0.0.1:8080")),
        ("service", parse_service_url, ("https://shop.example/acme",)),
        ("address", lambda value: parse_address(value, REGTEST), (address,)),
        ("unit address", lambda value: parse_unit_address(value, REGTEST), (units,)),
        ("payment link", lambda value: PaymentRequest.parse(value, REGTEST), (f"bitcoin:{address}?amount=1&label=x",)),
        ("unit link", lambda value: UnitRequest.parse(value, REGTEST), (f"dockchains:{units}?amount=3",)),
        ("asset id", lambda value: parse_asset_id(value, REGTEST), ("oMsYAJSAmVtdMEy4isBVdHWvPDy6tUVZYW",)),
        ("asset address", open_assets_address, ("akB4NBW9UuCmHuepksob6yfZs6naHtRCPNy",)),
        ("txid", parse_txid, (TXID,)),
        ("outpoint", parse_outpoint, (f"{TXID}:1",)),
        ("id of a bid", parse_id, (TXID,)),
        ("script", parse_script, (bytes(SCRIPT).hex(),)),
        ("amount", parse_btc, ("0.00000001", "21000000")),
        ("fee rate", FeeRate.parse, ("2.5",)),
        ("pull secret", parse_pull_secret, (secret,)),
        ("pull secret, checked", lambda value: check_pull_secret(b"\x02" * 33, value, gate=gate, now=1), (secret,)),
        ("node's address", lambda value: Endpoint.parse(value, cookie=Path("/x"), port=1), ("http://u:p@127.0.0.1:8332",)),
        ("layout reference", LayoutReference.parse, ("oci:/folder:1.0",)),
    )  # fmt: skip
    return tuple(
        Target(name=name, feed=text(parse), samples=tuple(sample.encode() for sample in samples), weight=64)
        for name, parse, samples in pairs
    )
