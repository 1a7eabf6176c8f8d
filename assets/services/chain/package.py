"""The unconfirmed transactions that must be mined before one of ours can be."""

from dataclasses import dataclass

from bitcoin.core import CTransaction

from wallet.chain.source import TxSource
from wallet.errors import ChainError
from wallet.hashes import Txid, display
from wallet.transactions import vsize_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Unconfirmed ancestors: how many, their size in vB, their fees in sats."""

    count: int
    vsize: int
    fee: int


def unconfirmed_ancestors(tx: CTransaction, source: TxSource) -> Package:
    """What `tx` waits for, itself not counted. Raises ChainError where the node does not have a parent."""
    found: dict[Txid, CTransaction] = {}
    known: dict[Txid, CTransaction] = {}
    queue = [tx]
    while queue:
        for txin in queue.pop().vin:
            parent = Txid(txin.prevout.hash)
            if parent in known:
                continue
            answer = source.transaction(parent)
            if answer is None:
                raise ChainError(
                    f"the node does not have {display(parent)}, which is to be spent",
                    hint="it fell out of the mempool; any command of this wallet sends its own ones again",
                )
            known[parent] = answer.tx
            if answer.block is None:
                found[parent] = answer.tx
                queue.append(answer.tx)
    return Package(
        count=len(found),
        vsize=sum(vsize_of(one) for one in found.values()),
        fee=sum(_fee(one, known) for one in found.values()),
    )


def _fee(tx: CTransaction, known: dict[Txid, CTransaction]) -> int:
    spent = sum(int(known[Txid(txin.prevout.hash)].vout[txin.prevout.n].nValue) for txin in tx.vin)
    return spent - sum(int(txout.nValue) for txout in tx.vout)
