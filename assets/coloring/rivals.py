"""What stands in the way of a transaction that is in neither chain nor mempool: whoever spends its coins otherwise."""

from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint, CTransaction

from assets.coloring.coin_facts import CoinFact, coin_facts
from wallet.chain.source import TxSource
from wallet.hashes import Txid, display, outpoint_text, txid_of


class Fate(StrEnum):
    """Whether a signed transaction can still come."""

    POSSIBLE = "possible"
    """All its coins are there, and nobody spends one."""
    CONTESTED = "contested"
    """Another transaction, which waits for a block, spends one of its coins."""
    VOID = "void"
    """A block holds another transaction that spent one of its coins."""
    UNKNOWN = "unknown"
    """One of its coins is in no block itself, as after a reorganisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivalry:
    """What becomes of a transaction, the coin that decides it, and the waiting transaction that spends that coin."""

    fate: Fate
    coin: COutPoint | None = None
    rival: Txid | None = None

    @property
    def words(self) -> str:
        """The coin and what spends it, for people; empty where nothing does."""
        if self.coin is None:
            return ""
        name = outpoint_text(self.coin)
        if self.rival is not None:
            return f"{display(self.rival)}, which waits for a block, spends {name}"
        return f"{name} was spent otherwise, in a block" if self.fate is Fate.VOID else f"no block holds {name}"


def rivalry(source: TxSource, tx: CTransaction) -> Rivalry:
    """Asks the node about every coin that a transaction spends. Raises ChainError."""
    txid = txid_of(tx)
    facts = coin_facts(source, (txin.prevout for txin in tx.vin)).facts
    gone = [fact for fact in facts if fact.txout is None]
    for fact in gone:
        if _in_block(source, fact.outpoint):
            return Rivalry(fate=Fate.VOID, coin=fact.outpoint)
    contested = next((fact for fact in facts if _other(fact, txid)), None)
    if contested is not None:
        return Rivalry(fate=Fate.CONTESTED, coin=contested.outpoint, rival=contested.spender)
    if gone:
        return Rivalry(fate=Fate.UNKNOWN, coin=gone[0].outpoint)
    return Rivalry(fate=Fate.POSSIBLE)


def _in_block(source: TxSource, outpoint: COutPoint) -> bool:
    """Whether the transaction that made a coin is in a block, so that the coin is gone and not only late."""
    found = source.transaction(Txid(outpoint.hash))
    return found is not None and found.block is not None


def _other(fact: CoinFact, txid: Txid) -> bool:
    return fact.spender is not None and fact.spender != txid
