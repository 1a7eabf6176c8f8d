"""The byte search, the block's layout, and the two proofs."""

import struct

import pytest
from bitcoin.core import CBlock, COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.index.blocks import merkle_root, transaction_spans, txids_of
from assets.index.scan import MARKER_BYTES, find_hits
from tests.assets.index.harness import out, spend
from tests.builders import marker, pay, script, with_witnesses
from wallet.chain.fake import FakeChain, raw_blocks
from wallet.errors import ChainError
from wallet.hashes import txid_of


def _block(*outputs_of_txs: list[CTxOut], filler: int = 0) -> tuple[FakeChain, bytes, list[CTransaction]]:
    chain = FakeChain()
    txs = []
    for number, outputs in enumerate(outputs_of_txs):
        coin = chain.fund(script(f"coin {number}"), 50_000)
        txs.append(spend([coin], outputs))
    txs += [spend([chain.fund(script("filler"), 1_000)], [pay("x")]) for _ in range(filler)]
    chain.mine(*txs)
    return chain, raw_blocks(chain, [chain.tip().height])[0], txs


def test_a_block_without_the_marker_bytes_is_not_looked_into() -> None:
    assert find_hits(b"no block at all") is None


def test_a_hit_is_found_with_its_number_id_and_witnesses() -> None:
    _, raw, txs = _block([pay("a")], [marker([1]), pay("b")], [pay("c"), pay("d")])
    found = find_hits(raw)
    assert found is not None
    assert found.witnesses_proven
    (hit,) = found.hits
    assert (hit.index, hit.txid) == (2, txid_of(txs[1]))
    assert hit.tx == txs[1]
    assert hit.tx.has_witness()


def test_every_transaction_of_a_hit_block_is_within_reach_and_strangers_are_not() -> None:
    _, raw, txs = _block([marker([1]), pay("b")], [pay("c")])
    found = find_hits(raw)
    assert found is not None
    assert found.txids[1:] == tuple(txid_of(tx) for tx in txs)
    reached = found.transaction(txid_of(txs[1]))
    assert reached is not None
    assert reached.vout == txs[1].vout
    assert found.transaction(txid_of(spend([COutPoint(b"\1" * 32, 0)], []))) is None


@pytest.mark.parametrize(
    "bad_script",
    [
        pytest.param(script("x") + MARKER_BYTES, id="a script that does not begin with 6a"),
        pytest.param(b"\x6a" + MARKER_BYTES[:3], id="a truncated tag"),
    ],
)
def test_marker_bytes_elsewhere_are_no_hit(bad_script: bytes) -> None:
    _, raw, _ = _block([pay(CScript(bad_script))])
    assert find_hits(raw) is None


def test_marker_bytes_in_a_witness_are_no_hit() -> None:
    chain = FakeChain()
    tx = with_witnesses(spend([chain.fund(script("a"), 1_000)], [pay("b")]), [[b"\x6a" + MARKER_BYTES]])
    chain.mine(tx)
    raw = raw_blocks(chain, [chain.tip().height])[0]
    assert MARKER_BYTES in raw
    assert find_hits(raw) is None


def test_marker_bytes_across_two_outputs_are_no_hit() -> None:
    first = pay(CScript(b"\x6a\x4f\x41"), 1)
    second = pay(CScript(b"\x00"), int.from_bytes(b"\x01\x00" + bytes(6), "little"))
    _, raw, _ = _block([first, second])
    assert find_hits(raw) is None


@pytest.mark.parametrize("size", [0xFC, 0xFD, 0x100, 0x1_0000])
def test_long_scripts_and_many_outputs_are_read(size: int) -> None:
    long = pay(CScript(b"\x6a" + bytes(size) + MARKER_BYTES))
    _, raw, txs = _block([pay("x")] * 300, [long, *[pay("y")] * 260])
    found = find_hits(raw)
    assert found is not None
    assert [hit.txid for hit in found.hits] == [txid_of(txs[1])]


def test_the_layout_agrees_with_the_library_on_every_transaction() -> None:
    _, raw, _ = _block([pay("a")] * 3, [marker([1]), pay("b")], filler=20)
    spans = transaction_spans(raw, MARKER_BYTES)
    block = CBlock.deserialize(raw)
    assert txids_of(raw, spans) == tuple(tx.GetTxid() for tx in block.vtx)
    assert [raw[span.start : span.stop] for span in spans] == [tx.serialize() for tx in block.vtx]


def test_a_header_that_commits_to_other_transactions_is_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    with pytest.raises(ChainError, match="header commits"):
        find_hits(raw[:40] + bytes([raw[40] ^ 1]) + raw[41:])


def test_a_changed_output_is_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b", 1_000)])
    needle = struct.pack("<q", 1_000) + b"\x16" + script("b")
    assert needle in raw
    with pytest.raises(ChainError, match="header commits"):
        find_hits(raw.replace(needle, struct.pack("<q", 1_001) + b"\x16" + script("b")))


