"""What is signed is told (S33), is not done twice unasked (S34), and finds other coins (S35); full disks (S32).

Every command goes through a proxy that fails in one call; what became of the money is asked of the node itself.
"""

import json
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.issuing import IssueRequest, draft_issue, issue
from assets.services.spending.drafts import Draft
from assets.services.spending.paying import draft_payment
from assets.services.spending.signing import sign_and_broadcast
from assets.store.document_store import DocumentStore
from regtest.harness import settings_for
from tests.attacks.faulty_node import (
    Fault,
    FaultyNode,
    after,
    body,
    changed,
    faulty_node,
    hang_up,
    refusal,
    status,
    take_and_hang_up,
)
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher, new_publisher
from wallet.errors import CoinTakenError, KeptError
from wallet.hashes import display
from wallet.network import REGTEST
from wallet.store.journal import TxState

pytestmark = [pytest.mark.node, pytest.mark.registry]

SEND = "sendrawtransaction"
RATE = ("--fee-rate", "2")
NUMBER = re.compile(rb"(?<=[:\[,])-?\d+(\.\d+)?([eE][-+]?\d+)?(?=[,}\]])")
"""A number in a node's JSON."""


@pytest.fixture(scope="module")
def proxy(ground: Ground) -> Iterator[FaultyNode]:
    """What stands between every command here and the node."""
    with faulty_node(ground.node.url) as made:
        yield made


@pytest.fixture(scope="module")
def payer(ground: Ground, proxy: FaultyNode) -> Publisher:
    """A wallet with a few coins, behind the proxy."""
    made = new_publisher(ground, "payer")
    for _ in range(6):
        ground.node.fund(made.person.run("wallet", "receive", "--json").document["address"], 400_000)
    ground.node.mine()
    return replace(made, person=replace(made.person, settings={"DOCKCHAINS_NODE_URL": proxy.url}))


def typed(payer: Publisher, *arguments: str) -> tuple[str, ...]:
    """A command that signs, said yes to."""
    return (*arguments, "--password-file", str(payer.person.home / "password"), "--yes")


def kept(payer: Publisher, *arguments: str) -> dict[str, list[str]]:
    """The answer of a command that signed and broke off, as programs and as people get it."""
    said = payer.person.run(*typed(payer, *arguments), "--json", expect=6)
    error = said.document["error"]
    assert error["kind"] == "kept"
    assert "do not pay again" in error["hint"]
    for txid in error["kept"]:
        assert f"signed and kept as {txid}" in said.stderr
    return {key: error[key] for key in ("sent", "kept", "left", "txids")}


def waiting(ground: Ground) -> set[str]:
    return set(ground.node.rpc("getrawmempool"))


def new_address(ground: Ground) -> str:
    return str(ground.node.miner("getnewaddress"))


