"""BIP32 derivation of this wallet's keys.

Paths: m/84'/coin'/0'/chain/index for bitcoin, m/84'/coin'/17475'/0/index for units, m/84'/coin'/17476'/0/index for
issuing, and m/84'/coin'/17477'/index' for shop keys, which are hardened to the leaf because they leave the wallet one
by one. Account numbers above 17000 are numbers that no other wallet's account discovery walks into.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from coincurve import PublicKey

from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, MissingKeyError
from wallet.hashes import hash160
from wallet.keys.extended_key import CURVE_ORDER, HARDENED, ExtendedKey
from wallet.network import Network

if TYPE_CHECKING:
    from bip32utils import BIP32Key

PURPOSE = 84
"""BIP84: single keys in P2WPKH."""

PUBLIC_ACCOUNTS = (AccountKind.BTC, AccountKind.UNITS, AccountKind.ISSUING)
"""The accounts whose addresses derive from a public key alone."""


def account_chains(account: AccountKind) -> tuple[int, ...]:
    """The chains that hold keys of a public account: receiving, and for bitcoin also change."""
    return (0, 1) if account is AccountKind.BTC else (0,)


def derivation(path: KeyPath, network: Network) -> tuple[int, ...]:
    """The BIP32 numbers from the master key to a key. Raises EncodingError where the wallet has no such key."""
    if not 0 <= path.index < HARDENED or path.chain not in account_chains(path.account):
        raise EncodingError(f"no key of this wallet lies at {path}")
    account = (PURPOSE | HARDENED, network.coin_type | HARDENED, path.account.value | HARDENED)
    if path.account is AccountKind.SHOP:
        return (*account, path.index | HARDENED)
    return (*account, path.chain, path.index)


def key_path(numbers: tuple[int, ...], network: Network) -> KeyPath | None:
    """The inverse of `derivation`; None for numbers under which this wallet keeps no keys."""
    if len(numbers) not in (4, 5) or numbers[2] < HARDENED:
        return None
    try:
        account = AccountKind(numbers[2] - HARDENED)
    except ValueError:
        return None
    chain, index = (0, numbers[3] - HARDENED) if len(numbers) == 4 else (numbers[3], numbers[4])
    path = KeyPath(account, chain, index)
    try:
        return path if derivation(path, network) == numbers else None
    except EncodingError:
        return None


class PrivateKeychain:
    """The private keys that derive from one BIP39 seed. Neither printable nor picklable.

    Raises EncodingError for a seed that BIP32 does not allow (16 to 64 bytes, master key in range).
    """

    __slots__ = ("_nodes", "network")

    def __init__(self, seed: bytes, network: Network) -> None:
        if not 16 <= len(seed) <= 64:
            raise EncodingError("a seed has 16 to 64 bytes")
        master = int.from_bytes(hmac.new(b"Bitcoin seed", seed, hashlib.sha512).digest()[:32], "big")
        if not 1 <= master < CURVE_ORDER:
            raise EncodingError("this seed has no master key", hint="make other recovery words")
        self.network = network
        from bip32utils import BIP32Key

        self._nodes: dict[tuple[int, ...], BIP32Key] = {(): BIP32Key.fromEntropy(seed)}

    @property
    def fingerprint(self) -> bytes:
        """The first four bytes of the hash of the master public key."""
        return bytes(self._nodes[()].Fingerprint())

    def extended_key(self, numbers: tuple[int, ...]) -> ExtendedKey:
        """The extended public key at a path."""
        node = self._node(numbers)
        return ExtendedKey(
            version=self.network.xpub_version,
            depth=len(numbers),
            parent=bytes(node.parent_fpr),
            child=numbers[-1] if numbers else 0,
            chain_code=bytes(node.ChainCode()),
            key=bytes(node.PublicKey()),
        )

    def account_xpub(self, account: AccountKind) -> str:
        """The extended public key of an account, under the network's version bytes."""
        numbers = (PURPOSE | HARDENED, self.network.coin_type | HARDENED, account.value | HARDENED)
        return str(self.extended_key(numbers))

    def private_key(self, path: KeyPath) -> bytes:
        """32 secret bytes."""
        return bytes(self._node(derivation(path, self.network)).PrivateKey()).rjust(32, b"\0")

    def public_key(self, path: KeyPath) -> bytes:
        """33 bytes, compressed."""
        return bytes(self._node(derivation(path, self.network)).PublicKey())

    def lot_public_keys(self, count: int) -> tuple[bytes, ...]:
        """The first `count` keys of the shop account, 33 bytes each; derived by libsecp256k1, since there are many."""
        account = (PURPOSE | HARDENED, self.network.coin_type | HARDENED, AccountKind.SHOP.value | HARDENED)
        node = self._node(account)
        secret, chain_code = bytes(node.PrivateKey()).rjust(32, b"\0"), bytes(node.ChainCode())
        found = []
        for number in range(count):
            data = b"\0" + secret + (number | HARDENED).to_bytes(4, "big")
            tweak = int.from_bytes(hmac.digest(chain_code, data, "sha512")[:32], "big")
            child = (tweak + int.from_bytes(secret, "big")) % CURVE_ORDER
            if tweak >= CURVE_ORDER or not child:
                raise _no_key(number)
            found.append(PublicKey.from_valid_secret(child.to_bytes(32, "big")).format())
        return tuple(found)

    def _node(self, numbers: tuple[int, ...]) -> "BIP32Key":
        """Derived step by step; all but the leaves are kept, so that each key costs one derivation."""
        if numbers in self._nodes:
            return self._nodes[numbers]
        parent = self._node(numbers[:-1])
        child = _child(parent, numbers[-1])
        if len(numbers) < 5:
            self._nodes[numbers] = child
        return child

    def __repr__(self) -> str:
        return f"PrivateKeychain(fingerprint={self.fingerprint.hex()}, network={self.network.name})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("private keys are not pickled")


