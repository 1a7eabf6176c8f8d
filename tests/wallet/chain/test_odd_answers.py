"""Whatever a node answers, a caller gets its shape or one documented error: every number, every field, every byte."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from tests.assets.services.fake_session import transaction
from tests.builders import pay
from tests.wallet.chain.crooked import CrookedNode, Reply
from wallet.chain import answers as answers_module
from wallet.chain import rpc as rpc_module
from wallet.chain.answers import decode
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.coin_search import search_coins
from wallet.chain.rest import Rest
from wallet.chain.rpc import Rpc
from wallet.chain.watch import WatchWallet
from wallet.coins import KeyPath
from wallet.errors import ChainError, FeeError
from wallet.hashes import display, txid_of
from wallet.keys.descriptor import OutputDescriptor
from wallet.network import REGTEST


class OneScript:
    """A wallet whose keys all have the script that `TX` pays. Implements `ScriptSet`."""

    network = REGTEST
    fingerprint = bytes(4)

    def descriptors(self) -> tuple[OutputDescriptor, ...]:
        return ()

    def script(self, path: KeyPath) -> CScript:
        script: CScript = TX.vout[0].scriptPubKey
        return script


TX = transaction(COutPoint(bytes(range(32)), 0), pay("somebody", 1_000))
TXID = display(txid_of(TX))
BLOCK = "11" * 32
UTXO = {"bestblock": BLOCK, "confirmations": 3, "value": 0.001, "scriptPubKey": {"hex": "00"}, "coinbase": False}
ENTRY = {
    "txid": TXID,
    "category": "receive",
    "vout": 0,
    "confirmations": 1,
    "blockhash": BLOCK,
    "blockheight": 5,
    "blockindex": 1,
    "blocktime": 1_700_000_000,
    "timereceived": 1_700_000_000,
    "abandoned": False,
}
GOOD: dict[str, Any] = {
    "getblockchaininfo": {
        "chain": "regtest",
        "blocks": 7,
        "headers": 7,
        "bestblockhash": BLOCK,
        "time": 1_700_000_000,
        "initialblockdownload": False,
        "pruned": True,
        "pruneheight": 2,
        "warnings": ["one"],
    },
    "getblockheader": {"height": 7, "time": 1_700_000_000, "confirmations": 1},
    "getrawtransaction": {"hex": TX.serialize().hex(), "blockhash": BLOCK, "confirmations": 1},
    "getbestblockhash": BLOCK,
    "getblockhash": BLOCK,
    "gettxout": UTXO,
    "gettxspendingprevout": [{"txid": TXID, "vout": 0, "spendingtxid": TXID}],
    "getindexinfo": {"txindex": {"synced": True, "best_block_height": 7}},
    "estimatesmartfee": {"feerate": 0.00002, "blocks": 6},
    "getmempoolinfo": {"mempoolminfee": 0.00001, "minrelaytxfee": 0.00001, "size": 3, "maxdatacarriersize": 83},
    "getnetworkinfo": {"version": 290000, "subversion": "/x/", "connections": 3, "warnings": "one"},
    "listwallets": ["watch"],
    "listunspent": [
        {
            "txid": TXID,
            "vout": 0,
            "scriptPubKey": "00",
            "amount": 0.00001,
            "confirmations": 2,
            "desc": "wpkh([00000000/84h/1h/0h/0/0]02)",
            "safe": True,
        }
    ],
    "listsinceblock": {"transactions": [ENTRY], "removed": [ENTRY], "lastblock": BLOCK},
    "gettransaction": {"hex": TX.serialize().hex()},
    "getwalletinfo": {"private_keys_enabled": False, "descriptors": True, "scanning": {"progress": 0.5}},
    "scantxoutset": {"success": True, "height": 7, "unspents": [{"amount": 0.1, "height": 3}]},
    "testmempoolaccept": [{"allowed": False, "reject-reason": "no"}],
    "sendrawtransaction": TXID,
}
HOSTILE = (
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e99999999999999999999",
    "1" * 400,
    "-1",
    "9007199254740993",
    "18446744073709551616",
    "0.000000001",
    "true",
    "null",
    '"text"',
    '"\\ud800"',
    "[]",
    "{}",
    "[" * 3_000,
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in an answer, the answer itself first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from leaves(one, (*path, key))


def swapped(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """An answer with one value exchanged."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = swapped(value[path[0]], path[1:], other)
    return copy


