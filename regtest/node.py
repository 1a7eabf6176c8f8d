"""A regtest node whose chain the harness writes: blocks with or without transactions, reorgs, evictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from regtest.daemon import Daemon
from regtest.errors import HarnessError, RpcFailure

MINER = "miner"
"""The name of the wallet inside the node that mines and pays."""

_WALLET_NOT_FOUND = -18
_WITH_KEYS_LOADED_AT_START = (False, False, "", False, True, True)
"""createwallet's positions after the name: keys, a seed, no passphrase, no avoiding, descriptors, load on startup."""
_VERBOSE = True
_SATS_PER_BTC = 100_000_000
_PARASITE = "parasite-cat21"
_FEE_ALLOWANCE = 1_000_000
"""Sats that `fund` keeps in hand for its own fee."""


class Node(Daemon):
    """A bitcoind with a miner."""

    def height(self) -> int:
        """The height of the tip."""
        return int(self.rpc("getblockcount"))

    def best(self) -> str:
        """The block hash of the tip."""
        return str(self.rpc("getbestblockhash"))

    def set_time(self, unix: int) -> None:
        """Set the node's clock to a Unix time in seconds; 0 gives it its own clock back. A restart forgets it."""
        self.rpc("setmocktime", unix)

    def miner(self, method: str, *params: Any) -> Any:
        """Call the miner's wallet, which is made at the first use."""
        try:
            return self.rpc(method, *params, wallet=MINER)
        except RpcFailure as failure:
            if failure.code != _WALLET_NOT_FOUND:
                raise
        self.rpc("createwallet", MINER, *_WITH_KEYS_LOADED_AT_START)
        return self.rpc(method, *params, wallet=MINER)

    def mine(self, n: int = 1, to: str | None = None) -> list[str]:
        """Mine `n` blocks with what the mempool holds, paying the address `to` or the miner; returns their hashes."""
        return [str(block) for block in self.rpc("generatetoaddress", n, to or self._miner_address())]

    def mine_empty(self, n: int = 1, to: str | None = None) -> list[str]:
        """Mine `n` blocks that leave the mempool alone; returns their hashes."""
        address = to or self._miner_address()
        return [self.mine_only((), address) for _ in range(n)]

    def mine_only(self, transactions: Sequence[str], to: str | None = None) -> str:
        """Mine one block with exactly these raw transactions (hex), whatever the node's policy; returns its hash."""
        return str(self.rpc("generateblock", to or self._miner_address(), list(transactions))["hash"])

    def fund(self, address: str, sats: int) -> str:
        """Pay an address from the miner; returns the txid, which waits in the mempool.

        Mines to height 101 at the first use, and on where the miner has too little.
        """
        self._earn(sats + _FEE_ALLOWANCE)
        while True:
            txid = str(self.miner("sendtoaddress", address, Decimal(sats) / _SATS_PER_BTC))
            try:
                self.rpc("sendrawtransaction", self.miner("gettransaction", txid)["hex"])
            except RpcFailure as failure:
                # Knots relays nothing whose lock time is 21, which the node's wallet draws at times on a short chain.
                if _PARASITE not in str(failure):
                    raise
                self.miner("abandontransaction", txid)
            else:
                return txid

    def reorg(
        self, depth: int, *, with_transactions: Sequence[str] = (), resurrect: bool = True, confirm: bool = True
    ) -> list[str]:
        """Replace the last `depth` blocks by `depth` + 1 others; returns the hashes of the new ones.

        `with_transactions` (raw hex) are mined in the first new block. Transactions of the old blocks come back to
        the mempool and are mined again; with `confirm=False` they stay in the mempool and the other new blocks are
        empty; with `resurrect=False` they are in neither the new blocks nor the mempool.
        """
        height = self.height()
        if not 1 <= depth <= height:
            raise HarnessError(f"cannot replace {depth} of {height} blocks")
        fork = str(self.rpc("getblockhash", height - depth + 1))
        old = self._transactions_from(height - depth + 1)
        address = str(self.miner("getnewaddress"))
        self.rpc("invalidateblock", fork)
        new = [self.mine_only(with_transactions, address)] if with_transactions else []
        if resurrect and confirm:
            new += self.mine(depth + 1 - len(new), address)
        else:
            new += self.mine_empty(depth + 1 - len(new), address)
        self.rpc("reconsiderblock", fork)
        if not resurrect:
            self._forget(old)
        return new

    def evict(self, txid: str) -> None:
        """Make an unconfirmed transaction, and all that spend it, leave the mempool. The node is restarted for it."""
        self.rpc("getmempoolentry", txid)
        self._forget({txid})

    def _forget(self, txids: set[str]) -> None:
        entries: dict[str, dict[str, Any]] = self.rpc("getrawmempool", _VERBOSE)
        if not txids & entries.keys():
            return
        gone = set(txids & entries.keys())
        for txid in tuple(gone):
            gone.update(self.rpc("getmempooldescendants", txid))
        keep = sorted(entries.keys() - gone, key=lambda txid: int(entries[txid]["ancestorcount"]))
        raw = [self.rpc("getrawtransaction", txid) for txid in keep]
        self.stop()
        (self.datadir / "regtest" / "mempool.dat").unlink(missing_ok=True)
        self.start()
        self._send(raw)

    def _send(self, transactions: Iterable[str]) -> None:
        for transaction in transactions:
            self.rpc("sendrawtransaction", transaction, 0)

    def _transactions_from(self, height: int) -> set[str]:
        """The txids of all blocks from `height` to the tip, coinbases left out."""
        found: set[str] = set()
        for each in range(height, self.height() + 1):
            found.update(self.rpc("getblock", self.rpc("getblockhash", each), 1)["tx"][1:])
        return found

    def _miner_address(self) -> str:
        """One address for all coinbases, kept under a label in the miner's wallet."""
        try:
            return str(next(iter(self.miner("getaddressesbylabel", "coinbase"))))
        except RpcFailure:
            return str(self.miner("getnewaddress", "coinbase"))

    def _earn(self, sats: int) -> None:
        """Mine until the miner can spend `sats`."""
        height = self.height()
        if height < 101:
            self.mine(101 - height)
        for _ in range(40):
            if int(self.miner("getbalances")["mine"]["trusted"] * _SATS_PER_BTC) >= sats:
                return
            self.mine(10)
        raise HarnessError(f"the miner cannot earn {sats} sat on this chain: the subsidy has shrunk too far")
