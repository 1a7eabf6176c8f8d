"""A finished transaction is no PSBT: it is told apart, looked at, and sent as it is, or refused."""

import base64
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from embit.psbt import PSBT

from assets.errors import GuardError
from assets.model import Genuine
from regtest.errors import RpcFailure
from tests.assets.index.signing_party import Signer, signed
from tests.attacks.forged_psbts import Forged, Victim
from tests.attacks.ground import FEE, Ground, to
from tests.market.traders import Trader, new_trader
from tests.regtest.people import PASSWORD
from tui.app.house.services import HouseServices
from tui.app.views import WalletChoice
from tui.verbs.wallet.requests import GivenPsbt, SendSigned
from wallet.errors import StateError
from wallet.hashes import Txid, display, txid_of
from wallet.keys.address import parse_address
from wallet.network import REGTEST
from wallet.psbt import finalize, from_text, to_psbt
from wallet.psbt_fields import field_maps, written
from wallet.transactions import Prevout, UnsignedTransaction, assemble

pytestmark = [pytest.mark.node, pytest.mark.registry]

VECTORS = Path(__file__).parents[1] / "vectors" / "psbt"


@pytest.fixture(scope="module")
def owner(ground: Ground) -> Trader:
    """Somebody with a wallet and a repository."""
    return new_trader(ground, "owner", coins=4)


def gift(ground: Ground, owner: Trader, sats: int = 50_000) -> CTransaction:
    """A transaction of somebody else that pays the wallet, signed and not sent."""
    script = parse_address(owner.person.run("wallet", "receive", "--json").document["address"], REGTEST)
    coin = ground.coin(Signer("giver"))
    ground.node.mine()
    return signed([coin], [CTxOut(sats, script), to(Signer("giver"), coin.value - sats - FEE)])


def file_of(owner: Trader, data: bytes) -> str:
    """A document in the owner's home."""
    path: Path = owner.person.home / f"given-{len(list(owner.person.home.iterdir()))}"
    path.write_bytes(data)
    return str(path)


def is_waiting(ground: Ground, tx: CTransaction) -> bool:
    """Whether the mempool has it."""
    try:
        ground.node.rpc("getmempoolentry", display(txid_of(tx)))
    except RpcFailure:
        return False
    return True


@pytest.mark.parametrize("form", [bytes, lambda raw: raw.hex().encode(), base64.b64encode])
def test_a_finished_transaction_is_not_signed_and_can_be_sent(ground: Ground, owner: Trader, form: object) -> None:
    assert callable(form)
    tx = gift(ground, owner)
    given = file_of(owner, form(tx.serialize()))
    said = owner.refuses("wallet", "sign", given).stderr
    assert f"this is a finished transaction, {display(txid_of(tx))}, and no PSBT: nothing is left to sign" in said
    assert "dockchains wallet sign --broadcast FILE" in said
    shown = owner.person.run("wallet", "sign", "--broadcast", given, expect=3)
    assert "a transaction of others" in shown.stderr
    assert "this wallet: +0.00050000 BTC" in shown.stderr
    assert "Send it as it is?" in shown.stderr
    assert not is_waiting(ground, tx)
    sent = owner.person.run("wallet", "sign", "--broadcast", given, "--yes", "--json").document
    assert (sent["txid"], sent["fee"]) == (display(txid_of(tx)), FEE)
    assert is_waiting(ground, tx)
    assert "was sent already: it waits for a block" in owner.refuses("wallet", "sign", "--broadcast", given).stderr
    ground.node.mine()
    assert "was sent already: it is in block" in owner.refuses("wallet", "sign", "--broadcast", given).stderr


def test_a_payment_of_this_wallet_that_came_back_finished_is_sent(ground: Ground, owner: Trader) -> None:
    psbt = owner.person.home / "payment.psbt"
    target = str(ground.node.miner("getnewaddress"))
    owner.person.run("wallet", "send", target, "0.001", "--psbt", str(psbt))
    whole = finalize(from_text(owner.signs("wallet", "sign", str(psbt))["psbt"]))
    shown = owner.person.run(
        "wallet", "sign", "--broadcast", file_of(owner, whole.serialize().hex().encode()), expect=3
    )
    assert "payment" in shown.stderr
    assert not is_waiting(ground, whole)
    owner.person.run("wallet", "sign", "--broadcast", file_of(owner, whole.serialize().hex().encode()), "--yes")
    assert is_waiting(ground, whole)
    ground.node.mine()


def theft(owner: Trader) -> CTransaction:
    """The title, spent plainly, with the wallet's own signature."""
    with owner.session() as (session, unlock):
        coin = next(
            one
            for one in session.coins.coins()
            if isinstance(color := session.color_of(one.outpoint), Genuine) and color.title
        )
        prevout = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)
        tx = assemble(((coin.outpoint, 0xFFFFFFFD),), (to(Signer("thief"), coin.value - FEE),))
        parent = session.source.transaction(Txid(bytes(coin.outpoint.hash)))
        assert parent is not None
        raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=(prevout,)), session.account, (parent.tx,))
        return finalize(unlock().sign(raw))


