"""Colored Coins (coloredcoins.org): an OP_RETURN whose payload begins with `CC`, whatever follows."""

from bitcoin.core import CTransaction

from assets.protocols.other_colors.op_return import payloads

TAG = b"CC"


def speaks_colored_coins(tx: CTransaction) -> bool:
    """Whether a transaction issues, moves or burns Colored Coins, or claims to."""
    return any(payload.startswith(TAG) for payload in payloads(tx))