BROKEN: dict[str, Fault] = {
    "500": status(500),
    "503": status(503),
    "401": status(401),
    "html": status(200, b"<html>", b"text/html"),
    "another error": refusal(-32603, "internal error"),
    "nonsense": body(b'{"result": 1e999, "error": null, "id": 1}'),
    "another txid": body(b'{"result": "' + b"00" * 32 + b'", "error": null, "id": 1}'),
    "hung up": hang_up,
    "taken and hung up": take_and_hang_up,
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_s33_whatever_a_broadcast_is_answered_the_payment_is_told_to_be_kept_and_paid_once(
    ground: Ground, proxy: FaultyNode, payer: Publisher, fault: Fault
) -> None:
    payment = ("wallet", "send", new_address(ground), "0.0002", *RATE)
    payer.person.run("wallet", "history")  # what another test left kept goes out with it
    before = waiting(ground)
    with proxy.failing(SEND, fault):
        told = kept(payer, *payment)
    (txid,) = told["kept"]
    assert told == {"sent": [], "kept": [txid], "left": [], "txids": [txid]}
    said = payer.refuses(*payment)
    assert f"the same send was signed before and is sent, as {txid}" in said.stderr
    assert "--again" in said.stderr
    assert waiting(ground) - before == {txid}


def test_s34_the_same_again_is_paid_only_where_that_is_said(
    ground: Ground, proxy: FaultyNode, payer: Publisher
) -> None:
    to = new_address(ground)
    payment = ("wallet", "send", to, "0.0003", *RATE)
    with proxy.failing(SEND, status(500)):
        (first,) = kept(payer, *payment)["kept"]
        said = payer.refuses(*payment)
        assert f"still kept, and not yet sent: {first}" in said.stderr
        assert f"the same send is signed and kept as {first}, and the next command sends it" in said.stderr
    said = payer.refuses(*payment)
    assert first in said.stderr
    error = payer.person.run(*typed(payer, *payment), "--json", expect=3).document["error"]
    assert (error["kind"], error["txid"]) == ("already_signed", first)
    ground.node.mine()
    assert first in payer.refuses(*payment).stderr, "a block holds it, and still nobody was told"
    other = payer.signs("wallet", "send", to, "0.00031", *RATE)["txid"]
    second = payer.signs(*payment, "--again")["txid"]
    assert {other, second} <= waiting(ground)
    third = payer.signs("wallet", "send", new_address(ground), "0.0003", *RATE)["txid"]
    assert third in waiting(ground)
    ground.node.mine()


def test_s34_what_was_told_to_be_sent_may_be_paid_again(ground: Ground, payer: Publisher) -> None:
    payment = ("wallet", "send", new_address(ground), "0.0002", *RATE)
    sent = {payer.signs(*payment)["txid"] for _ in range(2)}
    assert len(sent) == 2
    assert sent <= waiting(ground)


@pytest.mark.parametrize("code", [-25, -26])
def test_s33_a_plain_refusal_leaves_nothing_behind(
    ground: Ground, proxy: FaultyNode, payer: Publisher, code: int
) -> None:
    payment = ("wallet", "send", new_address(ground), "0.0002", *RATE)
    before = payer.what_is_there()
    with proxy.failing(SEND, refusal(code, "min relay fee not met")):
        said = payer.refuses(*payment)
    assert "min relay fee not met" in said.stderr
    assert "kept" not in said.stderr
    assert payer.what_is_there() == before
    assert payer.signs(*payment)["txid"] in waiting(ground)


def test_s33_a_refused_bump_leaves_the_old_one_as_it_was(ground: Ground, proxy: FaultyNode, payer: Publisher) -> None:
    old = payer.signs("wallet", "send", new_address(ground), "0.0002", *RATE)["txid"]
    before = payer.what_is_there()
    with proxy.failing(SEND, refusal(-26, "insufficient fee")):
        payer.refuses("wallet", "bump", old, "--fee-rate", "20")
    assert payer.what_is_there() == before
    with proxy.failing(SEND, status(500)):
        (new,) = kept(payer, "wallet", "bump", old, "--fee-rate", "20")["kept"]
    payer.person.run("wallet", "balance")
    assert new in waiting(ground)
    assert old not in waiting(ground)
    ground.node.mine()


@contextmanager
def full_disk() -> Iterator[None]:
    """Whatever this process writes to a file fails from now on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))


def test_s32_a_disk_that_is_full_once_the_node_has_it_changes_nothing_about_the_answer(
    ground: Ground, proxy: FaultyNode, payer: Publisher
) -> None:
    to = new_address(ground)
    with full_disk(), proxy.failing(SEND, after(fill)):
        told = payer.signs("wallet", "send", to, "0.0002", *RATE)
    assert told["txid"] in waiting(ground)
    ground.node.mine()


def test_s32_a_disk_that_is_full_at_the_journal_keeps_nothing_and_says_so(
    ground: Ground, proxy: FaultyNode, payer: Publisher
) -> None:
    payment = ("wallet", "send", new_address(ground), "0.0002", *RATE)
    before = payer.what_is_there()
    with full_disk(), proxy.failing("testmempoolaccept", after(fill)):
        said = payer.person.run(*typed(payer, *payment), expect=3)
    assert "is the disk full" in said.stderr
    assert payer.what_is_there() == before
    assert payer.signs(*payment)["txid"] in waiting(ground)


def test_s32_a_log_on_a_full_disk_stops_no_payment(ground: Ground, payer: Publisher) -> None:
    with payer.person.house() as house:
        log = house.paths.log_file
    assert log.exists()
    log.unlink()
    log.symlink_to("/dev/full")
    try:
        txid = payer.signs("wallet", "send", new_address(ground), "0.0002", *RATE)["txid"]
    finally:
        log.unlink()
    assert txid in waiting(ground)
    ground.node.mine()


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """As in a foreground process: whoever runs tests in the background may have them ignore it."""
    usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_s33_an_interrupt_after_the_signature_is_told(
    ground: Ground, proxy: FaultyNode, payer: Publisher, number: signal.Signals
) -> None:
    interrupted = threading.Event()

    def interrupt() -> None:
        if not interrupted.is_set():
            interrupted.set()
            signal.pthread_kill(threading.main_thread().ident or 0, number)
            threading.Event().wait(1)

    with heard(number), proxy.failing(SEND, after(interrupt)):
        (txid,) = kept(payer, "wallet", "send", new_address(ground), "0.0002", *RATE)["kept"]
    assert "conf" in payer.person.run("wallet", "history").stdout
    assert txid in waiting(ground)
    ground.node.mine()


def test_s33_an_answer_that_cannot_be_written_is_no_refusal(ground: Ground, payer: Publisher) -> None:
    to = new_address(ground)
    arguments = typed(payer, "wallet", "send", to, "0.0002", *RATE)
    environment = {**settings_for(payer.person.home, ground.node), "HOME": str(payer.person.home)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 6
    (txid,) = (one for one in waiting(ground) if f"sent: {one}" in done.stderr)
    said = payer.refuses("wallet", "send", to, "0.0002", *RATE)
    assert txid in said.stderr
    ground.node.mine()


def test_s33_every_verb_that_signs_tells_what_it_sent_kept_and_left(
    ground: Ground, proxy: FaultyNode, payer: Publisher
) -> None:
    """The node breaks off at the first or the second transaction of each; the next command sends what is kept."""
    name = ground.name("kept/verbs")
    with proxy.failing(SEND, status(500)):
        told = kept(payer, "image", "issue", name, *RATE)
    assert (told["sent"], len(told["kept"]), told["left"]) == ([], 1, ["issue"])
    with proxy.failing(SEND, hang_up):
        said = payer.refuses("image", "issue", name, *RATE)
        assert f"the same issuing coin is signed and kept as {told['kept'][0]}" in said.stderr
    with proxy.failing(SEND, status(500), skip=1):
        told = kept(payer, "image", "issue", name, *RATE)
    assert (told["sent"], len(told["kept"]), told["left"]) == ([], 1, [])
    (genesis,) = told["kept"]
    assert f"this wallet has issued {name} already: genesis {genesis}" in payer.refuses("image", "issue", name).stderr
    assert genesis in waiting(ground)
    ground.node.mine()

    long = ",".join(f"{number:02}" + "x" * 34 for number in range(2))
    digests = {tag: str(ground.push(name, tag, f"{name} 1")) for tag in ("1.0", *long.split(","))}
    release = ("image", "release", f"{name}:1.0", "--digest", digests["1.0"], *RATE)
    _kept_and_sent(ground, proxy, payer, release, again="stands for")
    several = ("image", "release", f"{name}:{long}", "--digest", digests["1.0"], *RATE)
    with proxy.failing(SEND, status(500), skip=1):
        told = kept(payer, *several)
    assert (len(told["sent"]), len(told["kept"]), told["left"]) == (1, 1, [])
    payer.person.run("wallet", "balance")
    assert {*told["sent"], *told["kept"]} <= waiting(ground)
    ground.node.mine()
    _kept_and_sent(ground, proxy, payer, ("image", "define", name, "--issuer", "Acme", *RATE))
    _kept_and_sent(ground, proxy, payer, ("image", "revoke", f"{name}:1.0", *RATE), again="revoked")
    holder = payer.person.run("wallet", "receive", "--units", "--json").document["address"]
    _kept_and_sent(ground, proxy, payer, ("access", "grant", name, f"{holder}=3", *RATE), again="the same grant")
    with proxy.failing(SEND, status(500)):
        told = kept(payer, "market", "sell", name, "--access", "--copies", "2", "--price", "0.0005", *RATE)
    payer.person.run("wallet", "balance")
    assert set(told["kept"]) <= waiting(ground)
    ground.node.mine()
    offers = payer.person.run("market", "offers", "--json").stdout
    assert offers.count(f'"{told["kept"][0]}') >= 1 or told["kept"][0] in offers, "their listings stand"
    _kept_and_sent(ground, proxy, payer, ("market", "cancel", name, "--lots", *RATE))
    cold = payer.person.home / "cold.psbt"
    payer.person.run("wallet", "send", new_address(ground), "0.0001", "--psbt", str(cold), *RATE)
    _kept_and_sent(ground, proxy, payer, ("wallet", "sign", str(cold), "--broadcast"), again="was sent already")
    other = new_publisher(ground, "heir")
    heir = other.person.run("wallet", "receive", "--units", "--json").document["address"]
    _kept_and_sent(ground, proxy, payer, ("image", "transfer", name, heir, *RATE))


def _kept_and_sent(
    ground: Ground, proxy: FaultyNode, payer: Publisher, command: tuple[str, ...], *, again: str = ""
) -> None:
    """One transaction that the node does not answer for; the command again changes nothing."""
    with proxy.failing(SEND, status(500)):
        told = kept(payer, *command)
    assert (told["sent"], len(told["kept"])) == ([], 1)
    said = payer.refuses(*command)
    assert again in said.stderr
    assert set(told["kept"]) <= waiting(ground)
    ground.node.mine()


def test_s33_a_script_that_tries_again_and_again_grants_once(
    ground: Ground, proxy: FaultyNode, payer: Publisher
) -> None:
    name = payer.issue("kept/loop")
    holder = new_publisher(ground, "holder")
    address = holder.person.run("wallet", "receive", "--units", "--json").document["address"]
    grant = typed(payer, "access", "grant", name, f"{address}=5", *RATE)
    with proxy.failing(SEND, take_and_hang_up):
        assert payer.person.run(*grant, expect=None).code == 6
    for _ in range(2):
        assert payer.person.run(*grant, expect=None).code == 3
        ground.node.mine()
    units = holder.person.run("wallet", "balance", "--json").document["units"]
    assert [one["access_units"] for one in units] == [5]


def test_s33_a_dropped_transaction_reads_as_what_it_was(ground: Ground, proxy: FaultyNode, payer: Publisher) -> None:
    with proxy.failing(SEND, status(500)):
        (txid,) = kept(payer, "wallet", "send", new_address(ground), "0.0007", *RATE)["kept"]
    with proxy.failing(SEND, refusal(-26, "mempool full")):
        rows = payer.person.run("wallet", "history", "--json").document["transactions"]
        shown = payer.person.run("wallet", "history").stdout
    row = next(one for one in rows if one["txid"] == txid)
    assert row["state"] == "refused by the node"
    assert row["sats"] == -70_000 - row["fee"]
    assert "mempool full" in row["label"]
    line = next(one for one in shown.splitlines() if txid in one)
    assert "-0.0007" in line
    payer.person.run("wallet", "history")
    assert txid in waiting(ground)
    ground.node.mine()


def test_s35_a_signer_whose_coin_is_taken_chooses_others(ground: Ground, payer: Publisher) -> None:
    first, second = new_address(ground), new_address(ground)
    with payer.session() as (session, unlock):
        draft = draft_payment(session, first, "0.0002", rate="2")
        other = payer.signs("wallet", "send", second, "0.0002", *RATE)["txid"]
        told: list[Draft] = []
        txid = sign_and_broadcast(draft, unlock, session, told.append)
    assert txid != draft.txid
    assert told[0].unsigned.tx.vout[0] == draft.unsigned.tx.vout[0]
    assert {display(txid), other} <= waiting(ground)
    ground.node.mine()


def test_s35_so_does_the_one_of_an_issue_and_the_definition_follows(ground: Ground, payer: Publisher) -> None:
    name = ground.name("kept/issue")
    with payer.session() as (session, unlock), payer.person.house() as house:
        chain = ChainAccess(
            network=REGTEST, source=house.node, store=house.index, catch_up=ground.chain.catch_up, clock=house.now
        )
        payer.person.run("image", "list")
        draft = draft_issue(IssueRequest(name=name, rate="2"), session, chain, None)
        payer.signs("wallet", "send", new_address(ground), "0.0002", *RATE)
        documents = DocumentStore(payer.person.home / "definitions")
        issued = issue(draft, unlock, session, documents)
    assert issued.genesis.txid != draft.genesis.txid
    assert issued.definition.claim.genesis_input == issued.genesis.unsigned.tx.vin[0].prevout
    assert display(issued.genesis.txid) in waiting(ground)
    ground.node.mine()


def test_s35_a_title_has_no_other_in_its_place(ground: Ground, payer: Publisher) -> None:
    with payer.session() as (session, unlock):
        sweep = payer.person.run("wallet", "receive", "--json").document["address"]
        from assets.services.spending.paying import draft_sweep

        draft = draft_sweep(session, sweep, rate="2")
        payer.signs("wallet", "send", new_address(ground), "0.0002", *RATE)
        before = waiting(ground)
        with pytest.raises(CoinTakenError, match=r"was spent meanwhile|set aside meanwhile"):
            sign_and_broadcast(draft, unlock, session)
    assert waiting(ground) == before
    ground.node.mine()


def test_s35_two_processes_of_one_wallet_pay_at_once(ground: Ground, payer: Publisher) -> None:
    environment = {**settings_for(payer.person.home, ground.node), "HOME": str(payer.person.home)}
    commands = [typed(payer, "wallet", "send", new_address(ground), "0.0002", *RATE, "--json") for _ in range(3)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tui", *one],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for one in commands
    ]
    said = [one.communicate(timeout=120) for one in running]
    assert [one.returncode for one in running] == [0] * len(running), said
    sent = {json.loads(out)["txid"] for out, _ in said}
    assert len(sent) == len(running)
    assert sent <= waiting(ground)


@pytest.mark.parametrize(
    "token", [b"1e999", b"NaN", b"-Infinity", b"1" * 5_000, b"true"], ids=lambda token: str(token[:9])
)
def test_s36_a_node_whose_numbers_are_none_is_one_that_cannot_be_used(
    ground: Ground, proxy: FaultyNode, payer: Publisher, token: bytes
) -> None:
    before = waiting(ground)
    asked = ("getblockchaininfo", "getblockheader", "gettxout", "listunspent", "getmempoolinfo")
    for method in asked:
        with proxy.failing(method, changed(lambda raw: NUMBER.sub(token, raw))):
            said = payer.person.run(*typed(payer, "wallet", "send", new_address(ground), "0.0002"), expect=3)
        assert said.stdout == ""
        assert "unexpected error" not in said.stderr
        assert any(word in said.stderr for word in ("does not answer as bitcoind", "not what Bitcoin Core answers"))
    assert waiting(ground) == before


def test_s33_the_journal_knows_of_nobody_else(payer: Publisher) -> None:
    """At the end nothing is kept that no node has."""
    payer.person.run("wallet", "balance")
    with payer.session() as (session, _):
        assert all(entry.state is not TxState.SIGNED for entry in session.journal.entries())


def test_s33_services_say_the_same_as_commands(ground: Ground, proxy: FaultyNode, payer: Publisher) -> None:
    with payer.session() as (session, unlock):
        draft = draft_payment(session, new_address(ground), "0.0002", rate="2")
        with proxy.failing(SEND, status(500)), pytest.raises(KeptError) as error:
            sign_and_broadcast(draft, unlock, session)
    assert error.value.kept == (display(draft.txid),)
