"""What an owner's other transactions cost on the chain, in vB, beside the smallest possible: revoke, grant, hand-over.

The commands send real transactions to a real node, which says how large each is; the floor is that of `bench_cost`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_cost import LIMIT, line, marker, record_of
from regtest.harness import Harness
from regtest.publisher import Publisher

UNITS = 1_000_000
SOME = 500
"""Units that each recipient of a grant gets: two bytes in the marker."""


def address(harness: Harness) -> str:
    """A unit address of somebody else."""
    return str(harness.party("friend").json("wallet", "receive", "--units")["address"])


def granted(publisher: Publisher, name: str, recipients: int, left: int) -> tuple[int, float]:
    """Grants to so many recipients; the units that are left, and the ratio."""
    gifts = [f"{address(publisher.harness)}={SOME}" for _ in range(recipients)]
    (sent,) = publisher.act("access", "grant", name, *gifts)["transactions"]
    left -= SOME * recipients
    words = f"grant to {recipients} holder{'s' if recipients > 1 else ''}"
    ratio = line(words, publisher.harness.node, sent["txid"], marker((*(SOME,) * recipients, left), 0))
    publisher.harness.node.mine()
    return left, ratio


def main() -> None:
    """Revoke, grant to one, five and twenty, hand over with and without the treasury, and compare."""
    print(f"{'transaction':<44}{'shape':>14}{'vB':>10}{'floor':>10}{'ratio':>9}")
    with Harness() as harness:
        publisher, friend = Publisher(harness, coins=2), harness.party("friend")
        secret = friend.secret("password", "only for the harness")
        friend.run("wallet", "create", "--password-file", str(secret), "--words-out", str(friend.home / "words"))
        node, ratios = harness.node, []
        names = [f"{harness.registry.host}/{path}" for path in ("app", "web")]
        for name in names:
            publisher.act("image", "issue", name)
            node.mine()
        digest = "sha256:" + "11" * 32
        (sent,) = publisher.act("image", "revoke", f"{names[0]}@{digest}", "--reason", "broken")["transactions"]
        ratios.append(line("revoke, paid by the title", node, sent["txid"], marker((1,), 4 + 32 + 1)))
        node.mine()
        (sent,) = publisher.act("image", "define", names[0], "--description", "another")["transactions"]
        ratios.append(line("define, paid by the title", node, sent["txid"], marker((1,), record_of(names[0]))))
        node.mine()
        left = UNITS
        for recipients in (1, 5, 20):
            left, ratio = granted(publisher, names[0], recipients, left)
            ratios.append(ratio)
        (sent,) = publisher.act("image", "transfer", names[0], address(harness))["transactions"]
        ratios.append(line("hand-over with the treasury", node, sent["txid"], marker((1, left), 0)))
        (sent,) = publisher.act("image", "transfer", names[1], address(harness), "--no-treasury")["transactions"]
        ratios.append(line("hand-over of the title alone", node, sent["txid"], marker((1,), 0)))
    print(f"the worst is {max(ratios):.3f} of the smallest possible; the limit is {LIMIT}")
    if max(ratios) > LIMIT:
        raise SystemExit("a transaction is larger than it need be")


if __name__ == "__main__":
    main()
