import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.canonical import encode
from assets.images.definition import AssetFields, Claim, Definition, Mismatch
from assets.images.digest import Digest
from assets.images.origin import is_loopback, parse_origin
from assets.images.record import RecordName
from assets.model import GenesisFact
from tests.assets.images.lineage import NAME, Lineage
from wallet.errors import EncodingError
from wallet.network import MAINNET, REGTEST, SIGNET, TESTNET4

ASSET_ID = "oMsYAJSAmVtdMEy4isBVdHWvPDy6tUVZYW"
LONG_NAME = "registry.example/" + "a" * 40
GENESIS = Lineage().genesis


def claim(**changes: Any) -> Claim:
    plain = Claim(
        network=REGTEST.genesis,
        challenge=None,
        asset=GENESIS.asset,
        genesis_input=GENESIS.genesis_input,
        name=NAME,
    )
    return replace(plain, **changes)


FIELDS = AssetFields(asset_id=ASSET_ID, name_short="app", name="Acme App", issuer="Acme", description="")


def built(**changes: Any) -> Definition:
    return Definition.build(FIELDS, claim(**changes))


def genesis_of(definition: Definition, **changes: Any) -> GenesisFact:
    return replace(GENESIS, definition=definition.hash, **changes)


def document(top: dict[str, Any] | None = None, inner: dict[str, Any] | None = None, *, drop: str = "") -> bytes:
    """The canonical bytes of a definition with some fields changed or dropped."""
    value = json.loads(built().document)
    value["dockchains"].update(inner or {})
    value.update(top or {})
    for one in drop.split():
        value.pop(one, None)
        value.get("dockchains", {}).pop(one, None)
    return encode(value)


def test_a_definition_is_read_back_from_its_bytes() -> None:
    full = claim(
        gate="https://gate.example:8443",
        terms=Digest.of(b"terms"),
        source="https://source.example/acme/app",
        magnet="magnet:?xt=urn:btih:00",
    )
    definition = Definition.build(FIELDS, full, optional={"contract_url": "https://acme.example", "type": "software"})
    read = Definition.parse(definition.document)
    assert read == definition
    assert read.claim == full
    assert json.loads(read.document)["contract_url"] == "https://acme.example"


@given(st.text(max_size=20), st.text(min_size=1, max_size=10), st.text(max_size=200))
def test_any_texts_survive(issuer: str, short: str, description: str) -> None:
    fields = replace(FIELDS, issuer=issuer, name_short=short, description=description)
    assert Definition.build(fields, claim()).fields == fields


def test_the_fields_of_open_assets_stand_at_the_top() -> None:
    value = json.loads(built().document)
    assert value["asset_ids"] == [ASSET_ID]
    assert (value["divisibility"], value["version"]) == (0, "1.0")
    assert set(value["dockchains"]) == {"v", "network", "asset", "genesis_input", "name"}


def test_unknown_fields_are_ignored_at_the_top_and_refused_inside() -> None:
    assert Definition.parse(document({"colour": "red"})).fields == FIELDS
    with pytest.raises(EncodingError, match="colour"):
        Definition.parse(document(inner={"colour": "red"}))


@pytest.mark.parametrize(
    ("top", "inner"),
    [
        ({"asset_ids": []}, {}),
        ({"asset_ids": [ASSET_ID, ASSET_ID]}, {}),
        ({"asset_ids": ASSET_ID}, {}),
        ({"name_short": "elevenchars"}, {}),
        ({"name_short": ""}, {}),
        ({"divisibility": 1}, {}),
        ({"divisibility": False}, {}),
        ({"version": "1.1"}, {}),
        ({"version": 1}, {}),
        ({"dockchains": []}, {}),
        ({}, {"v": 2}),
        ({}, {"v": True}),
        ({}, {"v": "1"}),
        ({}, {"network": "00"}),
        ({}, {"network": "AB" * 32}),
        ({}, {"challenge": ""}),
        ({}, {"challenge": "0"}),
        ({}, {"challenge": "AB"}),
        ({}, {"asset": "00" * 19}),
        ({}, {"asset": "AB" * 20}),
        ({}, {"genesis_input": "00" * 32}),
        ({}, {"genesis_input": "00" * 32 + ":01"}),
        ({}, {"genesis_input": "00" * 32 + ":4294967295"}),
        ({}, {"name": "nginx"}),
        ({}, {"name": "registry.example/Acme"}),
        ({}, {"name": NAME + ":1"}),
        ({}, {"gate": "http://gate.example"}),
        ({}, {"gate": "https://gate.example/"}),
        ({}, {"terms": "sha512:" + "0" * 128}),
        ({}, {"terms": "0" * 64}),
        ({}, {"magnet": "https://not.a.magnet"}),
        ({}, {"source": 1}),
    ],
)
def test_a_field_out_of_its_grammar_is_refused(top: dict[str, Any], inner: dict[str, Any]) -> None:
    with pytest.raises(EncodingError) as caught:
        Definition.parse(document(top, inner))
    assert caught.value.hint


