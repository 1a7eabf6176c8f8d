"""What a person can do about a transaction that a node refuses."""

from wallet.errors import RpcError

_DEFINITE = (-22, -25, -26)
"""Bitcoin Core's codes for a transaction that cannot be read, spends what is not there, or breaks rules or policy."""

_HINTS = (
    ("too-long-mempool-chain", "the node takes 25 unconfirmed transactions in a row; wait for a block"),
    ("too-large-cluster", "the node takes only so many unconfirmed transactions in a row; wait for a block"),
    ("min relay fee not met", "raise the fee rate"),
    ("mempool min fee not met", "the node's mempool is full of better paying transactions; raise the fee rate"),
    ("mempool full", "the node's mempool is full of better paying transactions; raise the fee rate"),
    ("insufficient fee", "another transaction spends the same coins; pay more than it does, or wait for it"),
    ("txn-mempool-conflict", "another transaction spends the same coins; wait for it"),
    ("bad-txns-inputs-missingorspent", "a coin was spent meanwhile, or is not known to this node; look at the coins"),
    ("missing-inputs", "a coin was spent meanwhile, or is not known to this node; look at the coins"),
    ("bad-txns-premature-spend-of-coinbase", "a coinbase coin can be spent after 100 blocks"),
    ("dust", "an output is too small to be relayed"),
    ("max-fee-exceeded", "the fee is far higher than it needs to be"),
    ("Fee exceeds maximum configured", "the fee is far higher than it needs to be"),
    ("non-final", "its locktime is in the future"),
)
"""Bitcoin Core's reject reasons, each with advice; the first that the message contains."""


def broadcast_refusal(error: RpcError) -> RpcError:
    """The refusal of sendrawtransaction, with advice."""
    text = str(error)
    for reason, hint in _HINTS:
        if reason in text:
            return RpcError(text, code=error.code, hint=hint)
    return RpcError(text, code=error.code, hint="the transaction is not sent; nothing is lost")


def is_definite(error: RpcError) -> bool:
    """Whether the node looked at the transaction and would not take it. Any other refusal leaves that open."""
    return error.code in _DEFINITE
