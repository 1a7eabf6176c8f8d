"""Runes: a runestone is an output that begins with OP_RETURN OP_13. One that is malformed counts as well."""

from bitcoin.core import CTransaction

RUNESTONE = b"\x6a\x5d"


def has_runestone(tx: CTransaction) -> bool:
    """Whether a transaction has a runestone or a cenotaph."""
    return any(bytes(txout.scriptPubKey)[:2] == RUNESTONE for txout in tx.vout)
