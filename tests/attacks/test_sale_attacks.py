"""Attacks on a sale by whoever bids: each is carried out against the real wallet, by file, and against the real shop,
over HTTP; each is refused with its reason, and changes nothing.

The numbers are those of the list of attacks: S1 to S11 and what of C8 concerns sales.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
import urllib3
from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.plan import UnitCoin
from assets.errors import GuardError, OfferError
from assets.images.bid import BidPackage
from assets.images.digest import Digest
from assets.images.offer import Ask
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.model import Genuine
from assets.server.limits import RateLimit
from assets.server.listening import Listener
from assets.server.shop_http import ShopService
from assets.services.market.accepting import draft_acceptance
from assets.services.market.exporting import draft_export, export
from assets.services.market.lots import own_lots
from assets.services.wallets.session import Session
from tests.assets.index.signing_party import Signer, signed
from tests.attacks.forged_bids import Body, Forger, foreign
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher
from tests.builders import marker, script
from tests.market.traders import new_trader
from tui.shop import open_shop
from wallet.coins import AccountKind
from wallet.errors import EncodingError
from wallet.hashes import Txid, outpoint_text, parse_txid
from wallet.keys.message import message_flaw
from wallet.psbt import Psbt, bare_psbt
from wallet.signer import SoftwareSigner
from wallet.store.offers import OfferKind
from wallet.transactions import Prevout

pytestmark = [pytest.mark.node, pytest.mark.registry]
PRICE = 50_000
DIGEST = b"\x77" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A seller with one lot in the wallet and one at a shop, and a buyer who cheats."""

    ground: Ground
    seller: Publisher
    session: Session
    signer: SoftwareSigner
    forger: Forger
    genesis: Txid
    name: str
    at_home: Ask
    at_shop: Ask
    url: str

    def title(self) -> UnitCoin:
        """The seller's title."""
        return next(coin for coin in self.coins() if coin.units.title)

    def treasury(self) -> UnitCoin:
        """The seller's treasury."""
        return max((coin for coin in self.coins() if not coin.units.title), key=lambda coin: coin.units.quantity)

    def coins(self) -> list[UnitCoin]:
        """The seller's coins with units."""
        found = []
        for coin in self.session.coins.coins():
            color = self.session.color_of(coin.outpoint)
            if isinstance(color, Genuine):
                prevout = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=None)
                found.append(UnitCoin(prevout=prevout, units=color))
        return found

    def btc(self) -> Prevout:
        """Plain bitcoin of the seller."""
        coin = next(coin for coin in self.session.coins.coins() if coin.path.account is AccountKind.BTC)
        return Prevout(outpoint=coin.outpoint, txout=coin.txout, path=None)

    def state(self) -> tuple[object, ...]:
        """What a refusal must leave as it is."""
        journal = tuple(entry.txid for entry in self.session.journal.entries())
        assert self.session.offers is not None
        offers = tuple((entry.id, entry.state) for entry in self.session.offers.entries(OfferKind.ASK))
        return sorted(self.ground.node.rpc("getrawmempool")), journal, offers

    def refused(self, make: Callable[[Ask], BidPackage | bytes], reason: str) -> None:
        """By file and over HTTP, for this reason, with nothing changed."""
        before = self.state()
        self._refused_by_file(make(self.at_home), reason)
        self._refused_by_shop(make(self.at_shop), reason)
        assert self.state() == before

    def refused_by_file(self, make: Callable[[Ask], BidPackage], reason: str) -> None:
        """By file alone: a shop does not know the seller's other coins, and cannot sign them."""
        before = self.state()
        self._refused_by_file(make(self.at_home), reason)
        assert self.state() == before

    def _refused_by_file(self, made: BidPackage | bytes, reason: str) -> None:
        document = made if isinstance(made, bytes) else made.serialize()
        with pytest.raises((OfferError, GuardError, EncodingError)) as caught:
            draft_acceptance(BidPackage.parse(document), self.session, message_flaw)
        assert reason in str(caught.value), str(caught.value)

    def _refused_by_shop(self, made: BidPackage | bytes, reason: str) -> None:
        document = made if isinstance(made, bytes) else made.serialize()
        answer = urllib3.request("POST", f"{self.url}/v1/bids", body=document, retries=False)
        assert answer.status in (400, 409, 410, 422), (answer.status, answer.data)
        told = answer.json()
        assert set(told) == {"error", "message", "next"}
        assert reason in told["message"], told


