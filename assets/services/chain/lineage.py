"""Reading a repository from the chain: its genesis, its title's lineage, and whether the title is still there."""

from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.images.repository import RepositoryState, fold
from assets.index.liveness import Liveness, settled
from assets.index.pending import pending, pending_genesis
from assets.index.reader import IndexReader, IndexTip
from assets.model import GenesisFact, Movement
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from wallet.advice import Prose
from wallet.chain.source import Tip
from wallet.hashes import Txid, display


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A repository as of one tip, mempool included.

    `lost` is true where the node no longer has the title's coin though no marker moved it: a plain payment spent it.
    """

    state: RepositoryState
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    genesis: GenesisFact
    movements: tuple[Movement, ...]
    tip: IndexTip | None


def read_lineage(chain: ChainAccess, genesis: Txid, *, confirmations: int) -> Lineage | None:
    """The repository of a genesis; None where neither chain nor mempool has it.

    `confirmations` is how many make a record settled. Raises IndexStateError where node and index do not meet,
    ChainError.
    """

    if chain.only() not in (None, genesis):
        return None

    def question(reader: IndexReader) -> tuple[_Collected | None, COutPoint | None]:
        fact = reader.genesis(genesis)
        if fact is None:
            found = pending_genesis(chain.source, reader, genesis)
            return (None if found is None else _Collected(genesis=found[0], movements=found[1], tip=reader.tip())), None
        movements = reader.title_movements(genesis) + pending(chain.source, reader, genesis)
        title = reader.title(genesis)
        collected = _Collected(genesis=fact, movements=movements, tip=reader.tip())
        return collected, None if title is None else title.outpoint

    collected, liveness = settled(chain.source, chain.store.snapshot, question, chain.catch_up)
    if collected is None:
        return None
    height = collected.tip.height if collected.tip is not None else 0
    state = fold(collected.genesis, collected.movements, settled_height=height - confirmations + 1)
    return Lineage(state=state, lost=liveness is Liveness.FROZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Why a genesis is not to be found, in words, and what to do about it."""

    reason: str
    hint: Prose


def absence(chain: ChainAccess, genesis: Txid) -> Absence:
    """Why `read_lineage` has nothing. The node is asked, since an index that starts late has missed what lies before.

    Raises ChainError.
    """
    about = chain.only()
    if about not in (None, genesis):
        return Absence(
            reason=f"the evidence is about genesis {display(about or b'')}, and {display(genesis)} is asked for",
            hint="give the evidence of the repository that is meant; whoever published this one means another",
        )
    with chain.store.snapshot() as reader:
        tip = reader.tip()
    found = chain.source.transaction(genesis)
    height = found.block.height if found is not None and found.block is not None else None
    if tip is not None and height is not None and height < tip.start_height:
        return Absence(
            reason=f"the index begins at block {tip.start_height}, and genesis {display(genesis)} is in block {height}",
            hint=ImageRemedy.REINDEX_FROM.of(height=height),
        )
    if found is not None:
        return Absence(reason=f"{display(genesis)} is no genesis", hint="check the txid")
    return Absence(
        reason=f"genesis {display(genesis)} is not in the node's chain", hint="check the txid, the network and the node"
    )


def unsearched(chain: ChainAccess) -> Absence | None:
    """Why a genesis may be there though no search can have found it; None where the index has every block that counts.

    An index that begins late has missed what lies before, and evidence is about one genesis alone.
    """
    about = chain.only()
    if about is not None:
        return Absence(
            reason=f"the evidence is about genesis {display(about)} alone, and nothing says that it is this name's",
            hint=ImageRemedy.NAME_GENESIS_OR_SYNC.of(),
        )
    with chain.store.snapshot() as reader:
        tip = reader.tip()
    first = chain.network.segwit_height
    if tip is None:
        return Absence(reason="the index holds no block", hint=ImageRemedy.SYNC.of())
    if tip.start_height <= first:
        return None
    return Absence(
        reason=f"the index begins at block {tip.start_height}, and the genesis may lie before it",
        hint=ImageRemedy.REINDEX_FROM.of(height=first) + ", or from the block of the genesis where you know it",
    )


def staleness(chain: ChainAccess, tip: Tip) -> str | None:
    """Why the node's tip must not be relied upon, in words, or None.

    A node that still downloads, that knows of more headers than blocks, or (on mainnet) whose last block is older
    than three hours by this machine's clock may not have seen a revocation.
    """
    if tip.syncing:
        return f"the node still downloads the chain (block {tip.height} of {tip.headers})"
    if tip.headers > tip.height + 1:
        return f"the node is behind: it has block {tip.height} and knows of {tip.headers}"
    age = chain.clock() - tip.time
    if chain.network.is_mainnet and age > MAX_TIP_AGE:
        return f"the node's last block is {age // 60} minutes old by this machine's clock"
    return None


MAX_TIP_AGE = 3 * 60 * 60
"""Seconds; a longer pause between two blocks on mainnet means, almost surely, that the node is cut off."""
