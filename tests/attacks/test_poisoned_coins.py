"""Attacks by coins: a stranger pays with a coin that carries another protocol's units, and waits for them to be burnt.

Each coin is real: mined on a real node, past its policy where that refuses them. "Held back" means: no payment, no
sweep, no PSBT and no button takes it; what was found and the remedy are told; and a yes frees it.
"""

from collections.abc import Mapping

import pytest
from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.guard_case import Check
from assets.coloring.sign_words import at_stake
from assets.coloring.suspicion import SMALL_COIN
from assets.errors import GuardError
from assets.model import OtherColor, Sign
from tests.attacks.forged_psbts import Forged, Victim
from tests.attacks.ground import FEE, Ground, to
from tests.attacks.poisoned_coins import STRANGER, poisoned, two_faced
from tests.attacks.publisher import Publisher, new_publisher
from tui.app.house.services import HouseServices
from tui.app.views import WalletChoice
from tui.verbs.wallet.requests import GivenPsbt, Send
from wallet.coins import Coin
from wallet.errors import InsufficientFundsError, StateError
from wallet.hashes import outpoint_text, txid_of
from wallet.keys.address import address_of, parse_address
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

ELSEWHERE = address_of(STRANGER.script, REGTEST)
LARGE = 50_000_000
"""Ten times what the victim has in plain coins."""

kinds = pytest.mark.parametrize("sign", list(Sign))


def new_script(publisher: Publisher) -> CScript:
    """What the victim tells a stranger to pay to."""
    return parse_address(publisher.person.run("wallet", "receive", "--json").document["address"], REGTEST)


@pytest.fixture(scope="module")
def victim(ground: Ground, publisher: Publisher) -> Victim:
    return Victim(publisher=publisher, ground=ground)


@pytest.fixture(scope="module")
def coins(ground: Ground, publisher: Publisher) -> Mapping[Sign, COutPoint]:
    """One poisoned coin of each kind, all in blocks."""
    return {
        sign: poisoned(sign, new_script(publisher), ground, SMALL_COIN if sign is Sign.SMALL else LARGE)
        for sign in Sign
    }


def listed(publisher: Publisher) -> dict[str, dict[str, object]]:
    """The coins as `wallet coins` tells programs, by their names."""
    return {one["outpoint"]: one for one in publisher.person.run("wallet", "coins", "--json").document["coins"]}


def coin_at(publisher: Publisher, outpoint: COutPoint) -> Coin:
    with publisher.session() as (session, _):
        return next(coin for coin in session.coins.coins() if coin.outpoint == outpoint)


@kinds
def test_c28_the_coin_is_told_apart_and_nothing_is_paid_with_it(
    publisher: Publisher, coins: Mapping[Sign, COutPoint], sign: Sign
) -> None:
    name = outpoint_text(coins[sign])
    told = listed(publisher)[name]
    assert (told["state"], told["signs"]) == ("reserved", [str(sign)])
    spoken = publisher.person.run("wallet", "coins")
    assert "perhaps another colour: " in next(line for line in spoken.stdout.splitlines() if line.startswith(name))
    assert "`dockchains wallet unfreeze COIN` frees one" in spoken.stderr
    for amount in (("0.4",), ("--all",)):
        said = publisher.person.run("wallet", "send", ELSEWHERE, *amount, "--dry-run", "--json", expect=None)
        assert said.code == (3 if amount == ("0.4",) else 0)
        assert name not in said.stdout
    short = publisher.person.run("wallet", "send", ELSEWHERE, "0.4", "--dry-run", expect=3).stderr
    assert "might hold units of another protocol" in short
    assert "dockchains wallet unfreeze" in short


@kinds
def test_c29_no_psbt_takes_it_whoever_pays_for_the_other_half(
    victim: Victim, coins: Mapping[Sign, COutPoint], ground: Ground, sign: Sign
) -> None:
    coin = coin_at(victim.publisher, coins[sign])
    theirs = ground.coin(STRANGER, 60_000)
    ground.node.mine()
    outputs = (CTxOut(coin.value, coin.script_pubkey), to(STRANGER, 60_000 - FEE))
    for forged in (Forged(coins=(coin, theirs), outputs=outputs), Forged(coins=(theirs, coin), outputs=outputs)):
        said = victim.refuses(forged).stderr
        assert f"refused ({Check.OTHER_COLOR})" in said
        assert at_stake(OtherColor(signs=(sign,))) in said
        assert f"dockchains wallet unfreeze {outpoint_text(coin.outpoint)}" in said


