"""Owners who hold a title by other scripts than P2WPKH, and sign for real."""

from dataclasses import dataclass

from bitcoin.core import CTransaction
from bitcoin.core.script import SIGVERSION_WITNESS_V0, CScript, SignatureHash
from coincurve import PrivateKey

from tests.assets.index.signing_party import Signer
from tests.builders import ALL, ANYONECANPAY, NONE, SINGLE, p2wsh
from wallet.hashes import sha256

DEFAULT = 0x00
"""Taproot's SIGHASH_DEFAULT: a signature of 64 bytes that commits to everything (BIP341)."""


@dataclass(frozen=True)
class Pair(Signer):
    """A 2-of-2 multisig (P2WSH). `second` is the sighash that the second key always uses."""

    second: int = ALL

    @property
    def other(self) -> PrivateKey:
        """The second key."""
        return PrivateKey(sha256(f"{self.name}, second".encode()))

    @property
    def witness_script(self) -> CScript:
        """2 <key> <key> 2 OP_CHECKMULTISIG."""
        second = self.other.public_key.format()
        return CScript(b"\x52\x21" + self.public + b"\x21" + second + b"\x52\xae")

    @property
    def script(self) -> CScript:
        """The P2WSH script."""
        return p2wsh(self.witness_script)

    def witness(self, tx: CTransaction, number: int, value: int, sighash: int = ALL) -> tuple[bytes, ...]:
        """An empty item, both signatures in the order of the keys, and the script."""
        return (b"", *self.signatures(tx, number, value, (sighash, self.second)), self.witness_script)

    def signatures(self, tx: CTransaction, number: int, value: int, kinds: tuple[int, int]) -> tuple[bytes, bytes]:
        """The signatures of both keys over whatever `kinds` cover."""
        first, second = (
            key.sign(SignatureHash(self.witness_script, tx, number, kind, value, SIGVERSION_WITNESS_V0), hasher=None)
            + bytes([kind])
            for key, kind in zip((self.key, self.other), kinds, strict=True)
        )
        return first, second


@dataclass(frozen=True)
class Checks(Pair):
    """A P2WSH script that wants two signatures by opcodes of its own, in a form that is not the bare multisig."""

    @property
    def witness_script(self) -> CScript:
        """<key> OP_CHECKSIGVERIFY <key> OP_CHECKSIG."""
        second = self.other.public_key.format()
        return CScript(b"\x21" + self.public + b"\xad" + b"\x21" + second + b"\xac")

    def witness(self, tx: CTransaction, number: int, value: int, sighash: int = ALL) -> tuple[bytes, ...]:
        """Both signatures, the second key's first, and the script."""
        first, second = self.signatures(tx, number, value, (sighash, self.second))
        return second, first, self.witness_script


@dataclass(frozen=True)
class Branches(Pair):
    """A P2WSH script with a choice: whoever relays its spend can swap OP_IF's argument for anything true."""

    @property
    def witness_script(self) -> CScript:
        """OP_IF <key> OP_CHECKSIG OP_ELSE OP_FALSE OP_ENDIF."""
        return CScript(b"\x63\x21" + self.public + b"\xac\x67\x00\x68")

    def witness(self, tx: CTransaction, number: int, value: int, sighash: int = ALL) -> tuple[bytes, ...]:
        """The signature, a true argument, and the script."""
        first, _ = self.signatures(tx, number, value, (sighash, self.second))
        return first, b"\x01", self.witness_script


@dataclass(frozen=True)
class Taproot(Signer):
    """A taproot key, spent by its key path; transactions of one input only."""

    @property
    def script(self) -> CScript:
        """Version 1 and the key's x coordinate, which is its own output key."""
        return CScript(b"\x51\x20" + self.public[1:])

    def witness(self, tx: CTransaction, number: int, value: int, sighash: int = ALL) -> tuple[bytes, ...]:
        """One Schnorr signature (BIP340), with its sighash byte unless that is the default."""
        assert (number, len(tx.vin)) == (0, 1)
        signature = self.key.sign_schnorr(_taproot_digest(tx, value, self.script, sighash))
        return (signature + (bytes([sighash]) if sighash != DEFAULT else b""),)


def _taproot_digest(tx: CTransaction, value: int, script: CScript, sighash: int) -> bytes:
    """The message of a key path spend of a transaction's only input (BIP341, "common signature message")."""
    (txin,), kind = tx.vin, sighash & 0x03
    outpoint, amount = txin.prevout.serialize(), value.to_bytes(8, "little")
    locking, sequence = bytes([len(script)]) + script, txin.nSequence.to_bytes(4, "little")
    message = b"\x00" + bytes([sighash]) + tx.nVersion.to_bytes(4, "little") + tx.nLockTime.to_bytes(4, "little")
    if not sighash & ANYONECANPAY:
        message += sha256(outpoint) + sha256(amount) + sha256(locking) + sha256(sequence)
    if kind not in (NONE, SINGLE):
        message += sha256(b"".join(out.serialize() for out in tx.vout))
    message += b"\x00"
    message += outpoint + amount + locking + sequence if sighash & ANYONECANPAY else bytes(4)
    if kind == SINGLE:
        message += sha256(tx.vout[0].serialize())
    return _tagged("TapSighash", message)


def _tagged(tag: str, message: bytes) -> bytes:
    return sha256(sha256(tag.encode()) * 2 + message)
