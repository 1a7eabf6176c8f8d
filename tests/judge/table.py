"""A lineage told in a table of records, for tests: one record a block unless it waits in the mempool."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.judge import writing
from tests.judge.simple_coloring import Judged, Repository
from tests.judge.simple_transaction import Coin, transaction_from_bytes
from tests.judge.simple_verdict import Answer, Verdicts

OWNER = writing.p2wpkh("owner")
SIGNED = (writing.signature(), b"\x02" + bytes(32))


def digest(name: str) -> str:
    """A made-up digest; its first byte is readable where a test fails."""
    return name.encode().hex().ljust(64, "0")


class Row(NamedTuple):
    """A record of the title, as its metadata. `settled` False: the mempool. `witness` None: nobody has it."""

    metadata: bytes
    settled: bool = True
    witness: tuple[bytes, ...] | None = SIGNED
    outputs: tuple[writing.Output, ...] | None = None


def lineage(rows: Sequence[Row], owner: bytes = OWNER, genesis_witness: tuple[bytes, ...] = SIGNED) -> Repository:
    """The repository that a genesis and these records make, one block each from height 100 on."""
    judged = Judged()
    source: Coin = ("ab" * 32, 0)
    judged.scripts[source] = OWNER
    body = writing.record(1, bytes(32) + b"registry.example/app")
    outputs = [(10_000, owner), (330, owner), writing.marker([1, 9], body), (500, OWNER)]
    written = writing.transaction([source], outputs, [genesis_witness])
    judged.add(transaction_from_bytes(written.raw), 100, colors=False)
    genesis = title = written.txid
    number = 0
    for height, row in enumerate(rows, start=101):
        paid = row.outputs or (writing.marker([1], row.metadata), (9_000, owner), (500, OWNER))
        written = writing.transaction([(title, number)], paid, [row.witness or ()], lock_time=height)
        proven = row.witness is not None
        tx = transaction_from_bytes(written.raw)
        judged.add(tx, height if row.settled else None, proven=proven, colors=False)
        title, number = judged.repositories[genesis].title or (written.txid, 1)
    return judged.repositories[genesis]


def answer(
    rows: Sequence[Row],
    asked: str,
    tag: str | None = "1",
    documents: Mapping[str, tuple[str, ...] | None] | None = None,
) -> Answer:
    """The answer for a digest by name; documents by name, every one of whose entries is an image unless told."""
    known: dict[str, tuple[str, ...] | None] = {}
    for name, entries in (documents or {}).items():
        known[digest(name)] = None if entries is None else tuple(map(digest, entries))
        for entry in entries or ():
            known.setdefault(digest(entry), None)
    for name in documents or {}:
        if name.startswith("-"):
            known.pop(digest(name[1:]), None)
            known.pop(digest(name), None)
    key = None if tag is None else writing.tag_key(tag)
    return Verdicts(lineage(rows), known, settled_height=10_000).answer(key, digest(asked))


def released(name: str, tags: str = "1", *, final: bool = False, settled: bool = True) -> Row:
    return Row(writing.release(digest(name), tags.encode(), final=final), settled)


def revoked(name: str, *, alone: bool = False, reason: int = 0, settled: bool = True) -> Row:
    return Row(writing.revoke(digest(name), alone=alone, reason=reason), settled)


def sealed(plaintext: str, ciphertext: str, *, settled: bool = True) -> Row:
    return Row(writing.seal(digest(plaintext), digest(ciphertext)), settled)