@pytest.mark.parametrize(
    "field",
    [
        *("asset_ids", "name_short", "name", "issuer", "description", "divisibility", "version", "dockchains"),
        *("v", "network", "asset", "genesis_input"),
    ],
)
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(EncodingError):
        Definition.parse(document(drop=field))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"1", built().document + b"\n", b" " + built().document])
def test_what_is_no_canonical_definition_is_refused(raw: bytes) -> None:
    with pytest.raises(EncodingError, match="the definition"):
        Definition.parse(raw)


def test_a_definition_has_at_most_64_kib() -> None:
    with pytest.raises(EncodingError, match="65536"):
        Definition.build(replace(FIELDS, description="x" * 65_536), claim())


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(EncodingError, match="version 2"):
        Definition.parse(document(inner={"v": 2}))


def test_a_definition_counts_for_the_genesis_that_it_describes() -> None:
    definition = built()
    assert definition.matches(genesis_of(definition), REGTEST, asset_id=ASSET_ID) is None


MISMATCHES = [
    (built(network=MAINNET.genesis), {}, Mismatch.NETWORK),
    (built(challenge="51"), {}, Mismatch.NETWORK),
    (built(asset=b"x" * 20), {}, Mismatch.ASSET),
    (Definition.build(replace(FIELDS, asset_id="other"), claim()), {}, Mismatch.ASSET_ID),
    (built(genesis_input=GENESIS.title.outpoint), {}, Mismatch.GENESIS_INPUT),
    (built(name="registry.example/other"), {}, Mismatch.NAME),
    (built(), {"name": "registry.example/other"}, Mismatch.NAME),
    (built(), {"name": None, "name_hash": b"x" * 20}, Mismatch.NAME),
    (built(), {"definition": bytes(32)}, Mismatch.DOCUMENT),
]


@pytest.mark.parametrize(("definition", "changes", "mismatch"), MISMATCHES)
def test_another_ones_definition_does_not_count(
    definition: Definition, changes: dict[str, Any], mismatch: Mismatch
) -> None:
    genesis = replace(genesis_of(definition), **changes)
    assert definition.matches(genesis, REGTEST, asset_id=ASSET_ID) is mismatch


def test_the_copy_of_a_definition_does_not_count_for_a_second_genesis_of_the_same_script() -> None:
    definition = built()
    copied = genesis_of(definition, genesis_input=Lineage("thief").genesis.genesis_input)
    assert definition.matches(copied, REGTEST, asset_id=ASSET_ID) is Mismatch.GENESIS_INPUT


def test_signets_are_told_apart_by_their_challenge() -> None:
    official = built(network=SIGNET.genesis, challenge=SIGNET.challenge)
    private = built(network=SIGNET.genesis, challenge="51")
    silent = built(network=SIGNET.genesis)
    assert official.matches(genesis_of(official), SIGNET, asset_id=ASSET_ID) is None
    assert private.matches(genesis_of(private), SIGNET, asset_id=ASSET_ID) is Mismatch.NETWORK
    assert silent.matches(genesis_of(silent), SIGNET, asset_id=ASSET_ID) is Mismatch.NETWORK
    assert official.matches(genesis_of(official), TESTNET4, asset_id=ASSET_ID) is Mismatch.NETWORK


def test_a_new_definition_may_rename_and_must_keep_what_identifies_it() -> None:
    renamed = built(name=LONG_NAME)
    stated = (renamed.hash, RecordName.of(LONG_NAME))
    assert renamed.matches(GENESIS, REGTEST, asset_id=ASSET_ID, stated=stated) is None
    moved = built(name=LONG_NAME, genesis_input=GENESIS.title.outpoint)
    stated = (moved.hash, RecordName.of(LONG_NAME))
    assert moved.matches(GENESIS, REGTEST, asset_id=ASSET_ID, stated=stated) is Mismatch.GENESIS_INPUT


@pytest.mark.parametrize(
    "text",
    [
        "https://gate.example",
        "https://gate.example:8443",
        "https://[::1]",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.3.2.1",
        "http://[::1]:8080",
    ],
)
def test_an_origin_is_https_or_on_loopback(text: str) -> None:
    assert parse_origin(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gate.example",
        "https://",
        "ftp://gate.example",
        "HTTPS://gate.example",
        "https://Gate.example",
        "https://gate.example/",
        "https://gate.example/path",
        "https://gate.example:443",
        "https://gate.example:0",
        "https://user@gate.example",
        "https://gate.example?x",
        "https://gate.example#x",
        "https://gat\u0435.example",
        "https://gate.example.",
        "http://gate.example",
        "http://localhost:80",
        "http://127.0.0.1.example",
        "http://127.0.0.256",
        "http://127.1",
        "http://localhost.example",
        "http://0.0.0.0:8080",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        parse_origin(text)
    assert caught.value.hint


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("[::1]:5000")
    assert not is_loopback("[::2]:5000")
    assert not is_loopback("128.0.0.1")
