"""The judge: colours a whole chain from its first block on, keeping everything in dictionaries.

It knows every transaction, so it needs no cache, no walk and no index, and it is slow on purpose. Tests compare
what the program says with what stands here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from bitcoin.core.contrib.ripemd160 import ripemd160

from tests.judge.simple_marker import SimpleMarker, loose_marker, slots, strict_marker
from tests.judge.simple_record import SimpleRecord, can_author, commits_to_everything, read_record
from tests.judge.simple_transaction import Coin, SimpleTx, transaction_from_hex

MOST_ACCESS_UNITS = 2**53 - 1
MOST_PAYLOAD = 80
"""Bytes of a marker's payload that a record may take; a longer one never counts, whoever signed it."""


class Units(NamedTuple):
    """Genuine units on a coin; the genesis by its txid in display hex."""

    genesis: str
    quantity: int
    title: bool


class Color(NamedTuple):
    """What the Open Assets reference sees on a coin; the asset id's 20 bytes in hex."""

    asset: str
    quantity: int


class Entry(NamedTuple):
    """A record, or bytes that are none, in a repository's history. `height` is None in the mempool.

    `unproven`: it stands where a record counts, and nobody has proven the witness of its step.
    """

    txid: str
    height: int | None
    record: SimpleRecord | None
    counts: bool
    author: str
    violated: tuple[str, ...] = ()
    unproven: bool = False


@dataclass
class Repository:
    """A repository's title and history. `title` is None once it is lost; `owner` stays the last script then."""

    genesis: str
    height: int | None
    issuing_script: str
    genesis_input: Coin
    owner: str
    title: Coin | None
    units: int
    history: list[Entry] = field(default_factory=list)
    lost_in: str | None = None
    lost_at: int | None = None
    _final: dict[str, str] = field(default_factory=dict)

    @property
    def frozen(self) -> bool:
        return self.title is None

    def counted(self) -> list[Entry]:
        """The records that count, oldest first."""
        return [entry for entry in self.history if entry.counts]

    def bound(self, settled_height: int | None = None) -> dict[str, str]:
        """Tag key to digest, both hex; up to a height, or with the mempool."""
        tags: dict[str, str] = {}
        for entry in self.counted():
            deep = settled_height is None or (entry.height is not None and entry.height <= settled_height)
            if deep and entry.record is not None and entry.record.kind in ("RELEASE", "FINAL"):
                fitting = [tag for tag in entry.record.tags if tag not in entry.violated]
                tags.update(dict.fromkeys(fitting, entry.record.digest))
        return tags

    def revoked(self) -> set[str]:
        """Digests in hex that a counting record revokes."""
        return {entry.record.digest for entry in self.counted() if entry.record and entry.record.kind == "REVOKE"}

    def note(
        self, txid: str, height: int | None, marker: SimpleMarker, *, may_count: bool | None, author: bytes
    ) -> None:
        """The next step that carries metadata; `may_count` None where only an unproven witness would tell."""
        record = read_record(marker)
        counts = may_count is True and record is not None
        violated: tuple[str, ...] = ()
        if counts and record is not None and record.kind in ("RELEASE", "FINAL"):
            violated = tuple(tag for tag in record.tags if self._final.get(tag, record.digest) != record.digest)
            if record.kind == "FINAL":
                self._final.update({tag: record.digest for tag in record.tags if tag not in violated})
        self.history.append(Entry(txid, height, record, counts, author.hex(), violated, may_count is None))


