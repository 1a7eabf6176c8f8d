"""Asking the node whether it would take a transaction, before it is journaled and sent."""

import msgspec
from bitcoin.core import CTransaction

from wallet.chain.refusals import broadcast_refusal
from wallet.chain.rpc import Rpc
from wallet.errors import ChainError, RpcError

_KNOWN = ("txn-already-in-mempool", "txn-already-known")
_VERIFY_REJECTED = -26
"""Bitcoin Core's code for a transaction that its rules or policy refuse."""


class _Judged(msgspec.Struct, frozen=True, kw_only=True):
    allowed: bool = False
    reason: str = msgspec.field(name="reject-reason", default="no reason given")


def refusal_of(rpc: Rpc, tx: CTransaction) -> RpcError | None:
    """The error with which the node's mempool would refuse a transaction, or None."""
    judgements = rpc.ask(list[_Judged], "testmempoolaccept", [tx.serialize().hex()])
    if len(judgements) != 1:
        raise ChainError(f"the node judged {len(judgements)} transactions, and was asked for one")
    judged = judgements[0]
    if judged.allowed or judged.reason in _KNOWN:
        return None
    return broadcast_refusal(
        RpcError(f"the node would refuse the transaction: {judged.reason[:300]}", code=_VERIFY_REJECTED)
    )
