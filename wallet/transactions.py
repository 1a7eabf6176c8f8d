"""Transactions on their way to a signature, and how large they will be."""

from dataclasses import dataclass

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from wallet.amount import Sats
from wallet.coins import KeyPath
from wallet.hashes import Txid, txid_of

RBF_SEQUENCE = 0xFFFFFFFD
"""Signals that the transaction may be replaced (BIP125)."""

MAX_STANDARD_WEIGHT = 400_000
P2WPKH_WITNESS_WEIGHT = 1 + 1 + 72 + 1 + 33
"""Item count, signature of at most 71 bytes and its sighash byte (low S), public key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevout:
    """What an input spends. `path` is None where the coin is not this wallet's."""

    outpoint: COutPoint
    txout: CTxOut
    path: KeyPath | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedTransaction:
    """A transaction without signatures, with what each input spends and which outputs are this wallet's.

    `own_outputs` maps an output's number to the key that it pays.
    """

    tx: CTransaction
    prevouts: tuple[Prevout, ...]
    own_outputs: tuple[tuple[int, KeyPath], ...] = ()

    @property
    def txid(self) -> Txid:
        """Final before signing, since every input is segwit."""
        return txid_of(self.tx)

    @property
    def fee(self) -> Sats:
        """Inputs minus outputs, in sats."""
        spent = sum(prevout.txout.nValue for prevout in self.prevouts)
        return Sats(spent - sum(txout.nValue for txout in self.tx.vout))

    @property
    def vsize(self) -> int:
        """Virtual size once every input carries a P2WPKH witness of the largest size."""
        return signed_vsize(self.tx)


def assemble(
    inputs: tuple[tuple[COutPoint, int], ...], outputs: tuple[CTxOut, ...], *, version: int = 2, locktime: int = 0
) -> CTransaction:
    """A transaction without witnesses from (outpoint, sequence) pairs and outputs, in this order."""
    vin = [CTxIn(outpoint, CScript(), sequence) for outpoint, sequence in inputs]
    return CTransaction.from_tx(CMutableTransaction(vin, list(outputs), locktime, version))


def signed_vsize(tx: CTransaction) -> int:
    """Virtual size in vB of `tx` after each input got a P2WPKH witness of at most 108 weight units."""
    stripped = len(CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion).serialize())
    weight = stripped * 4 + 2 + P2WPKH_WITNESS_WEIGHT * len(tx.vin)
    return -(-weight // 4)


def vsize_of(tx: CTransaction) -> int:
    """Virtual size in vB of a transaction as it stands, with its witnesses (BIP141)."""
    stripped = len(CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion).serialize())
    return -(-(stripped * 3 + len(tx.serialize())) // 4)


def dust_limit(script: CScript) -> Sats:
    """The fewest sats that nodes relay in an output with this script (Bitcoin Core's policy at 3 sat/vB).

    P2WPKH 294, P2TR and P2WSH 330, P2SH 540, P2PKH 546; an OP_RETURN output may hold nothing.
    """
    if script[:1] == b"\x6a":
        return Sats(0)
    spend = 67 if script.is_witness_scriptpubkey() else 148
    return Sats(3 * (len(CTxOut(0, script).serialize()) + spend))
