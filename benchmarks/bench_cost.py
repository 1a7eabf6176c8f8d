"""What issuing and releasing cost on the chain, in vB, beside the smallest possible.

The commands send real transactions to a real node, which says how large each is. The smallest possible is computed here
from the serialisation alone (BIP141, BIP144): as many inputs and outputs as the transaction has, every script but the
marker's P2WPKH, every signature of 71 bytes, and a marker that is no longer than what it must carry: Open Assets'
tag and quantities, and a record of a four-byte header, a digest, and tags or a name.
"""

from typing import Any

from regtest.harness import Harness
from regtest.node import Node
from regtest.publisher import Publisher

OVERHEAD = 4 * (4 + 1 + 1 + 4) + 2
"""Weight of version, counts and locktime, and of the segwit marker and flag."""

INPUT = 4 * (32 + 4 + 1 + 4) + 1 + 1 + 71 + 1 + 33
"""Weight of a P2WPKH input: outpoint, empty script, sequence; two witness items with their lengths."""

OUTPUT = 4 * (8 + 1 + 22)
"""Weight of a P2WPKH output."""

LIMIT = 1.02
"""Above this ratio to the smallest possible, a transaction carries something that it need not."""


def marker(quantities: tuple[int, ...], record: int) -> int:
    """Weight of an OP_RETURN output: Open Assets' tag and version, the quantities in LEB128, the record's bytes."""
    lengths = sum(max(1, -(-quantity.bit_length() // 7)) for quantity in quantities)
    payload = 4 + 1 + lengths + 1 + record
    push = 1 if payload <= 75 else 2
    return 4 * (8 + 1 + 1 + push + payload)


def smallest(inputs: int, outputs: int, marked: int = 0) -> float:
    """vB of a transaction with so many inputs and P2WPKH outputs, and perhaps a marker output."""
    return (OVERHEAD + inputs * INPUT + outputs * OUTPUT + marked) / 4


def record_of(body: str) -> int:
    """Bytes of a record with a 32-byte hash and a text."""
    return 4 + 32 + len(body)


def line(words: str, node: Node, txid: str, marked: int = 0) -> float:
    """Prints one transaction beside its floor; the ratio."""
    decoded: dict[str, Any] = node.rpc("getrawtransaction", txid, 1)
    spendable = len(decoded["vout"]) - (1 if marked else 0)
    floor = smallest(len(decoded["vin"]), spendable, marked)
    size = int(decoded["weight"]) / 4
    shape = f"{len(decoded['vin'])} in, {len(decoded['vout'])} out"
    print(f"{words:<44}{shape:>14}{size:>10.2f}{floor:>10.2f}{size / floor:>9.3f}")
    return size / floor


def issue(publisher: Publisher, path: str, *options: str) -> tuple[str, list[float]]:
    """Issues a repository and measures both transactions."""
    node = publisher.harness.node
    name = f"{publisher.harness.registry.host}/{path}"
    answer = publisher.act("image", "issue", name, *options)
    funding, genesis = (one["txid"] for one in answer["transactions"])
    carried = name if len(name) <= 29 else "\0" + 20 * "h"
    ratios = [
        line("issue: the issuing coin", node, funding),
        line("issue: the genesis", node, genesis, marker((1, 1_000_000), record_of(carried))),
    ]
    node.mine()
    return name, ratios


def release(publisher: Publisher, name: str, tags: tuple[str, ...], words: str) -> float:
    """Releases and measures."""
    node = publisher.harness.node
    (sent,) = publisher.release(name, *tags)["transactions"]
    ratio = line(words, node, sent["txid"], marker((1,), record_of(",".join(tags))))
    node.mine()
    return ratio


def main() -> None:
    """Issue, release with one to three tags, with the title's own money and with more, and compare."""
    print(f"{'transaction':<44}{'shape':>14}{'vB':>10}{'floor':>10}{'ratio':>9}")
    with Harness() as harness:
        publisher = Publisher(harness, coins=2)
        rich, ratios = issue(publisher, "app")
        ratios += [
            release(
                publisher, rich, tags, f"release of {len(tags)} tag{'s' if len(tags) > 1 else ''}, paid by the title"
            )
            for tags in (("1.0",), ("1.1", "latest"), ("1.2", "1", "stable"))
        ]
        for number, tags in enumerate((("2.0",), ("2.1", "latest"), ("2.2", "2", "stable"))):
            poor, more = issue(publisher, f"poor{number}", "--title-value", "546")
            ratios += more
            words = f"release of {len(tags)} tag{'s' if len(tags) > 1 else ''}, paid by another coin"
            ratios.append(release(publisher, poor, tags, words))
    print(f"the worst is {max(ratios):.3f} of the smallest possible; the limit is {LIMIT}")
    if max(ratios) > LIMIT:
        raise SystemExit("a transaction is larger than it need be")


if __name__ == "__main__":
    main()