class PublicKeychain:
    """The public keys below one wallet's account keys.

    Raises EncodingError for an extended key that is invalid, private, of another network, or of another account.
    """

    __slots__ = ("_xpubs", "network")

    def __init__(self, xpubs: tuple[tuple[AccountKind, str], ...], network: Network) -> None:
        self.network = network
        self._xpubs = dict(xpubs)
        for account, text in xpubs:
            _check_account_key(ExtendedKey.parse(text), account, network)

    def public_key(self, path: KeyPath) -> bytes:
        """33 bytes, compressed. Raises MissingKeyError where only the private keychain can derive the key."""
        derivation(path, self.network)
        if path.account not in self._xpubs:
            raise MissingKeyError(
                f"the key {path} does not derive from public keys", hint="unlock the wallet: it takes the private keys"
            )
        return _public_key(self._xpubs[path.account], path.chain, path.index)

    def xpub(self, account: AccountKind) -> str:
        """The extended public key of an account that derives from public keys."""
        return self._xpubs[account]

    def key_hashes(self, account: AccountKind, chain: int, start: int, stop: int) -> bytes:
        """The hashes (HASH160, 20 bytes each) of keys number start to stop - 1 of a chain, one after the other."""
        return b"".join(hash160(self.public_key(KeyPath(account, chain, index))) for index in range(start, stop))

    def __repr__(self) -> str:
        return f"PublicKeychain(network={self.network.name})"


@lru_cache(maxsize=64)
def _chain_node(xpub: str, chain: int) -> tuple[PublicKey, bytes, bytes]:
    """The public key of an account's chain, read and as 33 bytes, and the chain code."""
    account = ExtendedKey.parse(xpub)
    key, chain_code = _public_child(PublicKey(account.key), account.key, account.chain_code, chain)
    return PublicKey(key), key, chain_code


@lru_cache(maxsize=65_536)
def _public_key(xpub: str, chain: int, index: int) -> bytes:
    """The key of a leaf. Remembered for the whole process, which opens its wallets again and again."""
    return _public_child(*_chain_node(xpub, chain), index)[0]


def _public_child(parent: PublicKey, serialized: bytes, chain_code: bytes, number: int) -> tuple[bytes, bytes]:
    """BIP32's public derivation: key (33 bytes) and chain code. By libsecp256k1, since wallets have thousands of keys.

    The tweak's own point costs less with the library's tables than to multiply and add in one step.
    """
    digest = hmac.digest(chain_code, serialized + number.to_bytes(4, "big"), "sha512")
    try:
        child = PublicKey.combine_keys([parent, PublicKey.from_valid_secret(digest[:32])])
    except ValueError as error:
        raise _no_key(number) from error
    return child.format(), digest[32:]


def _check_account_key(extended: ExtendedKey, account: AccountKind, network: Network) -> None:
    if extended.is_private:
        raise EncodingError("a private extended key where a public one is wanted", hint="never share that key")
    if extended.version != network.xpub_version:
        raise EncodingError(f"this extended key is not of {network.name}", hint="xpub is mainnet, tpub any other")
    if extended.depth != 3 or extended.child != account.value | HARDENED:
        raise EncodingError(f"this extended key is not that of account {account.value}'")


def _child(node: "BIP32Key", number: int) -> "BIP32Key":
    """One step down. BIP32 skips a number whose key is out of range; nobody has ever met one."""
    child = node.ChildKey(number)
    if child is None:
        raise _no_key(number)
    return child


def _no_key(number: int) -> MissingKeyError:
    return MissingKeyError(f"BIP32 has no key under the number {number}", hint="use the next one")