@pytest.fixture(scope="module")
def scene(ground: Ground) -> Iterator[Scene]:
    """Everything is made by the product itself; only bids are forged."""
    seller = new_trader(ground, "seller")
    name = seller.issue("acme/market")
    sold = seller.signs("market", "sell", name, "--access", "--copies", "2", "--price", "0.0005", "--fee-rate", "2")
    ground.node.mine()
    genesis = parse_txid(sold["genesis"])
    buyer = new_trader(ground, "cheat")
    with ExitStack() as stack:
        session, unlock = stack.enter_context(seller.session())
        home = stack.enter_context(seller.person.house())
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        theirs, unlock_theirs = stack.enter_context(buyer.session())
        cheat = unlock_theirs()
        assert isinstance(cheat, SoftwareSigner)
        chosen = draft_export(own_lots(session, genesis), session, bids_to=None, limit=1)
        bundle = export(chosen, signer, session, seller.person.home / "shop.json", now=session.clock())
        opened = open_shop(home, bundle, seller.person.home / "shop.journal")
        listener = Listener("127.0.0.1", 0)
        limit = RateLimit(per_minute=60_000, burst=1_000, clock=time.monotonic)
        thread = threading.Thread(target=listener.run, args=(ShopService(opened.shop, limit).app(),), daemon=True)
        thread.start()
        stack.callback(opened.journal.close)
        stack.callback(thread.join, 30)
        stack.callback(listener.stop)
        shop_ask = bundle.lots[0].ask
        home_ask = next(Ask.parse(_bytes(ask)) for ask in sold["asks"] if ask["coins"][0] != _coin(shop_ask))
        yield Scene(
            ground=ground,
            seller=seller,
            session=session,
            signer=signer,
            forger=Forger(session=theirs, signer=cheat, chain=ground.chain),
            genesis=genesis,
            name=name,
            at_home=home_ask,
            at_shop=shop_ask,
            url=f"http://127.0.0.1:{listener.address[1]}",
        )


def _bytes(document: dict[str, Any]) -> bytes:
    fields = {key: value for key, value in document.items() if key != "id"}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _coin(ask: Ask) -> dict[str, object]:
    coin = ask.coins[0]
    return {"outpoint": outpoint_text(coin.outpoint), "quantity": coin.quantity, "value": coin.value}


# A bid's transaction is [the lot, the buyer's coins] -> [marker, unit, price, change].
MARKER, UNIT, PAID, CHANGE = range(4)


def test_an_honest_bid_passes_so_that_refusals_mean_something(scene: Scene) -> None:
    before = scene.state()
    found = draft_acceptance(scene.forger.honest(scene.at_home), scene.session, message_flaw)
    assert found.draft.expectation.btc_delta == PRICE
    assert scene.state() == before


def test_s1_a_bid_that_mints_units_before_the_marker_is_refused(scene: Scene) -> None:
    def mint(body: Body) -> Body:
        return body.ordered([UNIT, UNIT, PAID, MARKER]).with_output(3, marker([1_000_000, 1_000_000, 0]))

    scene.refused(lambda ask: scene.forger.forged(ask, mint), "refused (payments)")


def test_s4_a_bid_that_takes_more_units_than_the_lot_holds_is_refused(scene: Scene) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.with_output(MARKER, marker([1_000]))),
        "refused (burn): 1 access units",
    )


def test_s6_a_bid_that_asks_for_any_other_sighash_is_refused(scene: Scene) -> None:
    for sighash in (0x02, 0x03, 0x81, 0x82, 0x83):

        def asking(ask: Ask, sighash: int = sighash) -> BidPackage:
            honest = scene.forger.honest(ask)
            asked = honest.psbt.replace(b"\x01\x03\x04\x01\x00\x00\x00", bytes([1, 3, 4, sighash, 0, 0, 0]), 1)
            assert asked != honest.psbt
            return replace(honest, psbt=asked)

        scene.refused(asking, f"asks for sighash {sighash:#x}")


def test_s7_a_bid_that_also_spends_the_sellers_title_is_refused(scene: Scene) -> None:
    title = scene.title()

    def take(body: Body) -> Body:
        return body.spending(title.prevout)

    scene.refused_by_file(lambda ask: scene.forger.forged(ask, take), "which is the seller's and is not listed")

    def first(body: Body) -> Body:
        return replace(body, prevouts=(title.prevout, *body.prevouts))

    scene.refused(lambda ask: scene.forger.forged(ask, first), "its first inputs are")


@pytest.mark.parametrize(
    "record",
    [
        Release(digest=Digest(DIGEST), tags=Tags.of("1.0")).serialize(),
        Revoke(digest=Digest(DIGEST), reason=RevokeReason.COMPROMISED).serialize(),
    ],
    ids=["release", "revoke"],
)
def test_s7_a_bid_that_carries_a_record_is_refused(scene: Scene, record: bytes) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.with_output(MARKER, marker([1], record))),
        "refused (record)",
    )


