import copy
import hmac
import json
import pickle
from pathlib import Path

import pytest
from bip32utils import BIP32Key
from bitcoin.base58 import decode as base58_decode
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, MissingKeyError
from wallet.keys import mnemonic
from wallet.keys.extended_key import HARDENED, ExtendedKey
from wallet.keys.keychain import PrivateKeychain, PublicKeychain, derivation, key_path
from wallet.network import MAINNET, REGTEST, TESTNET4, Network

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "bip32.json").read_text())
SEED = mnemonic.seed(" ".join(["abandon"] * 11 + ["about"]))
CHAINS = [(vector["seed"], chain) for vector in VECTORS["valid"] for chain in vector["chains"]]


def numbers_of(path: str) -> tuple[int, ...]:
    return tuple(int(step[:-1]) | HARDENED if step.endswith("h") else int(step) for step in path.split("/")[1:])


@pytest.mark.parametrize(("seed", "chain"), CHAINS, ids=lambda value: value["path"] if isinstance(value, dict) else "")
def test_bip32_vectors_derive(seed: str, chain: dict[str, str]) -> None:
    keychain = PrivateKeychain(bytes.fromhex(seed), MAINNET)
    assert str(keychain.extended_key(numbers_of(chain["path"]))) == chain["xpub"]


@pytest.mark.parametrize(("seed", "chain"), CHAINS, ids=lambda value: value["path"] if isinstance(value, dict) else "")
def test_bip32_vectors_read_back(seed: str, chain: dict[str, str]) -> None:
    public, private = ExtendedKey.parse(chain["xpub"]), ExtendedKey.parse(chain["xprv"])
    assert (str(public), str(private)) == (chain["xpub"], chain["xprv"])
    assert not public.is_private
    assert private.is_private
    assert public.is_mainnet
    assert PrivateKey(private.key[1:]).public_key.format() == public.key


def test_public_derivation_agrees_with_bip32s_vectors() -> None:
    chains = {chain["path"]: chain["xpub"] for chain in VECTORS["valid"][0]["chains"]}
    child = BIP32Key.fromExtendedKey(chains["m/0h"]).ChildKey(1)
    assert child.ExtendedKey(private=False) == chains["m/0h/1"]


@pytest.mark.parametrize("text", VECTORS["invalid"], ids=lambda text: text[-8:])
def test_bip32s_invalid_keys_are_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        ExtendedKey.parse(text)


def test_the_invalid_keys_are_more_than_mistyped_ones() -> None:
    assert sum(len(base58_decode(text)) == 82 for text in VECTORS["invalid"]) == len(VECTORS["invalid"]) == 16


@given(st.text(max_size=130))
def test_any_text_is_no_extended_key(text: str) -> None:
    with pytest.raises(EncodingError):
        ExtendedKey.parse(text)


def test_an_extended_key_does_not_print_its_secret() -> None:
    private = ExtendedKey.parse(CHAINS[0][1]["xprv"])
    assert private.key.hex() not in repr(private)
    assert repr(private.key) not in repr(private)


PATHS = st.one_of(
    st.builds(KeyPath, st.just(AccountKind.BTC), st.integers(0, 1), st.integers(0, HARDENED - 1)),
    st.builds(
        KeyPath,
        st.sampled_from([AccountKind.UNITS, AccountKind.ISSUING, AccountKind.SHOP]),
        st.just(0),
        st.integers(0, HARDENED - 1),
    ),
)


@given(PATHS, st.sampled_from([MAINNET, REGTEST]))
def test_paths_and_numbers_round_trip(path: KeyPath, network: Network) -> None:
    assert key_path(derivation(path, network), network) == path
    assert key_path(derivation(path, network), REGTEST if network is MAINNET else MAINNET) is None


@given(st.lists(st.integers(0, 2**32 - 1), max_size=6).map(tuple))
def test_other_numbers_are_no_path_of_ours(numbers: tuple[int, ...]) -> None:
    path = key_path(numbers, REGTEST)
    assert path is None or derivation(path, REGTEST) == numbers


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([AccountKind.BTC, AccountKind.UNITS, AccountKind.ISSUING]), st.integers(0, 2**31 - 1))
def test_public_and_private_derivation_agree(account: AccountKind, index: int) -> None:
    private = PrivateKeychain(SEED, REGTEST)
    public = PublicKeychain(((account, private.account_xpub(account)),), REGTEST)
    path = KeyPath(account, 0, index)
    assert public.public_key(path) == private.public_key(path)
    assert PrivateKey(private.private_key(path)).public_key.format() == private.public_key(path)
    assert len(private.private_key(path)) == 32


def test_a_number_that_bip32_skips_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    private = PrivateKeychain(SEED, REGTEST)
    public = PublicKeychain(((AccountKind.BTC, private.account_xpub(AccountKind.BTC)),), REGTEST)
    monkeypatch.setattr(hmac, "digest", lambda *_: b"\xff" * 64)
    with pytest.raises(MissingKeyError, match="no key under the number 1234567"):
        public.public_key(KeyPath(AccountKind.BTC, 0, 1_234_567))


def test_shop_keys_are_hardened_to_the_leaf_and_need_the_private_keys() -> None:
    path = KeyPath(AccountKind.SHOP, 0, 3)
    assert derivation(path, REGTEST) == (84 | HARDENED, 1 | HARDENED, 17477 | HARDENED, 3 | HARDENED)
    private = PrivateKeychain(SEED, REGTEST)
    assert len(private.public_key(path)) == 33
    public = PublicKeychain(((AccountKind.BTC, private.account_xpub(AccountKind.BTC)),), REGTEST)
    with pytest.raises(MissingKeyError):
        public.public_key(path)


@pytest.mark.parametrize(
    "path",
    [
        KeyPath(AccountKind.UNITS, 1, 0),
        KeyPath(AccountKind.BTC, 2, 0),
        KeyPath(AccountKind.BTC, 0, HARDENED),
        KeyPath(AccountKind.BTC, 0, -1),
    ],
)
def test_paths_outside_of_the_wallet_are_refused(path: KeyPath) -> None:
    with pytest.raises(EncodingError):
        PrivateKeychain(SEED, REGTEST).private_key(path)


def test_private_keys_are_neither_printed_nor_pickled() -> None:
    keychain = PrivateKeychain(SEED, REGTEST)
    secret = keychain.private_key(KeyPath(AccountKind.BTC, 0, 0))
    for text in (repr(keychain), str(keychain)):
        assert secret.hex() not in text
        assert SEED.hex() not in text
    with pytest.raises(TypeError):
        pickle.dumps(keychain)
    with pytest.raises(TypeError):
        copy.copy(keychain)


def test_account_keys_of_another_kind_network_or_secrecy_are_refused() -> None:
    private = PrivateKeychain(SEED, REGTEST)
    btc = private.account_xpub(AccountKind.BTC)
    with pytest.raises(EncodingError, match="not that of account 17475"):
        PublicKeychain(((AccountKind.UNITS, btc),), REGTEST)
    with pytest.raises(EncodingError, match="not of mainnet"):
        PublicKeychain(((AccountKind.BTC, btc),), MAINNET)
    with pytest.raises(EncodingError, match="private extended key"):
        PublicKeychain(((AccountKind.BTC, CHAINS[0][1]["xprv"]),), MAINNET)
    path = KeyPath(AccountKind.BTC, 0, 0)
    assert PublicKeychain(((AccountKind.BTC, btc),), TESTNET4).public_key(path) == private.public_key(path)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_seeds_of_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(EncodingError):
        PrivateKeychain(bytes(size), REGTEST)