def test_a_finished_transaction_that_loses_a_title_is_not_sent(ground: Ground, owner: Trader) -> None:
    owner.issue("acme/kept")
    tx = theft(owner)
    given = file_of(owner, tx.serialize().hex().encode())
    assert "refused (" in owner.refuses("wallet", "sign", "--broadcast", given).stderr
    assert "refused (" in owner.refuses("wallet", "sign", "--broadcast", given, "--hand-over").stderr
    assert not is_waiting(ground, tx)


def test_what_the_node_would_not_take_is_said_before_anything_is_asked(ground: Ground, owner: Trader) -> None:
    tx = gift(ground, owner)
    raw = bytearray(tx.serialize())
    place = raw.index(tx.wit.vtxinwit[0].scriptWitness.stack[0]) + 10
    raw[place] ^= 1
    said = owner.person.run("wallet", "sign", "--broadcast", file_of(owner, bytes(raw).hex().encode()), expect=3)
    assert "Send this transaction" not in said.stderr
    assert not is_waiting(ground, tx)
    lost = assemble(((COutPoint(b"\x42" * 32, 0), 0xFFFFFFFD),), tuple(tx.vout))
    whole = CTransaction(lost.vin, lost.vout, lost.nLockTime, lost.nVersion, tx.wit)
    said = owner.person.run("wallet", "sign", "--broadcast", file_of(owner, whole.serialize().hex().encode()), expect=3)
    assert "the node does not know" in said.stderr


def test_the_app_looks_at_a_finished_transaction_and_sends_it(ground: Ground, owner: Trader) -> None:
    owner.issue("acme/kept-too")
    tx, lost = gift(ground, owner, 70_000), theft(owner)
    with owner.person.house() as house:
        services = HouseServices(WalletChoice(network="regtest", name="default"), house)
        try:
            seen = services.keys.look(GivenPsbt(text=tx.serialize().hex()))
            assert (seen.finished, seen.ours, seen.signs, seen.draft.delta) == (True, False, (), 70_000)
            review: Any = services.drafts.draft(SendSigned(given=GivenPsbt(text=seen.psbt)))
            assert [one.delta for one in review.review.drafts] == [70_000]
            assert review.review.signed
            assert not is_waiting(ground, tx)
            outcome = services.drafts.send(review, PASSWORD, lambda _: None)
            assert [one.txid for one in outcome.sent] == [display(txid_of(tx))]
            assert is_waiting(ground, tx)
            with pytest.raises(StateError, match="was sent already"):
                services.keys.look(GivenPsbt(text=tx.serialize().hex()))
            with pytest.raises(GuardError):
                services.keys.look(GivenPsbt(text=lost.serialize().hex()))
            with pytest.raises(GuardError):
                services.drafts.draft(SendSigned(given=GivenPsbt(text=lost.serialize().hex())))
        finally:
            services.close()
    assert not is_waiting(ground, lost)


@pytest.mark.parametrize("name", sorted(path.name for path in VECTORS.iterdir() if path.suffix != ".md"))
def test_a_psbt_in_any_form_is_read_and_judged_by_whose_it_is(owner: Trader, name: str) -> None:
    """None of them spends a coin of this wallet."""
    said = owner.refuses("wallet", "sign", str(VECTORS / name)).stderr
    assert "no input names a key of this wallet" in said or "without the transaction that made its coin" in said


@pytest.mark.parametrize("sequence", [None, 0])
def test_odd_sequences_are_signed_in_the_form_that_they_came_in_and_mined(
    ground: Ground, owner: Trader, sequence: int | None
) -> None:
    """Version 2 that gives none, in hexadecimal, and lets others add inputs and outputs; or version 0 with 0."""
    victim = Victim(publisher=owner, ground=ground)
    victim.fund(300_000)
    coin = next(one for one in victim.coins() if one.value == 300_000)
    payment = Forged(
        coins=(coin,), outputs=(to(Signer("payee"), 299_000),), sequence=0xFFFFFFFF if sequence is None else sequence
    )
    with owner.session() as (session, _):
        raw = payment.psbt(session)
    if sequence is None:
        psbt = PSBT.parse(raw)
        psbt.version = 2
        maps = tuple(field_maps(bytes(psbt.serialize())))
        maps[0][b"\x06"] = b"\x03"
        del maps[1][b"\x10"]
        raw = written(maps)
    answer = owner.signs("wallet", "sign", file_of(owner, raw.hex().encode()))
    assert answer["complete"]
    signed_maps = tuple(field_maps(from_text(answer["psbt"])))
    if sequence is None:
        assert (signed_maps[0][b"\x06"], b"\x10" in signed_maps[1]) == (b"\x00", False)
    whole = finalize(from_text(answer["psbt"]))
    assert [txin.nSequence for txin in whole.vin] == [0xFFFFFFFF if sequence is None else 0]
    owner.signs("wallet", "sign", "--broadcast", file_of(owner, base64.b64encode(whole.serialize())))
    ground.node.mine()
    found = ground.source.transaction(txid_of(whole))
    assert found is not None
    assert found.block is not None
