"""Verifying by evidence over a node that threw its blocks away and keeps no index of transactions."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.images.verdict import Verdict
from regtest.node import Node
from regtest.plugin import NodeFactory
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.regtest.people import KeepsKeys, asked, issued, released, spent, with_wallet

pytestmark = [pytest.mark.node, pytest.mark.registry]

PRUNED = ("-txindex=0", "-blockfilterindex=0", "-prune=1", "-fastprune")
"""Small block files, which are pruned when told to."""


@dataclass(frozen=True)
class Edge:
    """A publisher with a whole node, and a consumer with a pruned one that gets the same blocks."""

    ground: Ground
    publisher: Person
    consumer: Person
    pruned: Node
    name: str
    folder: Path

    def catch_up(self) -> None:
        """The pruned node takes the other's blocks, and what waits there."""
        whole = self.ground.node
        for height in range(self.pruned.height() + 1, whole.height() + 1):
            self.pruned.rpc("submitblock", whole.rpc("getblock", whole.rpc("getblockhash", height), 0))
        for txid in whole.rpc("getrawmempool"):
            self.pruned.rpc("sendrawtransaction", whole.rpc("getrawtransaction", txid))
        assert self.pruned.best() == whole.best()

    def mined(self, blocks: int = 1) -> None:
        """Blocks on both."""
        self.ground.node.mine(blocks)
        self.catch_up()

    def evidence(self) -> str:
        """A file that the publisher hands out now."""
        file = self.folder / f"{len(list(self.folder.iterdir()))}.evidence"
        asked(self.publisher, "image", "history", self.name, "--evidence", str(file))
        return str(file)

    def verify(self, tag: str, evidence: str, expect: Verdict, *options: str) -> dict[str, object]:
        """What the consumer is told, by the pruned node."""
        return self.consumer.verify(f"{self.name}:{tag}", "--evidence", evidence, *options, expect=expect)


@pytest.fixture(scope="module")
def edge(ground: Ground, node_factory: NodeFactory, tmp_path_factory: pytest.TempPathFactory) -> Edge:
    publisher = with_wallet(ground, "publisher", sats=2_000_000, houses=KeepsKeys)
    name = issued(ground, publisher, "acme/edge")
    released(ground, publisher, name, "1.0", "latest")
    ground.node.mine(600)
    pruned = node_factory(extra=PRUNED)
    consumer = ground.person("edge", node=pruned)
    made = Edge(ground, publisher, consumer, pruned, name, tmp_path_factory.mktemp("evidence"))
    made.catch_up()
    assert pruned.rpc("pruneblockchain", 300) > 200
    return made


def genesis(edge: Edge) -> str:
    """The repository's identity, told by another way than the registry."""
    return str(asked(edge.publisher, "image", "show", edge.name)["genesis"])


def test_a_pruned_node_and_evidence_are_enough_to_verify(edge: Edge) -> None:
    answer = edge.verify("1.0", edge.evidence(), Verdict.VERIFIED, "--genesis", genesis(edge))
    assert answer["genesis"] == genesis(edge)
    without = edge.consumer.run("image", "verify", f"{edge.name}:1.0", "--genesis", genesis(edge), expect=None)
    assert without.code == int(Verdict.UNDECIDED), "an index needs the blocks"


def test_the_registrys_evidence_is_proven_like_any_other(edge: Edge) -> None:
    published = spent_nothing(edge, "image", "publish", edge.name, "--evidence")
    assert str(published["evidence"]).startswith("sha256:")
    edge.verify("1.0", "registry", Verdict.VERIFIED, "--genesis", genesis(edge))
    edge.verify("1.0", "registry", Verdict.UNPINNED)


def test_a_pin_is_taken_by_evidence_and_vouches_from_then_on(edge: Edge) -> None:
    spent_nothing(edge, "image", "publish", edge.name, "--evidence")
    newcomer = edge.ground.person("newcomer", node=edge.pruned)
    pinned = newcomer.run("image", "pin", edge.name, "--evidence", "registry", "--yes", "--json").document
    assert pinned["genesis"] == genesis(edge)
    newcomer.verify(f"{edge.name}:1.0", "--evidence", "registry", expect=Verdict.VERIFIED)
    other = "ab" * 32
    said = newcomer.refused("image", "pin", edge.name, "--genesis", other, "--evidence", edge.evidence(), "--yes")
    assert f"and {other} is asked for" in said


def spent_nothing(edge: Edge, *arguments: str) -> dict[str, object]:
    """What a command answers that signs nothing."""
    return asked(edge.publisher, *arguments)


def test_what_the_mempool_says_counts_with_evidence_too(edge: Edge) -> None:
    """A revocation that waits in the mempool is seen; once it is mined, the older evidence is no longer enough."""
    digest = released(edge.ground, edge.publisher, edge.name, "2.0")
    edge.mined()
    before = edge.evidence()
    edge.verify("2.0", before, Verdict.VERIFIED, "--genesis", genesis(edge))
    spent(edge.publisher, "image", "revoke", f"{edge.name}@{digest}", "--reason", "compromised")
    edge.catch_up()
    edge.verify("2.0", before, Verdict.REVOKED, "--genesis", genesis(edge))
    edge.mined()
    edge.verify("2.0", before, Verdict.UNDECIDED, "--genesis", genesis(edge))
    edge.verify("2.0", edge.evidence(), Verdict.REVOKED, "--genesis", genesis(edge))


def test_a_file_that_is_no_evidence_is_refused_with_what_to_do(edge: Edge) -> None:
    file = edge.folder / "none.evidence"
    file.write_text("something else\n")
    said = edge.consumer.refused("image", "verify", f"{edge.name}:1.0", "--evidence", str(file))
    assert "cut off, or none" in said
    assert "fetch it anew" in said
    gone = edge.consumer.refused("image", "verify", f"{edge.name}:1.0", "--evidence", str(edge.folder / "nowhere"))
    assert "cannot read" in gone


def test_evidence_is_not_written_over_a_file(edge: Edge) -> None:
    file = Path(edge.evidence())
    held = file.read_bytes()
    assert "exists already" in edge.publisher.refused("image", "history", edge.name, "--evidence", str(file))
    assert file.read_bytes() == held
    assert file.stat().st_mode & 0o777 == 0o600
