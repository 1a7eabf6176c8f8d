"""EPOBC (ChromaWallet): a tag in the low six bits of input 0's sequence. No sequence in common use has them.

Under version 2 the same bits are a relative lock time, so only version 1 counts.
"""

from bitcoin.core import CTransaction

GENESIS_TAG = 37
TRANSFER_TAG = 51
_TAG_BITS = 0x3F
_VERSION = 1


def is_tagged(tx: CTransaction) -> bool:
    """Whether a transaction issues or moves EPOBC colours, or claims to. A coinbase has no tag."""
    if tx.nVersion != _VERSION or not tx.vin or tx.vin[0].prevout.is_null():
        return False
    return tx.vin[0].nSequence & _TAG_BITS in (GENESIS_TAG, TRANSFER_TAG)