@kinds
def test_c30_the_app_holds_it_back_as_well(victim: Victim, coins: Mapping[Sign, COutPoint], sign: Sign) -> None:
    publisher, name = victim.publisher, outpoint_text(coins[sign])
    coin = coin_at(publisher, coins[sign])
    text = victim.file(Forged(coins=(coin,), outputs=(to(STRANGER, coin.value - FEE),))).read_text()
    with publisher.person.house() as house:
        services = HouseServices(WalletChoice(network="regtest", name="default"), house)
        try:
            shown = next(one for one in services.money.coins().coins if one.outpoint == name)
            assert (shown.state, shown.signs) == ("reserved", (str(sign),))
            with pytest.raises(InsufficientFundsError, match="might hold units of another protocol"):
                services.drafts.draft(Send(to=ELSEWHERE, amount="0.4"))
            swept = services.drafts.draft(Send(to=ELSEWHERE, everything=True))
            assert name not in repr(swept)
            with pytest.raises(GuardError, match=str(Check.OTHER_COLOR)):
                services.keys.look(GivenPsbt(text=text))
            with pytest.raises(StateError, match="more was found on this coin than was shown"):
                services.money.freeze_coin(name, frozen=False)
        finally:
            services.close()


def test_c31_freeing_asks_once_says_what_may_be_lost_and_lasts(ground: Ground) -> None:
    publisher = new_publisher(ground, "who-knows-better")
    name = outpoint_text(poisoned(Sign.COUNTERPARTY, new_script(publisher), ground, LARGE))
    asked = publisher.person.run("wallet", "unfreeze", name, expect=None)
    assert asked.code != 0
    assert "cannot ask without a terminal" in asked.stderr
    assert "a payment with it may lose for ever Counterparty units that are attached to it" in asked.stderr
    assert listed(publisher)[name]["state"] == "reserved"
    freed = publisher.person.run("wallet", "unfreeze", name, "--yes", "--json").document
    assert freed == {"unfrozen": [name], "signs": {name: ["counterparty"]}}
    assert (listed(publisher)[name]["state"], listed(publisher)[name]["holds"]) == ("spendable", "")
    sent = publisher.signs("wallet", "send", ELSEWHERE, "0.4")
    assert sent["txid"] in ground.node.rpc("getrawmempool")
    ground.node.mine()
    assert all(one["state"] != "reserved" for one in listed(publisher).values()), "its change is the wallet's own"


def test_c32_a_plain_witness_that_is_exchanged_for_an_inscription_is_read_again(ground: Ground) -> None:
    """No txid covers a witness: a miner may put the second one into a block in the place of the first."""
    publisher = new_publisher(ground, "who-looked-early")
    plain, inscribed = two_faced(new_script(publisher), ground, LARGE)
    assert txid_of(plain) == txid_of(inscribed)
    name = outpoint_text(COutPoint(txid_of(plain), 0))
    ground.force(plain)
    assert listed(publisher)[name]["state"] == "spendable"
    ground.node.rpc("invalidateblock", ground.node.rpc("getbestblockhash"))
    ground.node.mine_only([inscribed.serialize().hex()])
    ground.node.mine_empty()
    told = listed(publisher)[name]
    assert (told["state"], told["signs"]) == ("reserved", ["inscription"])


def test_c33_a_restored_wallet_knows_its_own_small_coins_and_still_holds_back_the_others(ground: Ground) -> None:
    first = new_publisher(ground, "before-the-loss")
    own = first.person.run("wallet", "receive", "--json").document["address"]
    first.signs("wallet", "send", own, "0.000006")
    ground.node.mine()
    strangers = outpoint_text(poisoned(Sign.SMALL, new_script(first), ground, 600))
    second = ground.person("after-the-loss")
    words, password = (str(first.person.home / file) for file in ("words", "password"))
    second.run("wallet", "restore", "--words-file", words, "--birth-height", "0", "--password-file", password)
    restored = Publisher(person=second, ground=ground)
    small = {name: one["state"] for name, one in listed(restored).items() if one["sats"] == 600}
    assert small.pop(strangers) == "reserved"
    assert list(small.values()) == ["spendable"]
