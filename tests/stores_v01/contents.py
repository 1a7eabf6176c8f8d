"""What is in the stores beside this file, and the chain that they were filled from."""

from dataclasses import dataclass
from pathlib import Path

from bitcoin.core import CTransaction

from tests.assets.index.harness import RELEASE, genesis, out, record
from wallet.chain.fake import FakeChain
from wallet.chain.source import BlockRef

FOLDER = Path(__file__).parent
PASSWORD = "the password of version 0.1"
"""Opens a keystore of test words that never held anything."""

WORDS = " ".join(["abandon"] * 11 + ["about"])
NOW = 1_790_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A chain in memory that comes out the same each time, and what is on it."""

    chain: FakeChain
    genesis: CTransaction
    release: CTransaction
    block: BlockRef
    """The block of the genesis."""


def contents() -> Contents:
    """A genesis and a release, each in a block."""
    chain = FakeChain()
    born = genesis(chain)
    block = chain.mine(born)
    released = record(out(born, 0), RELEASE)
    chain.mine(released)
    return Contents(chain=chain, genesis=born, release=released, block=block)
