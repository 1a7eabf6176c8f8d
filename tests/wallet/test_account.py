import json
from pathlib import Path

import pytest
from bitcoin.base58 import decode as base58_decode
from bitcoin.core.script import CScript

from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, MissingKeyError
from wallet.keys import mnemonic
from wallet.keys.address import address_of
from wallet.keys.descriptor import check_descriptor, checksum
from wallet.keys.keychain import PrivateKeychain
from wallet.network import MAINNET, REGTEST

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "bip84.json").read_text())
KEYCHAIN = PrivateKeychain(mnemonic.seed(VECTOR["words"]), MAINNET)


@pytest.fixture
def account() -> Account:
    return Account.of(KEYCHAIN)


@pytest.mark.parametrize("key", VECTOR["keys"], ids=lambda key: f"{key['chain']}/{key['index']}")
def test_bip84s_addresses_come_out(account: Account, key: dict[str, str | int]) -> None:
    path = KeyPath(AccountKind.BTC, int(key["chain"]), int(key["index"]))
    assert account.public_key(path).hex() == key["public"]
    assert address_of(account.script(path), MAINNET) == key["address"]


def test_the_account_key_is_bip84s_zpub(account: Account) -> None:
    assert account.fingerprint.hex() == VECTOR["fingerprint"]
    xpub = dict(account.xpubs)[AccountKind.BTC]
    assert base58_decode(xpub)[4:78] == base58_decode(VECTOR["account_zpub"])[4:78]


def test_accounts_are_equal_by_their_public_facts(account: Account) -> None:
    other = Account.of(KEYCHAIN)
    account.script(KeyPath(AccountKind.BTC, 0, 0))
    assert account == other
    assert hash(account) == hash(other)
    assert account != Account.of(PrivateKeychain(bytes(64), MAINNET))


def test_find_knows_every_chain_up_to_the_limit(account: Account) -> None:
    for path in (
        KeyPath(AccountKind.BTC, 0, 4),
        KeyPath(AccountKind.BTC, 1, 0),
        KeyPath(AccountKind.UNITS, 0, 3),
        KeyPath(AccountKind.ISSUING, 0, 2),
    ):
        assert account.find(account.script(path), 5) == path
    assert account.find(account.script(KeyPath(AccountKind.BTC, 0, 5)), 5) is None
    assert account.find(CScript(b"\x00\x14" + bytes(20)), 5) is None


def test_scripts_come_in_order(account: Account) -> None:
    found = tuple(account.scripts(AccountKind.UNITS, 0, 2, 5))
    assert [path.index for path, _ in found] == [2, 3, 4]
    assert all(script == account.script(path) for path, script in found)


def test_shop_keys_do_not_derive_from_the_public_side(account: Account) -> None:
    with pytest.raises(MissingKeyError):
        account.script(KeyPath(AccountKind.SHOP, 0, 0))


def test_descriptors_name_origin_account_and_chain(account: Account) -> None:
    descriptors = account.descriptors()
    assert [(d.account, d.chain, d.is_change) for d in descriptors] == [
        (AccountKind.BTC, 0, False),
        (AccountKind.BTC, 1, True),
        (AccountKind.UNITS, 0, False),
        (AccountKind.ISSUING, 0, False),
    ]
    xpub = dict(account.xpubs)[AccountKind.UNITS]
    assert check_descriptor(descriptors[2].text) == f"wpkh([73c5da0a/84h/0h/17475h]{xpub}/0/*)"


def test_bip380s_checksums_are_checked() -> None:
    assert checksum("raw(deadbeef)") == "89f8spxm"
    assert check_descriptor("raw(deadbeef)#89f8spxm") == "raw(deadbeef)"
    for text in (
        "raw(deadbeef)",
        "raw(deadbeef)#",
        "raw(deadbeef)#89f8spxmx",
        "raw(deadbeef)#89f8spx",
        "raw(deedbeef)#89f8spxm",
        "raw(deedbeef)##9f8spxm",
        "raw(\u00dc)#00000000",
    ):
        with pytest.raises(EncodingError):
            check_descriptor(text)


def test_a_malformed_fingerprint_or_key_is_refused(account: Account) -> None:
    with pytest.raises(EncodingError):
        Account(MAINNET, b"\x00", account.xpubs)
    with pytest.raises(EncodingError):
        Account(REGTEST, account.fingerprint, account.xpubs)
