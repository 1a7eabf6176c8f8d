"""Who signs: a port that software and, later, hardware stand behind. A PSBT goes in, a PSBT comes out."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from bitcoin.core.script import SIGHASH_ALL

from wallet.amount import MAX_MONEY
from wallet.coins import AccountKind, KeyPath
from wallet.errors import MissingKeyError, SigningError
from wallet.keys.keychain import PUBLIC_ACCOUNTS, PrivateKeychain, PublicKeychain, key_path
from wallet.keys.message import sign_message
from wallet.keys.own_scripts import FURTHER, MOST_CLAIMED, OwnScripts, Reach, Used, reach
from wallet.network import Network
from wallet.psbt import KeyOrigin, Psbt, PsbtInput, add_signatures
from wallet.signatures import is_p2wpkh, is_valid_signature, p2wpkh_script, sign_input


class Signer(Protocol):
    """Adds signatures that commit to the whole transaction, and none of any other kind."""

    @property
    def fingerprint(self) -> bytes:
        """The master fingerprint of the keys behind it, 4 bytes."""

    def sign(self, psbt: bytes) -> bytes:
        """The PSBT with a signature for each input that names a key of this signer.

        Raises SigningError, and then nothing was signed; MissingKeyError where no input is this signer's.
        """


class MessageSigner(Protocol):
    """Signs messages by the keys of a wallet. A port of its own, since not every signer can."""

    def sign_message(self, message: str, path: KeyPath) -> str:
        """A signature of a message by the P2WPKH script of a key (BIP322 simple, base64 without prefix).

        Raises EncodingError for text that is no UTF-8, and where the wallet keeps no key at `path`.
        """


class KeyDeriver(Protocol):
    """Derives public keys that only the private side of a wallet can: those of lots."""

    def public_key(self, path: KeyPath) -> bytes:
        """33 bytes, compressed. Raises EncodingError where the wallet keeps no key at `path`."""


class OfferSigner(Signer, MessageSigner, KeyDeriver, Protocol):
    """Everything that selling and buying ask of a signer."""


class WalletSigner(OfferSigner, Protocol):
    """A signer that can give away the keys of lots, and those alone: what a wallet's own words open."""

    def lot_key(self, path: KeyPath) -> bytes:
        """The 32 secret bytes of a shop key. Raises SigningError for any other account."""


