"""What the chain says of a coin's chances to hold units of a protocol that we do not move.

It is read from the transaction that made the coin. A txid covers all of it but the witnesses, in which an inscription
stands, so what was read counts in one block only, as a remembered colour does (`assets.coloring.remembered`).
"""

from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring.walk import TransactionSource
from assets.model import Sign
from assets.protocols.other_colors.signs import signs_in
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash, Txid

SMALL_COIN = 1_000
"""Sats of the largest coin that is one of those on which other protocols put their units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What speaks for another colour, whoever holds the coin and whoever made it.

    `script` is the coin's own, `payer` the one that input 0 of its transaction spent, as far as that could be had and
    only where the coin is small; both are empty where no sign is found.
    """

    signs: tuple[Sign, ...] = ()
    script: bytes = b""
    payer: bytes = b""


NOTHING = Suspicion()


class SuspicionCache(Protocol):
    """Keeps suspicions of coins in blocks. A row is no answer about any other block than its own."""

    def suspicion(self, outpoint: COutPoint, block: BlockHash) -> Suspicion | None:
        """What was found of a coin that is in this block; None where nothing was."""

    def keep_suspicion(self, outpoint: COutPoint, block: BlockHash, found: Suspicion) -> None:
        """Remember it in the place of an older one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A transaction that made coins, read once for all of its outputs. `payer` is there where any of them is small."""

    tx: CTransaction
    block: BlockRef | None
    signs: tuple[Sign, ...]
    payer: bytes

    @classmethod
    def read(cls, txid: Txid, source: TransactionSource) -> "Making | None":
        """What the chain has under this id; None where it has nothing. Raises what the source raises."""
        found = source.transaction(txid)
        if found is None:
            return None
        small = any(_is_small(txout) for txout in found.tx.vout)
        payer = spent_script(found.tx, 0, source) if small else b""
        return cls(tx=found.tx, block=found.block, signs=signs_in(found.tx), payer=payer)

    def suspicion(self, vout: int) -> Suspicion | None:
        """What speaks for another colour on an output; None where there is no such output."""
        if vout >= len(self.tx.vout):
            return None
        txout = self.tx.vout[vout]
        small = _is_small(txout)
        signs = (Sign.SMALL, *self.signs) if small else self.signs
        if not signs:
            return NOTHING
        return Suspicion(signs=signs, script=bytes(txout.scriptPubKey), payer=self.payer if small else b"")


def signs_of(tx: CTransaction, vout: int) -> tuple[Sign, ...]:
    """The signs of one output: that it is small, and those of its transaction."""
    small = (Sign.SMALL,) if _is_small(tx.vout[vout]) else ()
    return small + signs_in(tx)


def _is_small(txout: CTxOut) -> bool:
    return bool(txout.nValue <= SMALL_COIN) and bytes(txout.scriptPubKey[:1]) != b"\x6a"


def spent_script(tx: CTransaction, number: int, source: TransactionSource) -> bytes:
    """The script that an input spends; empty for a coinbase, and where it cannot be had."""
    prevout = tx.vin[number].prevout
    if prevout.is_null():
        return b""
    found = source.transaction(Txid(bytes(prevout.hash)))
    if found is None or prevout.n >= len(found.tx.vout):
        return b""
    return bytes(found.tx.vout[prevout.n].scriptPubKey)