@dataclass
class Judged:
    """Everything about a chain, spent coins too; `spent` says which those are."""

    genuine: dict[Coin, Units] = field(default_factory=dict)
    colors: dict[Coin, Color] = field(default_factory=dict)
    scripts: dict[Coin, bytes] = field(default_factory=dict)
    spent: dict[Coin, str] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)

    def holdings(self, genesis: str) -> dict[Coin, Units]:
        """The unspent genuine coins of a repository."""
        return {
            coin: units for coin, units in self.genuine.items() if units.genesis == genesis and coin not in self.spent
        }

    def balances(self, script: bytes) -> dict[str, int]:
        """Open Assets balance of a script, by asset id in hex."""
        sums: dict[str, int] = {}
        for coin, color in self.colors.items():
            if coin not in self.spent and self.scripts[coin] == script:
                sums[color.asset] = sums.get(color.asset, 0) + color.quantity
        return sums

    def add(self, tx: SimpleTx, height: int | None, *, proven: bool = True, colors: bool = True) -> None:
        """The next transaction, after all that it spends; `proven` says whether its witness is."""
        for n, script in enumerate(tx.scripts):
            self.scripts[tx.txid, n] = script
        if tx.is_coinbase:
            return
        if colors:
            self._add_colors(tx)
        found = strict_marker(tx)
        self._add_genuine(tx, found, height, proven=proven)
        self._add_genesis(tx, found, height, proven=proven)
        for coin in tx.spends:
            self.spent[coin] = tx.txid

    def _add_colors(self, tx: SimpleTx) -> None:
        """Open Assets: the first output that parses as a marker and colours without a contradiction."""
        for n, script in enumerate(tx.scripts):
            marker = loose_marker(script)
            if marker is None:
                continue
            outcome = self._colors_by(tx, n, marker)
            if outcome is not None:
                self.colors.update({(tx.txid, output): color for output, color in outcome.items()})
                return

    def _colors_by(self, tx: SimpleTx, marker_output: int, marker: SimpleMarker) -> dict[int, Color] | None:
        if len(marker.quantities) > len(tx.scripts) - 1:
            return None
        issued = ripemd160(hashlib.sha256(self.scripts[tx.spends[0]]).digest()).hex()
        queue = [self.colors[coin] for coin in tx.spends if coin in self.colors]
        outcome = {}
        for output, quantity in slots(tx, marker_output, marker.quantities):
            if quantity and output < marker_output:
                outcome[output] = Color(issued, quantity)
            elif quantity:
                assets, queue = _take(queue, quantity)
                if len(assets) != 1:
                    return None
                outcome[output] = Color(assets.pop(), quantity)
        return outcome

    def _add_genuine(
        self, tx: SimpleTx, found: tuple[int, SimpleMarker] | None, height: int | None, *, proven: bool
    ) -> None:
        """Closed transfers; whatever genuine units a transaction spends otherwise end there."""
        run = self._run(tx)
        moved = _closed_outputs(tx, run, found)
        for output, units in moved.items():
            self.genuine[tx.txid, output] = units
        title_output = next((output for output, units in moved.items() if units.title), None)
        for position, coin in enumerate(tx.spends):
            units_spent = self.genuine.get(coin)
            if units_spent is not None and units_spent.title:
                kept_in = title_output if position == 0 else None
                repository = self.repositories[units_spent.genesis]
                self._follow_title(tx, height, repository, found, kept_in, proven=proven)

    def _run(self, tx: SimpleTx) -> list[Units]:
        run: list[Units] = []
        for coin in tx.spends:
            units = self.genuine.get(coin)
            if units is None or (run and units.genesis != run[0].genesis):
                break
            run.append(units)
        return run

    def _follow_title(
        self,
        tx: SimpleTx,
        height: int | None,
        repository: Repository,
        found: tuple[int, SimpleMarker] | None,
        output: int | None,
        *,
        proven: bool,
    ) -> None:
        author = self.scripts[tx.spends[0]]
        if found is not None and found[1].metadata:
            same_script = output == 1 and tx.scripts[1].hex() == repository.owner
            in_place = found[0] == 0 and same_script
            signed = len(found[1].payload) <= MOST_PAYLOAD and _signed(tx, author, proven=proven)
            fitting = signed and not _is_genesis(found[1])
            repository.note(tx.txid, height, found[1], may_count=in_place and fitting, author=author)
        if output is None:
            repository.title, repository.lost_in, repository.lost_at = None, tx.txid, height
        else:
            repository.title, repository.owner = (tx.txid, output), tx.scripts[output].hex()

    def _add_genesis(
        self, tx: SimpleTx, found: tuple[int, SimpleMarker] | None, height: int | None, *, proven: bool
    ) -> None:
        if found is None or found[0] != 2 or len(found[1].quantities) != 2 or not _is_genesis(found[1]):
            return
        one, access_units = found[1].quantities
        author = self.scripts[tx.spends[0]]
        signed = _signed(tx, author, proven=proven)
        if one != 1 or not 1 <= access_units <= MOST_ACCESS_UNITS or signed is False:
            return
        self.genuine[tx.txid, 0] = Units(tx.txid, 1, title=True)
        self.genuine[tx.txid, 1] = Units(tx.txid, access_units, title=False)
        repository = Repository(
            genesis=tx.txid,
            height=height,
            issuing_script=author.hex(),
            genesis_input=tx.spends[0],
            owner=tx.scripts[0].hex(),
            title=(tx.txid, 0),
            units=access_units,
        )
        repository.note(tx.txid, height, found[1], may_count=signed, author=author)
        self.repositories[tx.txid] = repository


