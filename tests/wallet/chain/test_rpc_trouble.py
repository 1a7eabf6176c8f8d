"""Whatever answers at the node's address, the caller gets one of three errors and a word of advice."""

import base64
import json
import logging

import pytest

from tests.wallet.chain.crooked import CrookedNode, Reply, refusal, result
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import Endpoint, Login
from wallet.chain.rest import Rest
from wallet.chain.rpc import Rpc, _Line
from wallet.errors import ChainError, ChainUnavailableError, RpcError, WrongNetworkError
from wallet.hashes import Txid, display
from wallet.network import MAINNET, REGTEST, SIGNET


def test_the_password_goes_out_decoded_and_stands_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with CrookedNode(lambda method, params: result(7)) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        assert rpc.call("getblockcount") == 7
        assert set(node.authorizations) == {"Basic " + base64.b64encode(b"alice:p@ss:w/rd").decode()}
        shown = f"{rpc!r} {node.endpoint!r} {rpc.origin} {caplog.text}"
        assert "p@ss" not in shown
        assert "alice" not in shown
        rpc.close()


@pytest.mark.parametrize(
    ("reply", "error", "message", "hint"),
    [
        (refusal(-28, "Loading block index…"), ChainUnavailableError, "still starting: Loading", "in a minute"),
        (refusal(-8, "bad parameter"), RpcError, "refused probe: bad parameter", ""),
        (refusal(-32601, "Method not found"), RpcError, "does not know probe", "-disablewallet"),
        (Reply(status=401, content_type=""), ChainUnavailableError, r"does not accept .* \(401\)", ".cookie"),
        (Reply(status=403, content_type=""), ChainUnavailableError, r"refuses calls .* \(403\)", "-rpcallowip"),
        (Reply(status=503, content_type="text/plain"), ChainUnavailableError, "too much to do", "-rpcworkqueue"),
        (Reply(body=b"<html>", content_type="text/html"), ChainUnavailableError, "is no bitcoind", "address"),
        (Reply(body=b"not json"), ChainError, "does not answer as bitcoind does", "address"),
        (Reply(body=b"\xff\xfe"), ChainError, "does not answer as bitcoind does", "address"),
        (Reply(body=b"[]"), ChainError, "does not answer as bitcoind does|refused", ""),
        (Reply(body=b'{"id": 1}'), RpcError, "missing JSON-RPC result", ""),
        (Reply(body=b'{"error": "just text", "id": 1}'), RpcError, "just text", ""),
        (Reply(body=b'{"error": {"code": "x"}, "id": 1}'), RpcError, "refused", ""),
        (Reply(hang_up=True), ChainUnavailableError, "the connection broke", "is bitcoind running there?"),
    ],
)
def test_every_kind_of_trouble_has_its_message(reply: Reply, error: type[ChainError], message: str, hint: str) -> None:
    with CrookedNode(lambda method, params: reply) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        with pytest.raises(error, match=message) as raised:
            rpc.call("probe")
        assert type(raised.value) is error
        assert hint in raised.value.hint
        rpc.close()


def test_a_batch_meets_the_same_trouble() -> None:
    replies = iter(
        (
            Reply(body=json.dumps([{"id": 1, "result": 2}, {"id": 0, "result": 1, "error": None}]).encode()),
            Reply(body=json.dumps([{"id": 0, "result": None, "error": {"code": -5, "message": "no"}}]).encode()),
            Reply(body=json.dumps([{"id": 7, "result": 1}]).encode()),
            Reply(body=json.dumps({"error": {"code": -28, "message": "starting"}}).encode()),
            Reply(status=403, content_type=""),
        )
    )
    with CrookedNode(lambda method, params: next(replies)) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        assert rpc.batch(()) == ()
        assert rpc.batch((("a", ()), ("b", ()))) == (1, 2)
        for error in (RpcError, ChainError, ChainUnavailableError, ChainUnavailableError):
            with pytest.raises(error):
                rpc.batch((("a", ()),))
        rpc.close()