class OddNode:
    """A node that answers rightly but for one value of one method."""

    def __init__(self) -> None:
        self.method, self.path, self.token = "", (), ""
        self.asked: set[str] = set()

    def odd(self, method: str, path: tuple[Any, ...], token: str) -> None:
        self.method, self.path, self.token = method, path, token

    def result(self, method: str) -> Any:
        self.asked.add(method)
        good = GOOD.get(method)
        return swapped(good, self.path, "@@") if method == self.method else good

    def answer(self, method: str, params: list[Any]) -> Reply:
        if method == "batch":
            one = [{"id": call["id"], "result": self.result(call["method"]), "error": None} for call in params]
            return self._reply(one)
        return self._reply({"result": self.result(method), "error": None, "id": 1})

    def _reply(self, document: Any) -> Reply:
        return Reply(body=json.dumps(document).replace('"@@"', self.token).encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module")
def odd() -> Iterator[tuple[OddNode, dict[str, Callable[[], object]]]]:
    """Such a node, and every question that is asked of nodes."""
    made = OddNode()
    with CrookedNode(made.answer) as server:
        rpc, rest = Rpc(server.endpoint, network=REGTEST), Rest(server.endpoint)
        rest.available = False
        node, watch = Bitcoind(rpc, rest, REGTEST), WatchWallet(rpc, OneScript())
        coin = COutPoint(bytes(32), 0)
        yield (
            made,
            {
                "tip": node.tip,
                "transaction": lambda: node.transaction(txid_of(TX)),
                "unspent": lambda: node.unspent(coin),
                "spender": lambda: node.spender(coin),
                "fee": lambda: node.fee_estimate(6),
                "hash": lambda: node.block_hash(5),
                "header": lambda: node.header(bytes(32)),  # type: ignore[arg-type]
                "status": node.status,
                "broadcast": lambda: node.broadcast(TX),
                "unspent scripts": watch.unspent,
                "history": watch.history,
                "scan": watch.scan_progress,
                "search": lambda: search_coins(rpc, OneScript(), keys=1),
                "preflight": lambda: node.refusal(TX),
            },
        )
        rest.close()
        rpc.close()


def _asked(question: Callable[[], object]) -> bool:
    """Whether a question is answered; anything but an answer is a documented error."""
    try:
        question()
    except (ChainError, FeeError):
        return False
    return True


@pytest.mark.parametrize("method", GOOD)
def test_s36_an_answer_with_one_odd_value_is_understood_or_refused(
    odd: tuple[OddNode, dict[str, Callable[[], object]]], method: str
) -> None:
    node, questions = odd
    node.odd("", (), "")
    concerned = []
    for question in questions.values():
        node.asked.clear()
        _asked(question)
        concerned += [question] if method in node.asked else []
    assert concerned, "somebody asks it"
    chosen, refused = random.Random(method), 0
    paths = list(leaves(GOOD[method]))
    for path in paths:
        for token in chosen.sample(HOSTILE, 4 if len(paths) > 4 else 9):
            node.odd(method, path, token)
            refused += sum(not _asked(question) for question in concerned[:3])
    assert refused, "something of it was refused"


@pytest.mark.parametrize("raw", [token.encode() for token in HOSTILE[:7]] + [b"\xff", b"", b"{", b"1 2", b"[" * 10**6])
def test_s36_what_is_no_strict_json_is_one_error(raw: bytes) -> None:
    if raw.isdigit():
        assert decode(raw) == int(raw)
        return
    with pytest.raises(ValueError, match="number"):
        decode(raw)


def test_s36_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "MAX_ANSWER", 100)
    monkeypatch.setattr(answers_module, "MAX_ANSWER", 100)
    long = Reply(body=json.dumps({"result": "x" * 10_000, "error": None, "id": 1}).encode())
    with CrookedNode(lambda method, params: long) as server:
        rpc = Rpc(server.endpoint, network=REGTEST)
        with pytest.raises(ChainError, match="does not answer as bitcoind does"):
            rpc.call("getblockcount")
        rpc.close()
