"""A wallet's scripts on the chain in memory, for tests: ours and those of whoever builds on this package.

It remembers the transactions that it saw when it was asked, so that it can tell of those that fell out since.
"""

from collections.abc import Iterator, Mapping

from bitcoin.core import CBlock, COutPoint, CTransaction

from wallet.amount import Sats
from wallet.chain.fake import FakeChain
from wallet.chain.scripts import CoinSearch, Progress, ScriptSet
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import ChainError
from wallet.hashes import BlockHash, Txid, txid_of
from wallet.history import State, WatchedTransaction

WINDOW = 30
"""Keys of each chain that are watched."""


class FakeScripts:
    """Implements `ScriptSource`. A history of more than `limit` transactions is an error, as with a real server."""

    def __init__(self, chain: FakeChain, scripts: ScriptSet, *, window: int = WINDOW) -> None:
        self.limit = 1_000_000
        self._chain = chain
        self._window = window
        self._paths = _paths(scripts, window)
        self._from: int | None = None
        self._seen: dict[Txid, CTransaction] = {}

    def watch(self, *, birth_height: int | None, progress: Progress | None = None) -> None:
        """The first call says from which block on anything is seen."""
        tip = self._chain.tip().height
        if self._from is None:
            self._from = tip + 1 if birth_height is None else birth_height
        if progress is not None:
            progress(1.0)

    def watch_new(self, scripts: ScriptSet) -> None:
        """From now on these scripts."""
        self._paths = _paths(scripts, self._window)

    def unspent(self) -> tuple[Coin, ...]:
        """What no transaction that was seen spends, but for those that are dead."""
        known = self.history()
        standing = {one.txid: one for one in known if one.state is State.STANDING}
        spent = {txin.prevout for one in known if one.state is not State.DEAD for txin in one.tx.vin}
        return tuple(
            self._coin(one, vout, standing)
            for one in standing.values()
            for vout in one.own_outputs
            if COutPoint(one.txid, vout) not in spent
        )

    def history(self, since: BlockHash | None = None) -> tuple[WatchedTransaction, ...]:
        """All blocks and the mempool, read anew, and what was seen before. A block that is gone stands for block 0."""
        header = None if since is None else self._chain.header(since)
        after = 0 if header is None else header.height
        standing = list(self._standing())
        here = {one.txid for one in standing}
        self._seen |= {one.txid: one.tx for one in standing}
        fallen = [self._fallen(tx) for txid, tx in self._seen.items() if txid not in here]
        found = [one for one in (*standing, *fallen) if since is None or one.height is None or one.height > after]
        if len(found) > self.limit:
            raise ChainError("the history of these scripts is too long", hint="ask another source")
        return tuple(found)

    def best_block(self) -> BlockHash:
        """The last block."""
        return self._chain.tip().hash

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """By the outputs of every transaction that was seen."""
        self.history()
        paid = (self._paths.get(bytes(txout.scriptPubKey)) for tx in self._seen.values() for txout in tx.vout)
        return max(
            (path.index + 1 for path in paid if path and (path.account, path.chain) == (account, chain)), default=0
        )

    def _standing(self) -> Iterator[WatchedTransaction]:
        """What pays or spends the scripts, in the order of the chain, then of the mempool."""
        own: set[COutPoint] = set()
        tip = self._chain.tip()
        start = tip.height + 1 if self._from is None else self._from
        for ref, raw in self._chain.blocks(start, tip.height):
            block = CBlock.deserialize(raw)
            for index, tx in enumerate(block.vtx):
                if self._touches(tx, own):
                    yield self._watched(tx, ref.height, ref.hash, index, block.nTime)
        for tx in self._chain.mempool:
            if self._touches(tx, own):
                yield self._watched(tx, None, None, 0, tip.time)

    def _touches(self, tx: CTransaction, own: set[COutPoint]) -> bool:
        """Whether a transaction pays or spends the scripts; `own` holds their coins so far."""
        paid = {COutPoint(txid_of(tx), vout) for vout in self._own_outputs(tx)}
        own |= paid
        return bool(paid) or any(txin.prevout in own for txin in tx.vin)

    def _watched(
        self, tx: CTransaction, height: int | None, block: BlockHash | None, index: int, time: int
    ) -> WatchedTransaction:
        return WatchedTransaction(
            tx=tx, height=height, block=block, index=index, time=time, own_outputs=self._own_outputs(tx)
        )

    def _fallen(self, tx: CTransaction) -> WatchedTransaction:
        """A transaction that is in neither chain nor mempool: dead once a block holds a rival."""
        tip = self._chain.tip()
        taken = {
            txin.prevout
            for _, raw in self._chain.blocks(0, tip.height)
            for rival in CBlock.deserialize(raw).vtx
            for txin in rival.vin
        }
        return WatchedTransaction(
            tx=tx,
            height=None,
            block=None,
            index=0,
            time=tip.time,
            own_outputs=self._own_outputs(tx),
            state=State.DEAD if any(txin.prevout in taken for txin in tx.vin) else State.EVICTED,
        )

    def _own_outputs(self, tx: CTransaction) -> tuple[int, ...]:
        return tuple(vout for vout, txout in enumerate(tx.vout) if bytes(txout.scriptPubKey) in self._paths)

    def _coin(self, one: WatchedTransaction, vout: int, standing: Mapping[Txid, WatchedTransaction]) -> Coin:
        txout = one.tx.vout[vout]
        return Coin(
            outpoint=COutPoint(one.txid, vout),
            value=Sats(txout.nValue),
            script_pubkey=txout.scriptPubKey,
            path=self._paths[bytes(txout.scriptPubKey)],
            height=one.height,
            coinbase=one.tx.is_coinbase(),
            trusted=one.height is None and _is_ours(one, standing),
        )


class FakeFinder:
    """Implements `CoinFinder` on the chain in memory."""

    def __init__(self, chain: FakeChain) -> None:
        self._chain = chain

    def search(self, scripts: ScriptSet, *, keys: int, progress: Progress | None = None) -> CoinSearch:
        """What blocks paid and no block spent."""
        paths, tip = _paths(scripts, keys), self._chain.tip()
        found: dict[COutPoint, tuple[int, int]] = {}
        for ref, raw in self._chain.blocks(0, tip.height):
            for tx in CBlock.deserialize(raw).vtx:
                for txin in tx.vin:
                    found.pop(txin.prevout, None)
                for vout, txout in enumerate(tx.vout):
                    if bytes(txout.scriptPubKey) in paths:
                        found[COutPoint(txid_of(tx), vout)] = (ref.height, txout.nValue)
        if progress is not None:
            progress(1.0)
        return CoinSearch(
            height=tip.height,
            coins=len(found),
            sats=Sats(sum(value for _, value in found.values())),
            oldest=min((height for height, _ in found.values()), default=None),
        )


def _is_ours(one: WatchedTransaction, standing: Mapping[Txid, WatchedTransaction]) -> bool:
    """Whether only this wallet's own coins made an unconfirmed transaction, back to the chain."""
    if one.height is not None:
        return True
    parents = [(standing.get(Txid(txin.prevout.hash)), txin.prevout.n) for txin in one.tx.vin]
    return all(parent and vout in parent.own_outputs and _is_ours(parent, standing) for parent, vout in parents)


def _paths(scripts: ScriptSet, window: int) -> dict[bytes, KeyPath]:
    """The key of each script that is watched."""
    paths = (
        KeyPath(one.account, one.chain, index)
        for one in scripts.descriptors()
        for index in (range(window) if one.number is None else (one.number,))
    )
    return {bytes(scripts.script(path)): path for path in paths}