def test_a_node_that_never_answers_is_given_up_after_the_timeout_and_asked_once() -> None:
    def silent(method: str, params: list[object]) -> Reply:
        node.release.wait()
        return result(None)

    with CrookedNode(silent) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        with pytest.raises(ChainUnavailableError, match="did not answer in time"):
            rpc.call("getblockcount", timeout=0.05)
        assert node.calls == ["getblockcount"]
        rpc.close()


def test_a_broken_connection_is_replaced_once_for_reading_and_never_for_changing() -> None:
    replies = {"getblockcount": [Reply(hang_up=True), result(5)], "importdescriptors": [Reply(hang_up=True), result(5)]}
    with CrookedNode(lambda method, params: replies[method].pop(0)) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        assert rpc.call("getblockcount") == 5
        with pytest.raises(ChainUnavailableError, match="the connection broke"):
            rpc.call("importdescriptors", [])
        assert node.calls == ["getblockcount", "getblockcount", "importdescriptors"]
        rpc.close()


def test_an_interrupt_leaves_no_answer_behind_for_the_next_call() -> None:
    with CrookedNode(lambda method, params: result(method)) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        assert rpc.call("first") == "first"

        def interrupted(line: _Line) -> None:
            line.request("POST", "/", json.dumps({"method": "second", "params": []}), {})
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rpc._with_line(interrupted, repeatable=True)
        assert rpc.call("third") == "third"
        rpc.close()


def test_another_network_is_refused_before_anything_is_asked_and_both_are_named() -> None:
    with CrookedNode(lambda method, params: result(1)) as node:
        rpc = Rpc(node.endpoint, network=MAINNET)
        with pytest.raises(WrongNetworkError, match="the node is on regtest, and mainnet was asked for"):
            rpc.call("sendrawtransaction", "00")
        assert "sendrawtransaction" not in node.calls
        rpc.close()


@pytest.mark.parametrize(("challenge", "refused"), [(SIGNET.challenge, False), ("51", True), (None, True)])
def test_a_signet_is_known_by_its_challenge(challenge: str | None, refused: bool) -> None:
    info: dict[str, object] = {"chain": "signet", "blocks": 1, "headers": 1, "bestblockhash": "00" * 32}
    if challenge is not None:
        info["signet_challenge"] = challenge
    with CrookedNode(lambda method, params: result(info), genesis=display(SIGNET.genesis)) as node:
        rpc = Rpc(node.endpoint, network=SIGNET)
        if refused:
            with pytest.raises(WrongNetworkError, match="signet was asked for"):
                rpc.call("getblockchaininfo")
        else:
            assert rpc.call("getblockchaininfo") == info
        rpc.close()


@pytest.mark.parametrize(
    "answer",
    [
        result(None),
        result({"hex": 5}),
        result({"hex": "zz"}),
        result({"hex": "00"}),
        result({"hex": "02000000" + "00" * 60}),
        # A well-formed transaction that is not the one that was asked for.
        result(
            {"hex": "0200000001" + "11" * 32 + "00000000" + "00" + "ffffffff" + "01" + "00" * 8 + "00" + "00000000"}
        ),
    ],
)
def test_a_transaction_that_is_not_the_one_asked_for_is_refused(answer: Reply) -> None:
    with CrookedNode(lambda method, params: answer) as node:
        rpc = Rpc(node.endpoint, network=REGTEST)
        with pytest.raises(ChainError):
            Bitcoind(rpc, Rest(node.endpoint), REGTEST).transaction(Txid(b"\x01" * 32))
        rpc.close()


def test_a_node_that_is_not_there_is_unavailable_with_advice() -> None:
    with CrookedNode(lambda method, params: result(1)) as node:
        endpoint = node.endpoint
    rpc = Rpc(Endpoint(host="127.0.0.1", port=endpoint.port, credentials=Login("a", "b")), network=REGTEST)
    with pytest.raises(ChainUnavailableError, match="nothing listens there") as raised:
        rpc.call("getblockcount")
    assert "node_url names another address" in raised.value.hint
