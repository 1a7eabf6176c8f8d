"""What every colour rule must do: compose what is asked, read its own transactions alone, and agree with itself."""

import random
from collections.abc import Sequence

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from assets.coloring.genesis import GenesisClaim, GenesisParts
from assets.coloring.intents import GrantIntent, HandOverIntent, Intent, IssueIntent, RecordIntent, SaleIntent
from assets.coloring.plan import Grant, Recipient, UnitCoin
from assets.coloring.port import ColorRule, Layout
from assets.coloring.sale import Deal
from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.model import Authorship, CoinColor, Genuine
from assets.protocols.table import RULE
from tests.assets.coloring.wallet import CHANGE, OWNER, STRANGER, account_script, btc_coin, funded, own, unit_coin
from tests.builders import Graph, genesis_record, marker, pay, segwit, with_witnesses
from wallet.amount import Sats
from wallet.coins import AccountKind
from wallet.errors import EncodingError
from wallet.fees import FeeRate
from wallet.hashes import txid_of
from wallet.network import MAINNET, NETWORKS
from wallet.transactions import Prevout

RECORD = b"DC\x01\x02" + bytes(32) + b"1.0,latest"
ISSUING = own(AccountKind.ISSUING, 3)
BTC = [btc_coin(number, 500_000) for number in range(3)]


@pytest.fixture(params=[RULE], ids=lambda rule: type(rule).__name__)
def rule(request: pytest.FixtureRequest) -> ColorRule:
    found: ColorRule = request.param
    return found


class World:
    """A repository whose every transaction was composed by a rule, on a graph that can be walked back."""

    def __init__(self, rule: ColorRule) -> None:
        self.rule = rule
        self.graph = Graph()
        self.graph.coin("seed", account_script(ISSUING))
        issuing = Prevout(
            outpoint=self.graph.outpoint("seed:0"), txout=self.graph.transactions["seed"].vout[0], path=ISSUING
        )
        self.script0 = issuing.txout.scriptPubKey
        self.genesis = self.made(
            "genesis", IssueIntent(issuing=issuing, owner=OWNER, units=100, record=genesis_record())
        )
        parts = rule.genesis(self.genesis, self.script0)
        assert isinstance(parts, GenesisParts)
        self.parts = parts

    def made(self, name: str, intent: Intent) -> CTransaction:
        """Composed, funded and signed as to its form."""
        unsigned = funded(self.rule.compose(intent, CHANGE), BTC, FeeRate(2_000))
        return self.graph.put(name, with_witnesses(unsigned.tx, [segwit() for _ in unsigned.prevouts]))

    def coin(self, name: str, vout: int, quantity: int, *, title: bool = False) -> UnitCoin:
        """An output that an earlier transaction gave units."""
        tx = self.graph.transactions[name]
        prevout = Prevout(outpoint=COutPoint(txid_of(tx), vout), txout=tx.vout[vout], path=OWNER.path)
        return UnitCoin(prevout=prevout, units=Genuine(genesis=txid_of(self.genesis), quantity=quantity, title=title))

    @property
    def title(self) -> UnitCoin:
        return self.coin("genesis", 0, 1, title=True)

    @property
    def treasury(self) -> UnitCoin:
        return self.coin("genesis", 1, 100)

    def moved(self, name: str, *spent: UnitCoin) -> tuple[CTransaction, tuple[Genuine | None, ...]]:
        """What a transaction did by the rule, which is what the walk back finds and what the message says."""
        tx = self.graph.transactions[name]
        held = {coin.prevout.outpoint: coin.units for coin in spent}
        transfer = self.rule.move(tx, [held.get(txin.prevout) for txin in tx.vin])
        assert transfer.closed
        assert transfer.titles_lost == ()
        walked = [self.walked(name, vout) for vout in range(len(tx.vout))]
        assert walked == list(transfer.outputs)
        layout = self.rule.layout(tx)
        assert isinstance(layout, Layout)
        assert [one.quantity if one else 0 for one in transfer.outputs] == list(layout.quantities)
        assert self.rule.size(layout.given, layout.record) <= self.rule.payload
        return tx, transfer.outputs

    def walked(self, name: str, vout: int) -> CoinColor:
        walker = ColorWalker(self.rule, self.graph, MemoryCache())
        return walker.color(COutPoint(self.graph.txid(name), vout))


