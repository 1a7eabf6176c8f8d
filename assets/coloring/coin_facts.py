"""What a node says of coins that somebody else names: there, how deep, and whether the mempool spends them."""

from collections.abc import Iterable
from dataclasses import dataclass

from bitcoin.core import COutPoint, CTxOut

from wallet.chain.source import CoinAnswer, Tip, TxSource
from wallet.coins import COINBASE_MATURITY
from wallet.errors import ChainError
from wallet.hashes import Txid, txid_of

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinFact:
    """A coin as of one block. `txout` is None where the chain has no such unspent coin.

    `confirmations` counts its own block. `spender` is the mempool's transaction that spends it, or None. A coinbase
    output is `mature` once the next block may spend it. `waiting` says that the transaction which makes it is in the
    mempool.
    """

    outpoint: COutPoint
    txout: CTxOut | None
    confirmations: int
    spender: Txid | None
    mature: bool = True
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinFacts:
    """Facts about several coins, all as of the same tip."""

    tip: Tip
    facts: tuple[CoinFact, ...]

    def of(self, outpoint: COutPoint) -> CoinFact:
        """The fact about a coin that was asked for."""
        return next(fact for fact in self.facts if fact.outpoint == outpoint)


def coin_facts(source: TxSource, outpoints: Iterable[COutPoint]) -> CoinFacts:
    """Asks the node. Raises ChainError where blocks arrive faster than it can be asked."""
    wanted = tuple(outpoints)
    for _ in range(_ATTEMPTS):
        tip = source.tip()
        answers = [source.unspent(outpoint) for outpoint in wanted]
        if all(answer.tip == tip.hash for answer in answers):
            facts = tuple(
                _fact(source, outpoint, answer, tip) for outpoint, answer in zip(wanted, answers, strict=True)
            )
            return CoinFacts(tip=tip, facts=facts)
    raise ChainError("blocks arrive faster than the node can be asked", hint="try again")


def _fact(source: TxSource, outpoint: COutPoint, answer: CoinAnswer, tip: Tip) -> CoinFact:
    spender = source.spender(outpoint)
    depth = 0 if answer.height is None else tip.height - answer.height + 1
    return CoinFact(
        outpoint=outpoint,
        txout=answer.txout,
        confirmations=depth if answer.txout is not None else 0,
        spender=None if spender is None else txid_of(spender),
        mature=not answer.coinbase or depth >= COINBASE_MATURITY,
        waiting=answer.txout is None and _waits(source, outpoint),
    )


def _waits(source: TxSource, outpoint: COutPoint) -> bool:
    """Whether a coin that no block holds comes with a transaction of the mempool."""
    found = source.transaction(Txid(outpoint.hash))
    return found is not None and found.block is None and outpoint.n < len(found.tx.vout)