def _signed(tx: SimpleTx, author: bytes, *, proven: bool) -> bool | None:
    """Whether input 0 speaks for the whole transaction; None where a witness would tell that nobody has proven."""
    if not proven and can_author(author):
        return None
    return commits_to_everything(author, tx.witnesses[0])


def _is_genesis(marker: SimpleMarker) -> bool:
    record = read_record(marker)
    return record is not None and record.kind == "GENESIS"


def _take(queue: list[Color], quantity: int) -> tuple[set[str], list[Color]]:
    """The assets of the next units in the queue, none if they run out, and what is left."""
    assets = set()
    while quantity and queue:
        first, queue = queue[0], queue[1:]
        taken = min(quantity, first.quantity)
        assets.add(first.asset)
        quantity -= taken
        if first.quantity > taken:
            queue = [Color(first.asset, first.quantity - taken), *queue]
    return (set() if quantity else assets), queue


def _closed_outputs(tx: SimpleTx, run: list[Units], found: tuple[int, SimpleMarker] | None) -> dict[int, Units]:
    """Genuine units by output, if this is a closed transfer; nothing otherwise."""
    if not run or found is None:
        return {}
    marker_output, marker = found
    if any(marker.quantities[:marker_output]) or sum(marker.quantities) > sum(units.quantity for units in run):
        return {}
    wanted = [(output, quantity) for output, quantity in slots(tx, marker_output, marker.quantities) if quantity]
    moved = {output: Units(run[0].genesis, quantity, title=False) for output, quantity in wanted}
    if run[0].title and wanted and wanted[0][1] == 1:
        moved[wanted[0][0]] = Units(run[0].genesis, 1, title=True)
    return moved


class Rpc(Protocol):
    """A node that answers JSON-RPC, such as the harness's."""

    def rpc(self, method: str, *params: Any) -> Any: ...


def judge_transactions(transactions: Iterable[tuple[SimpleTx, int | None]]) -> Judged:
    """Judge transactions in the order of the chain, each with its height."""
    judged = Judged()
    for tx, height in transactions:
        judged.add(tx, height)
    return judged


def judge_chain(node: Rpc, *, mempool: bool = True) -> Judged:
    """Judge a node's whole best chain, and its mempool after it."""
    judged = Judged()
    for height in range(node.rpc("getblockcount") + 1):
        block = node.rpc("getblock", node.rpc("getblockhash", height), 2)
        for entry in block["tx"]:
            _add(judged, entry["txid"], entry["hex"], height)
    if mempool:
        waiting = node.rpc("getrawmempool", True)
        for txid in sorted(waiting, key=lambda one: (waiting[one]["ancestorcount"], one)):
            _add(judged, txid, node.rpc("getrawtransaction", txid), None)
    return judged


def _add(judged: Judged, txid: str, raw: str, height: int | None) -> None:
    tx = transaction_from_hex(raw)
    assert tx.txid == txid, "the judge reads a transaction otherwise than the node"
    judged.add(tx, height)
