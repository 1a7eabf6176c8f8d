"""Named transaction graphs: describe transactions by name, the builder computes ids and outpoints.

    graph = Graph()
    graph.coin("seed", script("issuer"))
    graph.genesis("genesis", "seed:0", owner=script("alice"))
    graph.record("release", "genesis:0", record=b"...")

Scripts are P2WPKH of a name; witnesses have the form of valid ones (a strict DER signature and a public key) without
being valid. `Graph` answers `transaction(txid)` as a chain source does, and counts the questions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bitcoin.core import (
    CMutableTransaction,
    COutPoint,
    CTransaction,
    CTxIn,
    CTxInWitness,
    CTxOut,
    CTxWitness,
    Hash160,
)
from bitcoin.core.script import CScript, CScriptWitness

from assets.images.record import Genesis, RecordName
from assets.protocols.open_assets.marker import Marker, marker_script
from wallet.chain.source import BlockRef, FoundTransaction, Tip
from wallet.hashes import BlockHash, Txid, sha256, txid_of
from wallet.transactions import RBF_SEQUENCE

NAME = "registry.example/acme/app"
ALL, NONE, SINGLE, ANYONECANPAY = 0x01, 0x02, 0x03, 0x80


def script(name: str) -> CScript:
    """The P2WPKH script of a made-up key."""
    return CScript(b"\x00\x14" + Hash160(name.encode()))


def p2wsh(witness_script: bytes) -> CScript:
    """The P2WSH script of a witness script."""
    return CScript(b"\x00\x20" + sha256(witness_script))


def p2tr(name: str) -> CScript:
    """A taproot script of a made-up key."""
    return CScript(b"\x51\x20" + sha256(name.encode()))


def p2pkh(name: str) -> CScript:
    """The legacy script of a made-up key."""
    return CScript(b"\x76\xa9\x14" + Hash160(name.encode()) + b"\x88\xac")


def der_signature(name: str = "", sighash: int = ALL) -> bytes:
    """Bytes with the strict DER form of an ECDSA signature and a sighash byte."""
    r_value, s_value = (bytes([0x11]) + sha256(f"{part}{name}".encode())[1:] for part in "rs")
    return b"\x30\x44\x02\x20" + r_value + b"\x02\x20" + s_value + bytes([sighash])


def public_key(name: str = "") -> bytes:
    """33 bytes that look like a compressed public key."""
    return b"\x02" + sha256(f"key{name}".encode())


def segwit(name: str = "", sighash: int = ALL) -> tuple[bytes, ...]:
    """The two items of a P2WPKH witness."""
    return der_signature(name, sighash), public_key(name)


def marker(quantities: Sequence[int], metadata: bytes = b"") -> CTxOut:
    """A marker output without value."""
    return CTxOut(0, marker_script(Marker(tuple(quantities), metadata)))


def pay(to: str | CScript, value: int = 1_000) -> CTxOut:
    """An output to a named key or a script."""
    return CTxOut(value, script(to) if isinstance(to, str) else to)


def genesis_record(name: str = NAME, definition: bytes = b"\xdd" * 32) -> bytes:
    """The bytes of a GENESIS record."""
    return Genesis(definition=definition, name=RecordName.of(name)).serialize()


def with_witnesses(tx: CTransaction, witnesses: Sequence[Sequence[bytes]]) -> CTransaction:
    """The same transaction (and txid) with other witnesses; an empty sequence strips one."""
    stacks = [CTxInWitness(CScriptWitness(list(stack))) for stack in witnesses]
    return CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion, CTxWitness(stacks))


@dataclass(frozen=True, slots=True)
class Spend:
    """An input: `name:vout` of an earlier transaction, its witness and sequence."""

    what: str
    witness: tuple[bytes, ...] = segwit()
    sequence: int = RBF_SEQUENCE


class Graph:
    """Transactions by name. Confirmed ones are in a made-up block of their own; `mempool` names the others.

    `reorganise` exchanges the blocks of a name and of all that came after it.
    """

    def __init__(self) -> None:
        self.transactions: dict[str, CTransaction] = {}
        self.mempool: set[str] = set()
        self.asked: Counter[Txid] = Counter()
        self._names: dict[Txid, str] = {}
        self._heights: dict[str, int] = {}
        self._salts: list[tuple[str, bytes]] = []
        self._reorganised = 0

    def add(
        self,
        name: str,
        inputs: Sequence[str | Spend | COutPoint],
        outputs: Sequence[CTxOut],
        *,
        version: int = 2,
        locktime: int = 0,
    ) -> CTransaction:
        """A transaction. A string input is `name:vout` with a P2WPKH witness; a COutPoint is outside of the graph."""
        spends = [Spend(item) if isinstance(item, str) else item for item in inputs]
        vin = [
            CTxIn(spend, CScript(), RBF_SEQUENCE)
            if isinstance(spend, COutPoint)
            else CTxIn(self.outpoint(spend.what), CScript(), spend.sequence)
            for spend in spends
        ]
        bare = CTransaction.from_tx(CMutableTransaction(vin, list(outputs), locktime, version))
        witnesses = [segwit() if isinstance(spend, COutPoint) else spend.witness for spend in spends]
        return self.put(name, with_witnesses(bare, witnesses))

    def put(self, name: str, tx: CTransaction) -> CTransaction:
        """A finished transaction under a name; replaces one of the same name."""
        self.transactions[name] = tx
        self._names[txid_of(tx)] = name
        if name not in self._heights:
            self._heights[name] = len(self._salts)
            self._salts.append((name, b""))
        return tx

    def reorganise(self, name: str) -> None:
        """Other blocks from this name's on."""
        self._reorganised += 1
        for height in range(self._heights[name], len(self._salts)):
            self._salts[height] = (self._salts[height][0], b"%d" % self._reorganised)

    def coin(self, name: str, *to: str | CScript, value: int = 100_000) -> CTransaction:
        """A transaction from nowhere that pays `value` sats to each script; uncoloured."""
        return self.add(name, [COutPoint(sha256(name.encode()), 0)], [pay(item, value) for item in to])

    def genesis(
        self,
        name: str,
        spends: str | Spend,
        *more: str | Spend,
        owner: str | CScript = "owner",
        units: int = 1_000_000,
        record: bytes = genesis_record(),
    ) -> CTransaction:
        """A genesis: title, treasury, marker, change."""
        outputs = [pay(owner, 10_000), pay(owner, 330), marker([1, units], record), pay("change")]
        return self.add(name, [spends, *more], outputs)

    def record(
        self, name: str, title: str | Spend, *more: str | Spend, record: bytes, owner: str | CScript | None = None
    ) -> CTransaction:
        """A title-only move with a record; `owner` None keeps the title on its script."""
        held = self.txout(title.what if isinstance(title, Spend) else title)
        target = held.scriptPubKey if owner is None else owner
        return self.add(name, [title, *more], [marker([1], record), pay(target, held.nValue), pay("change")])

    def __getitem__(self, name: str) -> CTransaction:
        return self.transactions[name]

    def txid(self, name: str) -> Txid:
        """The id of a named transaction."""
        return txid_of(self.transactions[name])

    def outpoint(self, what: str) -> COutPoint:
        """The outpoint of `name:vout`."""
        name, _, vout = what.rpartition(":")
        return COutPoint(self.txid(name), int(vout))

    def txout(self, what: str) -> CTxOut:
        """The output of `name:vout`."""
        name, _, vout = what.rpartition(":")
        return self.transactions[name].vout[int(vout)]

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """Answers as a TxSource does."""
        self.asked[txid] += 1
        name = self._names.get(txid)
        if name is None:
            return None
        block = None if name in self.mempool else self._block(self._heights[name])
        return FoundTransaction(tx=self.transactions[name], block=block)

    def block_hash(self, height: int) -> BlockHash | None:
        """Answers as a BlockSource does."""
        return self._block(height).hash if 0 <= height < len(self._salts) else None

    def tip(self) -> Tip:
        """The block of the transaction that was added last."""
        last = self._block(len(self._salts) - 1)
        return Tip(height=last.height, hash=last.hash, time=0, headers=last.height, syncing=False)

    def _block(self, height: int) -> BlockRef:
        name, salt = self._salts[height]
        return BlockRef(height, BlockHash(sha256(txid_of(self.transactions[name]) + salt)))
