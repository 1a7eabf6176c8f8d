"""The login's signed text and the request that carries it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from bitcoin.core.script import CScript
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assets.images.canonical import encode
from assets.images.login_claim import (
    MAX_PROOFS,
    MAX_SECONDS,
    LoginClaim,
    ScriptProof,
    SessionRequest,
    parse_session_request,
)
from wallet.errors import EncodingError
from wallet.hashes import display
from wallet.network import REGTEST, SIGNET

KEY = PrivateKey(bytes(31) + b"\x07").public_key.format()
SCRIPT = CScript(b"\x00\x14" + bytes(20))
CLAIM = LoginClaim(
    network_block0=display(REGTEST.genesis),
    gate="https://gate.example",
    session=KEY,
    since=1_000,
    until=1_000 + MAX_SECONDS,
)
REQUEST = SessionRequest(CLAIM, (ScriptProof(SCRIPT, "AkcwRA=="),))


def changed(**fields: Any) -> bytes:
    return encode({**json.loads(REQUEST.to_json()), **fields})


def test_the_signed_text_is_byte_for_byte_what_the_format_says() -> None:
    assert CLAIM.text().encode() == (
        b"dockchains login 1\n"
        b"network: 0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206\n"
        b"gate: https://gate.example\n"
        b"session: 025cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc\n"
        b"from: 1000\n"
        b"until: 2593000"
    )


def test_a_request_reads_back_as_it_was_written() -> None:
    assert parse_session_request(REQUEST.to_json()) == REQUEST
    assert set(json.loads(REQUEST.to_json())) == {"network", "gate", "session", "from", "until", "proofs"}


def test_on_signet_the_challenge_travels_beside_block_0() -> None:
    claim = replace(CLAIM, network_block0=display(SIGNET.genesis), challenge=SIGNET.challenge)
    request = replace(REQUEST, claim=claim)
    assert parse_session_request(request.to_json()) == request
    assert json.loads(request.to_json())["challenge"] == SIGNET.challenge


@pytest.mark.parametrize(
    "fields",
    [
        {"gate": "https://gate.example/path"},
        {"gate": "https://Gate.example"},
        {"gate": "http://gate.example"},
        {"gate": "https://gate.example:443"},
        {"gate": "https://gate.example\nsession: 02"},
        {"network": "00"},
        {"network": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206\n"},
        {"session": KEY.hex()[:-2]},
        {"session": KEY.hex().upper()},
        {"session": "05" + KEY.hex()[2:]},
        {"session": "02" + "ff" * 32},
        {"session": PrivateKey(bytes(31) + b"\x07").public_key.format(compressed=False).hex()},
        {"until": 1_001 + MAX_SECONDS},
        {"until": 1_000},
        {"from": -1},
        {"from": "1000"},
        {"from": True},
        {"proofs": []},
        {"proofs": [{"script": "0014", "signature": "AA=="}] * 2},
        {"proofs": [{"script": f"0014{n:040x}", "signature": "AA=="} for n in range(MAX_PROOFS + 1)]},
        {"proofs": [{"script": "00" * 43, "signature": "AA=="}]},
        {"proofs": [{"script": "", "signature": "AA=="}]},
        {"proofs": [{"script": "0014", "signature": ""}]},
        {"proofs": [{"script": "0014", "signature": "A" * 1_001}]},
        {"proofs": [{"script": "0014", "signature": "AA==", "more": 1}]},
        {"challenge": "xyz"},
        {"v": 1},
    ],
    ids=lambda fields: "-".join(f"{key}={str(value)[:24]!r}" for key, value in fields.items()),
)
def test_a_request_out_of_its_grammar_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(EncodingError):
        parse_session_request(changed(**fields))


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_the_documented_way(body: bytes) -> None:
    with pytest.raises(EncodingError):
        parse_session_request(body)


def test_a_request_of_the_most_proofs_fits_into_its_limit() -> None:
    proofs = tuple(ScriptProof(CScript(b"\x00\x14" + n.to_bytes(20, "big")), "A" * 144) for n in range(MAX_PROOFS))
    request = replace(REQUEST, proofs=proofs)
    assert parse_session_request(request.to_json()) == request