@pytest.fixture
def world(rule: ColorRule) -> World:
    return World(rule)


def found_by_search(rule: ColorRule, tx: CTransaction) -> bool:
    """Whether an index that looks for the needle alone finds a transaction."""
    scripts = [bytes(txout.scriptPubKey) for txout in tx.vout]
    return any(script[:1] == b"\x6a" and rule.needle in script and rule.may_move(script) for script in scripts)


def test_a_genesis_is_what_was_asked(world: World) -> None:
    rule, tx = world.rule, world.genesis
    claim = rule.claim(tx)
    assert isinstance(claim, GenesisClaim)
    assert (claim.units, claim.record.serialize()) == (100, genesis_record())
    assert world.parts.authorship is Authorship.AUTHORISED
    assert world.parts.asset == rule.asset_of(world.script0)
    assert (world.parts.title.script, world.parts.treasury.script) == (OWNER.script, OWNER.script)
    assert world.walked("genesis", 0) == world.title.units
    assert world.walked("genesis", 1) == world.treasury.units
    assert [world.walked("genesis", vout) for vout in range(2, len(tx.vout))] == [None] * (len(tx.vout) - 2)
    assert found_by_search(rule, tx)


def test_a_genesis_without_its_witness_is_unproven_and_one_with_a_partial_signature_is_none(world: World) -> None:
    tx, count = world.genesis, len(world.genesis.vin)
    stripped = world.rule.genesis(with_witnesses(tx, [()] * count), world.script0)
    assert isinstance(stripped, GenesisParts)
    assert stripped.authorship is Authorship.UNPROVEN
    single = world.rule.genesis(with_witnesses(tx, [segwit(sighash=0x83)] * count), world.script0)
    assert not isinstance(single, GenesisParts)


def test_a_record_counts_and_the_title_stays(world: World) -> None:
    world.made("release", RecordIntent(title=world.title, record=RECORD))
    tx, outputs = world.moved("release", world.title)
    assert [one for one in outputs if one] == [world.title.units]
    layout, script = world.rule.layout(tx), world.title.prevout.txout.scriptPubKey
    assert isinstance(layout, Layout)
    assert layout.record == RECORD
    assert tx.vout[outputs.index(world.title.units)].scriptPubKey == script
    transfer = world.rule.move(tx, [world.title.units, *[None] * (len(tx.vin) - 1)])
    assert world.rule.authorship(tx, world.title.units, script, transfer) is Authorship.AUTHORISED
    bare = with_witnesses(tx, [()] * len(tx.vin))
    assert world.rule.authorship(bare, world.title.units, script, transfer) is Authorship.UNPROVEN
    assert found_by_search(world.rule, tx)


def test_a_hand_over_moves_title_and_treasury_and_says_nothing(world: World) -> None:
    world.made("handover", HandOverIntent(title=world.title, treasury=[world.treasury], to=STRANGER))
    tx, outputs = world.moved("handover", world.title, world.treasury)
    assert [one for one in outputs if one] == [world.title.units, world.treasury.units]
    assert {bytes(tx.vout[vout].scriptPubKey) for vout, one in enumerate(outputs) if one} == {bytes(STRANGER.script)}
    layout = world.rule.layout(tx)
    assert isinstance(layout, Layout)
    assert layout.record == b""
    assert found_by_search(world.rule, tx)


@pytest.mark.parametrize("wanted", [(1,), (60, 40), (3, 5, 7)])
def test_a_grant_gives_what_is_wanted_and_keeps_the_rest(world: World, wanted: Sequence[int]) -> None:
    grants = [Grant(to=STRANGER, quantity=quantity) for quantity in wanted]
    world.made("grant", GrantIntent(coins=[world.treasury], grants=grants, rest=OWNER))
    tx, outputs = world.moved("grant", world.treasury)
    rest = 100 - sum(wanted)
    assert [one.quantity for one in outputs if one] == [*wanted, *([rest] if rest else [])]
    assert not any(one.title for one in outputs if one)
    assert found_by_search(world.rule, tx)


