"""The public side of a wallet in a file: it comes back as the same account, and nothing else is believed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.descriptor import checksum
from wallet.keys.keychain import PrivateKeychain
from wallet.network import MAINNET, REGTEST, Network
from wallet.public_facts import parse_public_facts

LOT = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")


def account(network: Network = REGTEST, *, seed: int = 7) -> Account:
    """Somebody's public side, with a lot."""
    return Account.of(PrivateKeychain(bytes([seed]) * 64, network)).with_lots([(3, LOT)])


def shown(of: Account, **changes: object) -> dict[str, Any]:
    """What `wallet show --json` prints of it."""
    document: dict[str, Any] = {
        "name": "default",
        "network": of.network.name,
        "fingerprint": of.fingerprint.hex(),
        "address": address_of(of.script(KeyPath(AccountKind.BTC, 0, 0)), of.network),
        "unit_address": unit_address_of(of.script(KeyPath(AccountKind.UNITS, 0, 0)), of.network),
        "birth_height": 812_000,
        "created": 1_700_000_000,
        "descriptors": [
            {"account": one.account.name.lower(), "chain": one.chain, "descriptor": one.text}
            for one in of.descriptors()
        ],
    }
    return document | changes


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize("network", [REGTEST, MAINNET], ids=lambda network: network.name)
def test_the_account_comes_back_whole(network: Network) -> None:
    facts = parse_public_facts(encoded(shown(account(network))))
    assert (facts.account, facts.birth_height) == (account(network), 812_000)
    assert facts.account.public_key(KeyPath(AccountKind.SHOP, 0, 3)) == LOT


def _without(document: dict[str, Any], name: str) -> dict[str, Any]:
    kept = [one for one in document["descriptors"] if one["account"] != name]
    return document | {"descriptors": kept}


def _with_first(document: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The first descriptor changed, its checksum made right again."""
    first, *others = document["descriptors"]
    body = change(first["descriptor"].partition("#")[0])
    return document | {"descriptors": [{"descriptor": f"{body}#{checksum(body)}"}, *others]}


def _of_another_wallet(document: dict[str, Any]) -> dict[str, Any]:
    theirs = account(seed=9).descriptors()[0].text.partition("#")[0]
    return _with_first(document, lambda _: theirs)


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "no object": lambda document: [document],
    "no descriptors": lambda document: {key: value for key, value in document.items() if key != "descriptors"},
    "bitcoin account only": lambda document: _without(_without(document, "units"), "issuing"),
    "another wallet's descriptor": _of_another_wallet,
    "another fingerprint": lambda document: document | {"fingerprint": "00000000"},
    "no fingerprint": lambda document: document | {"fingerprint": "../etc"},
    "another address": lambda document: document | {"address": shown(account(seed=9))["address"]},
    "another unit address": lambda document: document | {"unit_address": shown(account(seed=9))["unit_address"]},
    "another network": lambda document: document | {"network": "mainnet"},
    "an unknown network": lambda document: document | {"network": "moon"},
    "a height below zero": lambda document: document | {"birth_height": -1},
    "a descriptor twice": lambda document: document | {"descriptors": document["descriptors"][:1] * 2},
    "another kind": lambda document: _with_first(document, lambda body: f"sh({body})"),
    "another account": lambda document: _with_first(document, lambda body: body.replace("/0h]", "/5h]")),
    "a checksum off": lambda document: document | {"descriptors": [{"descriptor": "wpkh(x)#aaaaaaaa"}]},
}


@pytest.mark.parametrize("name", sorted(SPOILT))
def test_a_spoilt_file_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(EncodingError) as refused:
        parse_public_facts(encoded(SPOILT[name](shown(account()))))
    assert refused.value.hint


def test_a_private_key_in_the_file_is_refused_loudly_and_not_shown() -> None:
    secret = f"tprv8ZgxMBicQKsPe{'DgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecv' * 2}"
    with pytest.raises(EncodingError, match="private key") as refused:
        parse_public_facts(encoded(_with_first(shown(account()), lambda body: f"wpkh({secret}/84h/1h/0h/0/*)")))
    assert "destroy" in refused.value.hint
    assert secret[:12] not in f"{refused.value} {refused.value.hint}"


@given(st.one_of(st.binary(max_size=200), st.text(max_size=80).map(str.encode)))
def test_any_bytes_are_refused_with_a_hint(data: bytes) -> None:
    with pytest.raises(EncodingError) as refused:
        parse_public_facts(data)
    assert refused.value.hint