def test_transactions_doubled_at_the_end_are_refused_although_the_root_is_the_same() -> None:
    _, raw, _ = _block([marker([1]), pay("b")], [pay("c")])
    block = CBlock.deserialize(raw)
    assert len(block.vtx) == 3
    doubled = raw[:80] + b"\x04" + b"".join(tx.serialize() for tx in (*block.vtx, block.vtx[-1]))
    leaves = tuple(tx.GetTxid() for tx in (*block.vtx, block.vtx[-1]))
    assert merkle_root(leaves) == (raw[36:68], True)
    with pytest.raises(ChainError, match="header commits"):
        find_hits(doubled)


def test_a_list_of_inner_hashes_that_poses_as_a_block_is_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    block = CBlock.deserialize(raw)
    inner = b"".join(tx.GetTxid() for tx in block.vtx)
    assert len(inner) == 64
    with pytest.raises(ChainError):
        find_hits(raw[:80] + b"\x01" + inner + MARKER_BYTES)


def test_a_block_without_coinbase_is_refused() -> None:
    _, raw, txs = _block([marker([1]), pay("b")])
    with pytest.raises(ChainError, match="coinbase"):
        find_hits(raw[:80] + b"\x01" + txs[0].serialize())


def test_a_stripped_witness_is_unproven() -> None:
    _, raw, txs = _block([marker([1]), pay("b")])
    stripped = with_witnesses(txs[0], [[]])
    found = find_hits(raw.replace(txs[0].serialize(), stripped.serialize()))
    assert found is not None
    assert not found.witnesses_proven
    assert not found.hits[0].tx.has_witness()
    assert found.hits[0].txid == txid_of(txs[0])


def test_a_forged_witness_is_unproven_and_not_handed_on() -> None:
    _, raw, txs = _block([marker([1]), pay("b")])
    forged = with_witnesses(txs[0], [[b"forged", b"key"]])
    found = find_hits(raw.replace(txs[0].serialize(), forged.serialize()))
    assert found is not None
    assert not found.witnesses_proven
    assert not found.hits[0].tx.has_witness()


def test_a_block_without_commitment_proves_no_witness() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    block = CBlock.deserialize(raw)
    coinbase = CTransaction(block.vtx[0].vin, block.vtx[0].vout[:1], 0, 2)
    leaves = (coinbase.GetTxid(), block.vtx[1].GetTxid())
    header = raw[:36] + merkle_root(leaves)[0] + raw[68:80]
    found = find_hits(header + b"\x02" + coinbase.serialize() + block.vtx[1].serialize())
    assert found is not None
    assert not found.witnesses_proven
    assert not found.hits[0].tx.has_witness()


def test_only_the_last_commitment_of_the_coinbase_counts() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    block = CBlock.deserialize(raw)
    good = block.vtx[0].vout[1]
    bad = pay(CScript(good.scriptPubKey[:6] + bytes(32)), 0)
    for outputs, proven in (((bad, good), True), ((good, bad), False)):
        old = block.vtx[0]
        coinbase = CTransaction(old.vin, [old.vout[0], *outputs], 0, 2, old.wit)
        header = raw[:36] + merkle_root((coinbase.GetTxid(), block.vtx[1].GetTxid()))[0] + raw[68:80]
        found = find_hits(header + b"\x02" + coinbase.serialize() + block.vtx[1].serialize())
        assert found is not None
        assert found.witnesses_proven is proven


def test_every_truncation_of_a_hit_block_is_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b")], [pay("c")])
    first = raw.index(MARKER_BYTES) + len(MARKER_BYTES)
    for end in range(first, len(raw)):
        with pytest.raises(ChainError):
            find_hits(raw[:end])


def test_bytes_behind_the_last_transaction_are_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    with pytest.raises(ChainError, match="does not end with its last transaction"):
        find_hits(raw + b"\0")


def test_a_length_in_a_longer_form_than_needed_is_refused() -> None:
    _, raw, _ = _block([marker([1]), pay("b")])
    with pytest.raises(ChainError, match="shortest"):
        find_hits(raw[:80] + b"\xfd\x02\x00" + raw[81:])


_RAW = _block([marker([1]), pay("b")], [pay("c")])[1]


@given(position=st.integers(80, len(_RAW) - 1), value=st.integers(0, 255))
@settings(max_examples=300, deadline=None)
@example(position=80, value=0xFF)
def test_a_changed_byte_gives_an_answer_or_a_chain_error(position: int, value: int) -> None:
    try:
        found = find_hits(_RAW[:position] + bytes([value]) + _RAW[position + 1 :])
    except ChainError:
        return
    if found is not None and value != _RAW[position]:
        assert not found.witnesses_proven


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_an_answer_or_a_chain_error(data: bytes) -> None:
    try:
        find_hits(bytes(80) + data + MARKER_BYTES)
    except ChainError:
        return


def test_a_spent_script_is_read_from_the_same_block() -> None:
    chain = FakeChain()
    first = spend([chain.fund(script("a"), 9_000)], [pay("issuer")])
    second = spend([out(first, 0)], [marker([1]), pay("b")])
    chain.mine(first, second)
    found = find_hits(raw_blocks(chain, [chain.tip().height])[0])
    assert found is not None
    assert found.transaction(txid_of(first)) is not None