def test_a_sale_moves_what_is_sold_to_the_buyer_and_pays_the_seller(world: World) -> None:
    buyer = Recipient(script=STRANGER.script)
    deal = Deal(sold=(world.title, world.treasury), price=Sats(70_000), pay_to=OWNER, buyer=buyer)
    world.made("sale", SaleIntent(deal=deal))
    tx, outputs = world.moved("sale", world.title, world.treasury)
    assert [one for one in outputs if one] == [world.title.units, world.treasury.units]
    assert (deal.payment, OWNER.script) in {(txout.nValue, txout.scriptPubKey) for txout in tx.vout}
    assert found_by_search(world.rule, tx)


def test_a_payment_is_nothing_to_a_rule_and_ends_the_units_that_it_spends(world: World) -> None:
    spent = [world.title.units, None]
    tx = CTransaction([CTxIn(world.title.prevout.outpoint), CTxIn(COutPoint(b"\x07" * 32, 1))], [pay("anybody")], 0, 2)
    assert world.rule.layout(tx) is None
    assert world.rule.claim(tx) is None
    assert world.rule.genesis(tx, world.script0) is None
    transfer = world.rule.move(tx, spent)
    assert (transfer.closed, transfer.outputs) == (False, (None,))
    assert transfer.titles_lost == (world.title.units.genesis,)
    assert not found_by_search(world.rule, tx)


def test_what_is_too_long_for_a_message_is_refused(rule: ColorRule) -> None:
    title, room = unit_coin("title", 10_000, title=True), rule.payload - rule.size([1], b"")
    fits = RecordIntent(title=title, record=bytes(room))
    assert rule.size([1], fits.record) <= rule.payload
    rule.compose(fits, CHANGE)
    with pytest.raises(EncodingError):
        rule.compose(RecordIntent(title=title, record=bytes(rule.payload)), CHANGE)
    grants = [Grant(to=STRANGER, quantity=1)] * (rule.payload + 1)
    with pytest.raises(EncodingError):
        rule.compose(GrantIntent(coins=[unit_coin("lot", 330, 1_000)], grants=grants, rest=OWNER), CHANGE)


def test_an_asset_is_shown_otherwise_on_mainnet(world: World) -> None:
    shown = {name: world.rule.asset_text(world.parts.asset, network) for name, network in NETWORKS.items()}
    assert shown.pop(MAINNET.name) not in shown.values()


@given(st.lists(st.binary(max_size=90), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_scripts_are_read_in_a_documented_way(scripts: list[bytes], chance: random.Random) -> None:
    """What moves units is found by a search for the needle, whatever is around it; nothing raises."""
    messages = [bytes(marker([1, 2], RECORD).scriptPubKey), bytes(marker([1, 7], genesis_record()).scriptPubKey)]
    outputs = [CTxOut(1_000, CScript(script)) for script in [*scripts, *chance.sample(messages, chance.randint(0, 2))]]
    chance.shuffle(outputs)
    tx = CTransaction([CTxIn(COutPoint(b"\x05" * 32, 0))], outputs, 0, 2)
    for rule in (RULE,):
        layout = rule.layout(tx)
        held = Genuine(genesis=txid_of(tx), quantity=5, title=False)
        transfer = rule.move(tx, [held])
        if isinstance(layout, Layout):
            assert found_by_search(rule, tx)
            assert rule.may_move(bytes(tx.vout[layout.data].scriptPubKey))
            assert len(layout.quantities) == len(tx.vout)
            assert layout.quantities[layout.data] == 0
        else:
            assert not transfer.closed
            assert not isinstance(rule.claim(tx), GenesisClaim)
        assert sum(one.quantity for one in transfer.outputs if one) <= held.quantity
        assert sum(segment.quantity for segment in transfer.segments) == held.quantity