def test_s7_a_bid_that_also_spends_plain_bitcoin_of_the_seller_is_refused(scene: Scene) -> None:
    coin = scene.btc()
    scene.refused_by_file(
        lambda ask: scene.forger.forged(ask, lambda body: body.spending(coin)),
        "which is the seller's and is not listed",
    )


def test_s8_a_bid_that_pays_less_is_refused_with_both_figures(scene: Scene) -> None:
    def cheaper(body: Body) -> Body:
        return body.with_output(PAID, CTxOut(40_330, body.outputs[PAID].scriptPubKey))

    scene.refused(
        lambda ask: scene.forger.forged(ask, cheaper),
        "asked 50,000 sat on top of the 330 sat in the coins, 50,330 sat in all; output 2 pays 40,330 sat",
    )


def test_s8_a_bid_that_counts_the_coins_own_sats_as_price_is_refused(scene: Scene) -> None:
    def counted(body: Body) -> Body:
        return body.with_output(PAID, CTxOut(PRICE, body.outputs[PAID].scriptPubKey))

    scene.refused(lambda ask: scene.forger.forged(ask, counted), "50,330 sat in all; output 2 pays 50,000 sat")


def test_s8_a_bid_that_pays_somebody_else_is_refused(scene: Scene) -> None:
    def elsewhere(body: Body) -> Body:
        return body.with_output(PAID, CTxOut(body.outputs[PAID].nValue, script("somebody")))

    scene.refused(lambda ask: scene.forger.forged(ask, elsewhere), f"to {script('somebody').hex()} instead of")


def test_s8_a_bid_that_can_only_be_mined_later_is_refused(scene: Scene) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: replace(body, locktime=10_000)), "refused (locktime)"
    )
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: replace(body, sequence=0x0040_0001)), "refused (sequence)"
    )
    scene.refused(lambda ask: scene.forger.forged(ask, lambda body: replace(body, version=1)), "refused (version)")


def test_a13_a_bid_with_numbers_that_a_signed_reader_cannot_hold_is_refused_as_any_other(scene: Scene) -> None:
    """A13: lock times from 2^31 on and negative versions are four bytes as others are: no HTTP 500, a named check."""
    for locktime in (2**31, 2**31 + 5, 2**32 - 1):
        scene.refused(
            lambda ask, at=locktime: scene.forger.forged(ask, lambda body: replace(body, locktime=at)),  # type: ignore[misc]
            "refused (locktime)",
        )
    scene.refused(lambda ask: scene.forger.forged(ask, lambda body: replace(body, version=-5)), "refused (version)")


def test_s9_a_second_marker_is_refused(scene: Scene) -> None:
    def twice(body: Body) -> Body:
        return body.with_output(CHANGE, marker([1]))

    scene.refused(lambda ask: scene.forger.forged(ask, twice), "refused (")


def test_s9_a_dropped_marker_is_refused(scene: Scene) -> None:
    def plain(body: Body) -> Body:
        return body.with_output(MARKER, CTxOut(0, CScript(b"\x6a\x04none")))

    scene.refused(lambda ask: scene.forger.forged(ask, plain), "refused (")


def test_s9_reordered_outputs_are_refused(scene: Scene) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.ordered([MARKER, PAID, UNIT, CHANGE])), "output 2 pays"
    )
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.ordered([UNIT, PAID, MARKER, CHANGE])), "output 2 pays"
    )


def test_s9_units_that_would_end_are_refused(scene: Scene) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.with_output(MARKER, marker([]))), "refused (burn)"
    )


def test_s9_units_that_would_reach_the_change_are_refused(scene: Scene) -> None:
    def shifted(body: Body) -> Body:
        return body.with_output(MARKER, marker([0, 0, 1]))

    scene.refused(lambda ask: scene.forger.forged(ask, shifted), "refused (units)")


def test_s9_one_more_output_is_refused(scene: Scene) -> None:
    def more(body: Body) -> Body:
        change = body.outputs[CHANGE]
        return body.with_output(CHANGE, CTxOut(change.nValue - 1_000, change.scriptPubKey)).inserted(
            CHANGE, CTxOut(1_000, script("more"))
        )

    scene.refused(lambda ask: scene.forger.forged(ask, more), "it has 5 outputs")


def test_s10_a_bid_that_lies_about_what_a_coin_holds_is_refused(scene: Scene) -> None:
    def lying(ask: Ask) -> BidPackage:
        def richer(body: Body) -> Body:
            coin = body.prevouts[1]
            told = CTxOut(coin.txout.nValue + 1_000, coin.txout.scriptPubKey)
            return replace(body, prevouts=(body.prevouts[0], replace(coin, txout=told), *body.prevouts[2:]))

        return scene.forger.forged(ask, richer)

    scene.refused(lying, "refused (amount of a spent coin): input 1")


