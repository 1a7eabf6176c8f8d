"""Merkle branches: they lead from every leaf to the root that the whole list has, and from nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.index.blocks import merkle_root
from assets.index.branches import branch_of, climb, step_of
from wallet.chain.fake import FakeChain
from wallet.errors import ChainError
from wallet.hashes import Txid, sha256

leaves_of = st.integers(1, 40).map(lambda count: tuple(sha256(bytes([number])) for number in range(count)))


@given(leaves_of, st.data())
def test_every_branch_leads_to_the_root_from_its_own_place_only(leaves: tuple[bytes, ...], data: st.DataObject) -> None:
    root, _ = merkle_root(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    branch = branch_of(leaves, index)
    assert climb(leaves[index], index, branch) == root
    other = data.draw(st.integers(0, 2 ** len(branch) + 1))
    if other != index:
        assert climb(leaves[index], other, branch) != root


@pytest.mark.parametrize("count", [3, 5, 6, 7, 11])
def test_the_double_of_an_odd_last_leaf_is_no_leaf(count: int) -> None:
    """The root of [a, b, c] is that of [a, b, c, c], too (CVE-2012-2459): only the first c is there."""
    leaves = tuple(sha256(bytes([number])) for number in range(count))
    doubled = (*leaves, leaves[-1])
    if merkle_root(doubled)[0] == merkle_root(leaves)[0]:
        branch = branch_of(doubled, count)
        assert climb(leaves[-1], count, branch) is None
    assert climb(leaves[-1], count - 1, branch_of(leaves, count - 1)) == merkle_root(leaves)[0]


@pytest.mark.parametrize("index", [-1, 4, 2**40])
def test_a_place_beyond_the_tree_leads_nowhere(index: int) -> None:
    leaves = tuple(sha256(bytes([number])) for number in range(4))
    assert climb(leaves[0], index, branch_of(leaves, 0)) is None


def test_a_transaction_that_a_block_does_not_hold_has_no_step() -> None:
    chain = FakeChain()
    chain.mine_empty(1)
    ((_, raw),) = chain.blocks(1, 1)
    with pytest.raises(ChainError, match="does not hold"):
        step_of(raw, Txid(b"\x11" * 32))
