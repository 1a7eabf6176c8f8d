"""The public side of a wallet: what it can receive on and watch, without a password."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bitcoin.core.script import CScript

from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError
from wallet.keys.descriptor import OutputDescriptor, lot_descriptor, wpkh_descriptor
from wallet.keys.keychain import PUBLIC_ACCOUNTS, PrivateKeychain, PublicKeychain, account_chains, derivation
from wallet.keys.own_scripts import (
    HASH_BYTES,
    KeptHashes,
    OwnScripts,
    Proof,
    Reach,
    Used,
    reach,
)
from wallet.network import Network
from wallet.signatures import p2wpkh_script

GAP_LIMIT = 20
"""Unused addresses in a row after which a restore stops looking (BIP44)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Network, master fingerprint (4 bytes) and the extended public key of each public account.

    `lots` are the public keys of the shop account that are known, by number: no public key derives them. Equal where
    these are equal. Derived scripts are remembered, so that each costs one derivation, and the hashes of their keys are
    `kept` from run to run where there is a place for them.
    Raises EncodingError for extended keys that are not this network's.
    """

    network: Network
    fingerprint: bytes
    xpubs: tuple[tuple[AccountKind, str], ...]
    lots: tuple[tuple[int, bytes], ...] = ()
    kept: KeptHashes | None = field(default=None, repr=False, compare=False)
    _lots: dict[int, bytes] = field(init=False, repr=False, compare=False)
    _keychain: PublicKeychain = field(init=False, repr=False, compare=False)
    _scripts: dict[KeyPath, CScript] = field(init=False, repr=False, compare=False, default_factory=dict)
    _paths: dict[bytes, KeyPath] = field(init=False, repr=False, compare=False, default_factory=dict)
    _owned: dict[Reach, Mapping[bytes, KeyPath]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.fingerprint) != 4:
            raise EncodingError("a master fingerprint has four bytes")
        object.__setattr__(self, "_keychain", PublicKeychain(self.xpubs, self.network))
        object.__setattr__(self, "_lots", dict(self.lots))
        for number, public_key in self.lots:
            self._paths[bytes(p2wpkh_script(public_key))] = KeyPath(AccountKind.SHOP, 0, number)

    @classmethod
    def of(cls, keychain: PrivateKeychain) -> "Account":
        """The public side of a private keychain."""
        xpubs = tuple((account, keychain.account_xpub(account)) for account in PUBLIC_ACCOUNTS)
        return cls(keychain.network, keychain.fingerprint, xpubs)

    def public_key(self, path: KeyPath) -> bytes:
        """33 bytes, compressed. Raises MissingKeyError for shop keys that are not known."""
        if path.account is AccountKind.SHOP and path.chain == 0 and path.index in self._lots:
            return self._lots[path.index]
        return self._keychain.public_key(path)

    def derivation(self, path: KeyPath) -> tuple[int, ...]:
        """The BIP32 numbers from the master key to a key."""
        return derivation(path, self.network)

    def script(self, path: KeyPath) -> CScript:
        """The P2WPKH script of a key (BIP141)."""
        script = self._scripts.get(path)
        if script is None:
            script = p2wpkh_script(self.public_key(path))
            self._paths[bytes(script)] = path
            self._scripts[path] = script
        return script

    def scripts(self, account: AccountKind, chain: int, start: int, stop: int) -> Iterator[tuple[KeyPath, CScript]]:
        """Keys number start to stop - 1 of a chain with their scripts."""
        for index in range(start, stop):
            path = KeyPath(account, chain, index)
            yield path, self.script(path)

    def find(self, script: CScript, upto: int) -> KeyPath | None:
        """The key that a script pays, looked for among the first `upto` keys of every chain and all known lots.

        None where none fits.
        """
        for account, _ in self.xpubs:
            for chain in account_chains(account):
                for _path, _script in self.scripts(account, chain, 0, upto):
                    pass
        path = self._paths.get(bytes(script))
        return path if path is not None and (path.account is AccountKind.SHOP or path.index < upto) else None

    def own_scripts(self, used: Used, claimed: Iterable[KeyPath] = ()) -> Mapping[bytes, KeyPath]:
        """Every script that is this wallet's: of the keys that were used, or are `claimed` and hold what is said, of
        1,000 further ones on each path and chain, and of all known lots. The last answer is remembered.
        """
        far = reach(used, claimed)
        found = self._owned.get(far)
        if found is None:
            lots = {bytes(p2wpkh_script(key)): KeyPath(AccountKind.SHOP, 0, number) for number, key in self.lots}
            proof = Proof(self.script, lambda account, chain, count: self._derived(b"", account, chain, count))
            found = OwnScripts(self._hashes, far, lots, None if self.kept is None else proof)
            self._owned.clear()
            self._owned[far] = found
        return found

    def _hashes(self, account: AccountKind, chain: int, count: int) -> bytes:
        """The hashes of the first keys of a chain: those that are kept, and only the further ones derived."""
        kept = b"" if self.kept is None else self.kept.read(self._keychain.xpub(account), chain)
        return kept if len(kept) >= count * HASH_BYTES else self._derived(kept, account, chain, count)

    def _derived(self, begun: bytes, account: AccountKind, chain: int, count: int) -> bytes:
        """The same where only the hashes `begun` are known already, kept from now on."""
        hashes = begun + self._keychain.key_hashes(account, chain, len(begun) // HASH_BYTES, count)
        if self.kept is not None:
            self.kept.write(self._keychain.xpub(account), chain, hashes)
        return hashes

    def with_lots(self, keys: Iterable[tuple[int, bytes]]) -> "Account":
        """The same with more known keys of lots."""
        return replace(self, lots=tuple(sorted({**self._lots, **dict(keys)}.items())))

    def descriptors(self) -> tuple[OutputDescriptor, ...]:
        """What a node imports to watch the wallet: a ranged descriptor for each chain, and one for each known lot."""
        ranged = tuple(
            wpkh_descriptor(
                fingerprint=self.fingerprint,
                coin_type=self.network.coin_type,
                account=account,
                chain=chain,
                xpub=xpub,
            )
            for account, xpub in self.xpubs
            for chain in account_chains(account)
        )
        return ranged + tuple(
            lot_descriptor(
                fingerprint=self.fingerprint,
                coin_type=self.network.coin_type,
                account=AccountKind.SHOP,
                number=number,
                public_key=public_key,
            )
            for number, public_key in self.lots
        )
