from dataclasses import replace
from typing import Any

import pytest
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import TrustError
from assets.images.canonical import encode
from assets.images.lock import parse_lock, serialize_lock
from assets.images.pin import Pin, Pins
from tests.assets.images.lineage import ALICE, BOB
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display
from wallet.network import MAINNET, REGTEST, SIGNET

PIN = Pin(
    name="registry.example/acme/app",
    network=REGTEST.genesis,
    genesis=Txid(bytes(range(32))),
    owners=(ALICE,),
    height=101,
    block=BlockHash(b"\x07" * 32),
)
OTHER = replace(PIN, name="registry.example/acme/other", owners=(BOB, ALICE))
ON_SIGNET = replace(PIN, network=SIGNET.genesis, challenge=SIGNET.challenge)

HASHES = st.binary(min_size=32, max_size=32)
PINS = st.lists(
    st.builds(
        Pin,
        name=st.from_regex(r"[a-z]{1,6}\.example(:5000)?/[a-z0-9]{1,8}", fullmatch=True),
        network=st.just(SIGNET.genesis),
        challenge=st.just(SIGNET.challenge),
        genesis=HASHES.map(Txid),
        owners=st.lists(st.binary(min_size=1, max_size=40).map(CScript), min_size=1, max_size=3, unique=True).map(
            tuple
        ),
        height=st.integers(0, 2**31 - 1),
        block=HASHES.map(BlockHash),
    ),
    max_size=4,
    unique_by=lambda pin: pin.name,
).map(lambda pins: Pins(pins=tuple(pins)))


@given(PINS)
def test_pins_are_read_back_from_both_kinds_of_file(pins: Pins) -> None:
    assert Pins.parse(pins.serialize()) == pins
    assert parse_lock(serialize_lock(pins)) == pins


@given(st.binary(max_size=200))
def test_any_bytes_are_pins_or_refused(document: bytes) -> None:
    for read in (Pins.parse, parse_lock):
        try:
            read(document)
        except EncodingError as error:
            message = str(error)
            assert message


def test_the_pins_file_is_spelled_out() -> None:
    assert (
        Pins(pins=(PIN,)).serialize()
        == (
            '{"pins":[{"block":"' + "07" * 32 + '","genesis":"' + display(PIN.genesis) + '","height":101,'
            '"name":"registry.example/acme/app","network":"' + display(REGTEST.genesis) + '",'
            '"owners":["' + ALICE.hex() + '"]}],"v":1}'
        ).encode()
    )


def test_the_lock_file_is_spelled_out() -> None:
    assert serialize_lock(Pins(pins=(PIN,))).decode() == (
        "version = 1\n\n[[repository]]\n"
        'name = "registry.example/acme/app"\n'
        f'network = "{display(REGTEST.genesis)}"\n'
        f'genesis = "{display(PIN.genesis)}"\n'
        f'owners = ["{ALICE.hex()}"]\n'
        "height = 101\n"
        f'block = "{"07" * 32}"\n'
    )
    assert serialize_lock(Pins()) == b"version = 1\n"
    assert parse_lock(serialize_lock(Pins())) == Pins()


def test_a_signets_challenge_stands_beside_its_network() -> None:
    document = Pins(pins=(ON_SIGNET,)).serialize()
    assert b'"challenge":"5121' in document
    assert Pins.parse(document).network == SIGNET


def changed(**fields: Any) -> dict[str, Any]:
    return {**PIN.document(), **fields}