def test_s10_a_bid_without_a_valid_signature_is_refused(scene: Scene) -> None:
    def unsigned(ask: Ask) -> BidPackage:
        honest = scene.forger.honest(ask)
        drafted = scene.forger.draft(ask).draft.unsigned
        return replace(honest, psbt=bare_psbt(drafted))

    scene.refused(unsigned, "refused (buyer's signatures): input 1")

    def broken(ask: Ask) -> BidPackage:
        honest = scene.forger.honest(ask)
        psbt = Psbt.parse(honest.psbt)
        signature = psbt.inputs[1].signatures[0][1]
        return replace(honest, psbt=honest.psbt.replace(signature[:40], signature[:39] + bytes([signature[39] ^ 1])))

    scene.refused(broken, "refused (buyer's signatures): input 1")


@pytest.mark.parametrize(
    "break_it",
    [
        lambda raw: b"psbt\xff",
        lambda raw: raw[:-1],
        lambda raw: raw + b"\x00",
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"cbor" + raw,
        lambda raw: raw.replace(b"\x01\x03\x04\x01\x00\x00\x00", b"\x01\x03\x04\x01\x00\x00\x00" * 2, 1),
        lambda raw: b"psbt\xff" + b"\x01\xfb\x04\x09\x00\x00\x00" + raw[5:],
    ],
    ids=["magic alone", "cut", "trailing", "half", "prefix", "duplicate key", "version 9"],
)
def test_s11_a_malformed_transaction_has_one_documented_error(scene: Scene, break_it: Callable[[bytes], bytes]) -> None:
    def malformed(ask: Ask) -> BidPackage:
        honest = scene.forger.honest(ask)
        return replace(honest, psbt=break_it(honest.psbt))

    scene.refused(malformed, "PSBT")


def test_s11_a_bid_of_ten_megabytes_is_refused_before_it_is_read(scene: Scene) -> None:
    body = b'{"bid":{},"psbt":"' + base64.b64encode(bytes(10_000_000)) + b'"}'
    before = scene.state()
    with pytest.raises(EncodingError, match="more than"):
        BidPackage.parse(body)
    try:
        answer = urllib3.request("POST", f"{scene.url}/v1/bids", body=body, retries=False)
        assert answer.status == 413
    except urllib3.exceptions.ProtocolError:
        pass
    assert scene.state() == before


def test_a_bid_that_was_signed_for_another_transaction_is_refused(scene: Scene) -> None:
    def replayed(ask: Ask) -> BidPackage:
        honest = scene.forger.honest(ask)
        other = scene.forger.forged(ask, lambda body: body.with_output(CHANGE, _less(body.outputs[CHANGE])))
        return replace(other, bid=honest.bid)

    scene.refused(replayed, "refused (bid's signature)")


def test_a_bid_that_has_expired_is_refused(scene: Scene) -> None:
    scene.refused(
        lambda ask: scene.forger.forged(ask, bid=lambda bid: replace(bid, expires=5)),
        "the bid expired at block 5",
    )


def test_a_bid_for_an_ask_that_nobody_listed_is_refused(scene: Scene) -> None:
    def elsewhere(ask: Ask) -> BidPackage:
        return scene.forger.forged(replace(ask), bid=lambda bid: replace(bid, ask=DIGEST))

    scene.refused(elsewhere, DIGEST.hex())


def test_c8_a_bid_that_mixes_in_foreign_units_is_refused(scene: Scene) -> None:
    """The buyer pays with a coin that Open Assets sees units in, minted on a script of the buyer's own."""
    path = next(coin.path for coin in scene.forger.session.coins.coins() if coin.path.account is AccountKind.BTC)
    target = scene.forger.session.account.script(path)
    coin = scene.ground.coin(Signer("minter"))
    mint = signed([coin], [CTxOut(60_000, target), marker([500])])
    scene.ground.mine(mint)
    spent = Prevout(outpoint=COutPoint(mint.GetTxid(), 0), txout=mint.vout[0], path=path)

    def mixed(body: Body) -> Body:
        return body.spending(spent)

    scene.refused(lambda ask: scene.forger.forged(ask, mixed), "refused (foreign units): input 2")


def test_s12_a_coin_that_is_not_confirmed_or_already_spent_does_not_pay(scene: Scene) -> None:
    path = next(coin.path for coin in scene.forger.session.coins.coins() if coin.path.account is AccountKind.BTC)
    coin = scene.ground.coin(Signer("unconfirmed"))
    prevout = foreign(coin.outpoint, CTxOut(coin.value, coin.signer.script))
    assert path is not None
    scene.refused(
        lambda ask: scene.forger.forged(ask, lambda body: body.spending(prevout)), "the chain has no unspent coin"
    )
    scene.ground.node.mine()


def _less(txout: CTxOut) -> CTxOut:
    return CTxOut(txout.nValue - 1, txout.scriptPubKey)
