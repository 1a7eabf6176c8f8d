"""The judge on a real chain: a genesis, records, a handover and a plain spend, signed and checked by the node."""

from typing import Any

import pytest

from regtest.node import Node
from tests.judge import writing
from tests.judge.simple_coloring import Color, Units, judge_chain

pytestmark = pytest.mark.node

ONE, TWO = "11" * 32, "22" * 32


def marker(quantities: bytes, metadata: bytes) -> dict[str, str]:
    """A `data` output of createrawtransaction."""
    payload = writing.TAG + bytes([len(quantities)]) + quantities + bytes([len(metadata)]) + metadata
    return {"data": payload.hex()}


class Publisher:
    """Whoever signs with a wallet inside the node; not the miner's, which would pay with the titles."""

    def __init__(self, node: Node) -> None:
        self.node = node
        node.rpc("createwallet", "publisher")
        self.address = self.new_address()

    def new_address(self) -> str:
        return str(self.node.rpc("getnewaddress", "", "bech32", wallet="publisher"))

    def coin(self, sats: int = 1_000_000) -> tuple[str, int]:
        """A fresh confirmed P2WPKH coin."""
        address = self.new_address()
        txid = self.node.fund(address, sats)
        self.node.mine()
        outputs: list[dict[str, Any]] = self.node.rpc("getrawtransaction", txid, 1)["vout"]
        return txid, next(out["n"] for out in outputs if out["scriptPubKey"]["address"] == address)

    def send(self, inputs: list[tuple[str, int]], outputs: list[dict[str, Any]], sighash: str = "ALL") -> str:
        """Sign and broadcast; the node judges the transaction."""
        spends = [{"txid": txid, "vout": vout} for txid, vout in inputs]
        raw = self.node.rpc("createrawtransaction", spends, outputs)
        signed = self.node.rpc("signrawtransactionwithwallet", raw, [], sighash, wallet="publisher")
        assert signed["complete"]
        return str(self.node.rpc("sendrawtransaction", signed["hex"]))

    def record(self, title: tuple[str, int], metadata: bytes, *, to: str = "", sighash: str = "ALL") -> str:
        """The title moves with a record; the fee comes out of a coin behind it."""
        money = self.coin(100_000)
        change = {self.new_address(): "0.00099"}
        return self.send([title, money], [marker(b"\x01", metadata), {to or self.address: "0.0001"}, change], sighash)


def release(digest: str, tag: str) -> bytes:
    return writing.release(digest, tag.encode())


def test_a_repository_is_judged_from_the_blocks_and_the_mempool(bitcoin_node: Node) -> None:
    publisher = Publisher(bitcoin_node)
    claim = writing.record(1, bytes(32) + b"registry.example/acme/app")
    layout = [{publisher.address: "0.0001"}, {publisher.new_address(): "0.0001"}]
    genesis = publisher.send(
        [publisher.coin()],
        [*layout, marker(b"\x01\x64", claim), {publisher.new_address(): "0.0097"}],
    )
    first = publisher.record((genesis, 0), release(ONE, "1.0"))
    partial = publisher.record((first, 1), release(TWO, "1.0"), sighash="SINGLE|ANYONECANPAY")
    buyer = publisher.new_address()
    sold = publisher.record((partial, 1), release(TWO, "2.0"), to=buyer)
    bitcoin_node.mine()
    tip = bitcoin_node.height()
    publisher.address = buyer
    revoked = publisher.record((sold, 1), writing.revoke(ONE, reason=2))

    judged = judge_chain(bitcoin_node)
    repository = judged.repositories[genesis]
    assert [(entry.txid, entry.counts) for entry in repository.history] == [
        (genesis, True),
        (first, True),
        (partial, False),
        (sold, False),
        (revoked, True),
    ]
    assert repository.title == (revoked, 1)
    assert repository.bound(tip) == {writing.tag_key("1.0"): ONE}
    assert repository.revoked() == {ONE}
    assert judge_chain(bitcoin_node, mempool=False).repositories[genesis].revoked() == set()
    assert set(judged.holdings(genesis)) == {(genesis, 1), (revoked, 1)}
    assert judged.genuine[genesis, 1] == Units(genesis, 100, title=False)
    assert [color.quantity for color in (judged.colors[genesis, 0], judged.colors[revoked, 1])] == [1, 1]

    bitcoin_node.mine()
    publisher.send([(revoked, 1)], [{publisher.new_address(): "0.00009"}])
    judged = judge_chain(bitcoin_node)
    assert judged.repositories[genesis].frozen
    assert judged.holdings(genesis) == {(genesis, 1): Units(genesis, 100, title=False)}
    asset = judged.colors[genesis, 1].asset
    assert judged.balances(judged.scripts[genesis, 1]) == {asset: 100}
    assert judged.colors[genesis, 1] == Color(asset, 100)