@pytest.mark.parametrize(
    "value",
    [
        {"v": 2, "pins": []},
        {"v": True, "pins": []},
        {"v": 1},
        {"pins": []},
        {"v": 1, "pins": [], "more": 1},
        {"v": 1, "pins": {}},
        [],
        {"v": 1, "pins": [changed(more=1)]},
        {"v": 1, "pins": [{key: field for key, field in PIN.document().items() if key != "block"}]},
        {"v": 1, "pins": [PIN.document(), PIN.document()]},
        {"v": 1, "pins": [PIN.document(), ON_SIGNET.document()]},
        {"v": 1, "pins": [OTHER.document(), {**ON_SIGNET.document(), "name": "a.example/b"}]},
        {"v": 1, "pins": [changed(name="nginx")]},
        {"v": 1, "pins": [changed(name="registry.example:443/a")]},
        {"v": 1, "pins": [changed(network="regtest")]},
        {"v": 1, "pins": [changed(genesis="00" * 31)]},
        {"v": 1, "pins": [changed(genesis="AB" * 32)]},
        {"v": 1, "pins": [changed(owners=[])]},
        {"v": 1, "pins": [changed(owners=["51", "51"])]},
        {"v": 1, "pins": [changed(owners=[""])]},
        {"v": 1, "pins": [changed(owners=["5 1"])]},
        {"v": 1, "pins": [changed(owners=["0x"])]},
        {"v": 1, "pins": [changed(owners="51")]},
        {"v": 1, "pins": [changed(owners=["00" * 10_001])]},
        {"v": 1, "pins": [changed(height=-1)]},
        {"v": 1, "pins": [changed(height=2**31)]},
        {"v": 1, "pins": [changed(height="1")]},
        {"v": 1, "pins": [changed(height=True)]},
        {"v": 1, "pins": [changed(challenge="")]},
    ],
)
def test_a_pins_file_out_of_its_grammar_is_refused(value: Any) -> None:
    with pytest.raises(EncodingError):
        Pins.parse(encode(value))


LOCK = serialize_lock(Pins(pins=(PIN, OTHER))).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        LOCK.replace("version = 1", "version = 2"),
        LOCK.replace("version = 1", 'version = "1"'),
        LOCK.replace("version = 1", "version = true"),
        LOCK.replace("version = 1", "version = 1\nmore = 1"),
        LOCK.replace("height = 101", "height = 101\nmore = 1", 1),
        LOCK.replace("height = 101", "height = 101\nheight = 101", 1),
        LOCK.replace("height = 101", "height = 101.0", 1),
        LOCK.replace("height = 101", "height = 2021-01-01", 1),
        LOCK.replace("height = 101\n", "", 1),
        LOCK.replace("[[repository]]", "[repository]", 1),
        LOCK.replace("acme/other", "acme/app"),
        LOCK.replace("acme/other", "aaaa"),
        LOCK.replace(display(REGTEST.genesis), display(MAINNET.genesis), 1),
        LOCK + "x = " + "[" * 5000,
        "version = " + "1" * 5000,
    ],
)
def test_a_lock_file_out_of_its_grammar_is_refused(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        parse_lock(text.encode())
    assert caught.value.hint


@pytest.mark.parametrize("document", [b"\xff", b"\xef\xbb\xbfversion = 1\n", b"x" * (16 * 1024 * 1024 + 1)])
def test_a_lock_file_that_is_no_text_is_refused(document: bytes) -> None:
    with pytest.raises(EncodingError):
        parse_lock(document)


def test_a_pin_of_the_same_name_is_replaced_and_the_others_stay() -> None:
    pins = Pins(pins=(OTHER, PIN))
    assert [pin.name for pin in pins.pins] == sorted((PIN.name, OTHER.name))
    replaced = pins.with_pin(replace(PIN, height=7))
    assert [pin.height for pin in replaced.pins] == [7, 101]
    assert replaced.without(PIN.name).pins == (OTHER,)
    with pytest.raises(TrustError, match="not pinned"):
        Pins().without(PIN.name)


def test_owners_are_accepted_one_by_one() -> None:
    accepted = PIN.accepting(BOB)
    assert accepted.owners == (ALICE, BOB)
    assert accepted.accepting(BOB) is accepted


def test_pins_of_another_network_are_named() -> None:
    with pytest.raises(EncodingError, match=r"registry\.example/acme/app is pinned for regtest, not mainnet"):
        Pins(pins=(PIN,)).require(MAINNET)
    unknown = Pins(pins=(replace(PIN, network=BlockHash(bytes(32))),))
    with pytest.raises(EncodingError, match="unknown network"):
        unknown.require(MAINNET)
    with pytest.raises(EncodingError, match="unknown network"):
        _ = unknown.network
    assert Pins().network is None
    assert Pins(pins=(PIN,)).network == REGTEST
