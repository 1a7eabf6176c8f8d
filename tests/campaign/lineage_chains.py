"""A story on a whole chain: blocks, the index in its database, a reorganisation before it, and evidence in its place.

The chain holds the story's other branch first, and the index follows it; then these blocks are given up for the
story's. What the index says in the end must be what a fresh one says, which is what the judge says. Evidence that is
made from it must say the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bitcoin.core import CTransaction

from assets.images.evidence import parse_evidence
from assets.index.image_index import sync
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.evidence import evidence_access, make_evidence
from assets.store.index_store import IndexStore
from assets.store.passing_index import passing_index
from tests.campaign.lineage_stories import START, Sent, Story
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid
from wallet.network import REGTEST

_MEMORY = Path("/dev/shm")


def can_be_told(story: Story) -> bool:
    """Whether a node could have the story: it never shows a block without its witnesses."""
    return bool(story.funders) and all(one.proven for one in (*story.sent, *story.branch))


@contextmanager
def told_on_a_chain(story: Story) -> Iterator[tuple[ChainAccess, bool]]:
    """The story's chain and index, and whether blocks were given up on the way."""
    with TemporaryDirectory(prefix="lineage-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        chain, store = FakeChain(), IndexStore(Path(folder) / "index.db", REGTEST)
        access = ChainAccess(
            network=REGTEST,
            source=chain,
            store=store,
            catch_up=lambda: sync(chain, store, start_height=0),
            clock=lambda: chain.tip().time,
        )
        try:
            yield access, _told(story, chain, access)
        finally:
            store.close()


@contextmanager
def told_by_evidence(story: Story, access: ChainAccess) -> Iterator[ChainAccess]:
    """What somebody has who has the evidence of the story, made from an index, and a node."""
    genesis = Txid(bytes.fromhex(story.genesis)[::-1])
    evidence = parse_evidence(make_evidence(genesis, access).serialize())
    source = access.source
    assert isinstance(source, FakeChain)
    with evidence_access(lambda: evidence, REGTEST, source, access.clock, partial(passing_index, REGTEST)) as made:
        yield made


def _told(story: Story, chain: FakeChain, access: ChainAccess) -> bool:
    """The branch stays shorter than the story, as a branch does that is given up."""
    chain.mine(*map(CTransaction.deserialize, story.funders))
    blocks = _blocks(story.sent)
    kept = [one for one in story.branch if one.height is None or one.height < story.tip]
    branch = kept if len(kept) == len(story.branch) else [one for one in kept if one.height is not None]
    other = _blocks(branch)
    top = max(other, default=START - 1)
    _mine(chain, [other.get(height, []) for height in range(START, top + 1)])
    _wait(chain, branch)
    access.catch_up()
    for tx in chain.mempool:
        chain.evict(Txid(tx.GetTxid()))
    fork = START - 1
    while fork < top and _txids(blocks.get(fork + 1, [])) == _txids(other.get(fork + 1, [])):
        fork += 1
    following = [blocks.get(height, []) for height in range(fork + 1, story.tip + 1)]
    if top > fork:
        chain.reorg(top - fork, following, resurrect=False)
    else:
        _mine(chain, following)
    _wait(chain, story.sent)
    return top > fork


def _txids(txs: Sequence[CTransaction]) -> list[bytes]:
    return [tx.GetTxid() for tx in txs]


def _blocks(sent: Sequence[Sent]) -> dict[int, list[CTransaction]]:
    blocks: dict[int, list[CTransaction]] = {}
    for one in sent:
        if one.height is not None:
            blocks.setdefault(one.height, []).append(CTransaction.deserialize(one.raw))
    return blocks


def _mine(chain: FakeChain, blocks: Sequence[Sequence[CTransaction]]) -> None:
    for txs in blocks:
        if txs:
            chain.mine(*txs)
        else:
            chain.mine_empty()


def _wait(chain: FakeChain, sent: Sequence[Sent]) -> None:
    for one in sent:
        if one.height is None:
            chain.broadcast(CTransaction.deserialize(one.raw))