class SoftwareSigner:
    """Signs with keys in memory. It knows SIGHASH_ALL and nothing else.

    It refuses the whole PSBT where any input, ours or not, asks for another sighash, where an input claims a key of
    ours that does not hold the coin, and where an input spends a coin of ours and names no key for it: two PSBTs that
    name one key each would else be two halves of one theft. `used` says how many keys of each path and chain the
    wallet has used; those and 1,000 further ones are known as own.
    """

    __slots__ = ("_keychain", "_owned", "_used", "network")

    def __init__(self, keychain: PrivateKeychain, network: Network, used: Used | None = None) -> None:
        if keychain.network != network:
            raise SigningError(
                f"the keys are for {keychain.network.name}, not for {network.name}", hint="choose the other network"
            )
        self._keychain = keychain
        self._used = dict(used or {})
        self._owned: dict[tuple[Reach, int], Mapping[bytes, KeyPath]] = {}
        self.network = network

    @property
    def fingerprint(self) -> bytes:
        """The master fingerprint, 4 bytes."""
        return self._keychain.fingerprint

    def __repr__(self) -> str:
        return f"SoftwareSigner(fingerprint={self.fingerprint.hex()}, network={self.network.name})"

    def sign(self, psbt: bytes) -> bytes:
        """The PSBT with a signature for each input of ours. Raises SigningError, MissingKeyError, EncodingError."""
        parsed = Psbt.parse(psbt)
        for index, entry in enumerate(parsed.inputs):
            if entry.sighash not in (None, SIGHASH_ALL):
                raise SigningError(
                    f"input {index} asks for a signature that does not commit to the whole transaction "
                    f"(sighash {entry.sighash:#x})",
                    hint="such signatures can be reused by others; ask for SIGHASH_ALL",
                )
        paths = self._own_paths(parsed)
        if not paths:
            raise MissingKeyError(
                f"no input names a key of this wallet ({self.fingerprint.hex()})", hint="is it another wallet's?"
            )
        self._require_all_named(parsed, paths)
        signatures = {index: self._signature(parsed, index, path) for index, path in paths.items()}
        signed = add_signatures(psbt, signatures)
        assert Psbt.parse(signed).tx == parsed.tx, "signing changes nothing but signatures"
        return signed

    def sign_message(self, message: str, path: KeyPath) -> str:
        """A signature of a message by the script of a key. Raises EncodingError."""
        return sign_message(message, self._keychain.private_key(path))

    def public_key(self, path: KeyPath) -> bytes:
        """The public key at any path of this wallet, 33 bytes. Raises EncodingError."""
        return self._keychain.public_key(path)

    def lot_key(self, path: KeyPath) -> bytes:
        """The 32 secret bytes of a shop key, the only kind that ever leaves a wallet. Raises SigningError for others.

        It is hardened to the leaf, so that it tells nothing of any other key.
        """
        if path.account is not AccountKind.SHOP:
            raise SigningError(f"the key {path} never leaves the wallet", hint="only keys of lots go to a shop")
        return self._keychain.private_key(path)

    def _own_paths(self, parsed: Psbt) -> dict[int, KeyPath]:
        """Input numbers with the key that each names, all checked before the first signature."""
        paths: dict[int, KeyPath] = {}
        for index, entry in enumerate(parsed.inputs):
            own = [origin for origin in entry.origins if origin.fingerprint == self.fingerprint]
            if own and not entry.witness:
                paths[index] = self._checked_path(index, entry, own)
        return paths

    def _require_all_named(self, parsed: Psbt, paths: Mapping[int, KeyPath]) -> None:
        """Raises SigningError where a coin of ours is spent by an input that names no key."""
        unnamed = {
            index: bytes(entry.spent.scriptPubKey)
            for index, entry in enumerate(parsed.inputs)
            if index not in paths and entry.spent is not None and is_p2wpkh(entry.spent.scriptPubKey)
        }
        if not unnamed:
            return
        own = self._own_scripts(paths.values())
        for index, script in unnamed.items():
            if script in own and not self._is_signed(parsed, index):
                raise SigningError(
                    f"input {index} spends a coin of this wallet ({own[script]}), and the PSBT names no key for it",
                    hint="nothing was signed; whoever made it hides what this wallet pays: do not trust this PSBT",
                )

    @staticmethod
    def _is_signed(parsed: Psbt, index: int) -> bool:
        """Whether a key of the coin signed this very transaction already, so that there is nothing left to hide."""
        entry = parsed.inputs[index]
        if len(entry.witness) != 2 or entry.spent is None:
            return False
        signature, public_key = entry.witness
        return is_valid_signature(signature, public_key, parsed.tx, index, entry.spent)

    def _own_scripts(self, claimed: Iterable[KeyPath]) -> Mapping[bytes, KeyPath]:
        """The scripts that are this wallet's, lots included: all derived here, whatever a database has kept.

        The last answer is remembered.
        """
        paths = tuple(claimed)
        far = reach(self._used, paths)
        claims = max((path.index + 1 for path in paths if path.account is AccountKind.SHOP), default=0)
        asked = far, -(-max(claims, 1) // FURTHER) * FURTHER + FURTHER
        if asked not in self._owned:
            public = PublicKeychain(
                tuple((account, self._keychain.account_xpub(account)) for account in PUBLIC_ACCOUNTS), self.network
            )
            keys = self._keychain.lot_public_keys(asked[1])
            lots = {bytes(p2wpkh_script(key)): KeyPath(AccountKind.SHOP, 0, number) for number, key in enumerate(keys)}
            found = OwnScripts(lambda account, chain, count: public.key_hashes(account, chain, 0, count), far, lots)
            self._owned.clear()
            self._owned[asked] = found
        return self._owned[asked]

    def _checked_path(self, index: int, entry: PsbtInput, own: list[KeyOrigin]) -> KeyPath:
        path = key_path(own[0].derivation, self.network) if len(own) == 1 else None
        if path is None or path.index >= self._used.get((path.account, path.chain), 0) + MOST_CLAIMED:
            raise MissingKeyError(
                f"input {index} names a key where this wallet keeps none", hint="another wallet of the same words?"
            )
        if entry.spent is None:
            raise SigningError(f"input {index} does not say what it spends", hint="make the PSBT again, with UTXO data")
        if not 0 <= entry.spent.nValue <= MAX_MONEY:
            raise SigningError(f"input {index} spends an impossible amount", hint="do not trust this PSBT")
        public_key = self._keychain.public_key(path)
        if public_key != own[0].public_key or p2wpkh_script(public_key) != entry.spent.scriptPubKey:
            raise SigningError(
                f"input {index} claims the key {path}, which does not hold that coin", hint="do not trust this PSBT"
            )
        return path

    def _signature(self, parsed: Psbt, index: int, path: KeyPath) -> tuple[bytes, bytes]:
        spent = parsed.inputs[index].spent
        assert spent is not None, "checked before"
        public_key = self._keychain.public_key(path)
        signature = sign_input(self._keychain.private_key(path), parsed.tx, index, spent)
        assert is_valid_signature(signature, public_key, parsed.tx, index, spent), "a signature of ours is valid"
        return public_key, signature
