"""Attacks on whoever signs what others bring: PSBTs that hide coins, lie about amounts, or do what nobody asked for.

Every one is handed to the real command on a real node. "Refused" means: exit 3, an error that names the check, and
nothing changed. Beside each stands what is signed all the same, so that a refusal is one of the attack.
"""

from dataclasses import replace
from typing import Any

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.guard_case import Check
from assets.images.digest import Digest
from assets.images.record import Revoke, RevokeReason
from assets.model import Genuine
from tests.assets.index.signing_party import Signer as Key
from tests.assets.index.signing_party import signed
from tests.attacks.forged_psbts import Bare, Forged, Victim
from tests.attacks.ground import Ground, to
from tests.attacks.person import Said
from tests.attacks.publisher import Publisher
from tests.builders import marker, p2pkh
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import SigningError
from wallet.hashes import display, outpoint_text
from wallet.psbt import add_signatures, finalize, from_text

pytestmark = [pytest.mark.node, pytest.mark.registry]

THIEF = Key("thief")
PARTNER = Key("partner")
FEE = 500


@pytest.fixture(scope="module")
def victim(ground: Ground, publisher: Publisher) -> Victim:
    """A publisher with a repository of a million units, some plain coins, and lots."""
    made = Victim(publisher=publisher, ground=ground)
    publisher.issue("acme/app")
    made.fund(*[1_000_000] * 4)
    return made


@pytest.fixture
def plain(victim: Victim) -> list[Coin]:
    """At least three coins of a million sats each; what other tests send takes some."""
    missing = 3 - len(_millions(victim))
    if missing > 0:
        victim.fund(*[1_000_000] * missing)
    return _millions(victim)


def _millions(victim: Victim) -> list[Coin]:
    return [coin for coin in victim.coins() if coin.value == 1_000_000]


@pytest.fixture(scope="module")
def units(victim: Victim) -> tuple[Coin, Coin]:
    """Title and treasury."""
    with victim.publisher.session() as (session, _):
        colored = [(coin, session.color_of(coin.outpoint)) for coin in victim.coins(AccountKind.UNITS)]
    genuine = [(coin, color) for coin, color in colored if isinstance(color, Genuine)]
    title, owned = min(((coin, color) for coin, color in genuine if color.title), key=lambda one: one[0].height or 0)
    treasury = next(coin for coin, color in genuine if not color.title and color.genesis == owned.genesis)
    return title, treasury


def script_at(victim: Victim, account: AccountKind, index: int, chain: int = 0) -> CScript:
    with victim.publisher.session() as (session, _):
        return session.account.script(KeyPath(account, chain, index))


def back(coin: Coin, sats: int) -> CTxOut:
    return CTxOut(sats, coin.script_pubkey)


def refused_by(check: Check, said: Said) -> str:
    assert said.stderr.count("error: ") == 1
    assert f"refused ({check}): " in said.stderr, said.stderr
    return said.stderr


# Whose a coin is, and what it holds.


@pytest.mark.parametrize("named", [(0,), (1,)])
def test_s30_two_halves_of_one_theft_are_both_refused(
    victim: Victim, plain: list[Coin], named: tuple[int, ...]
) -> None:
    """S30: one transaction, two coins of ours; each PSBT names one key, so that each review would say +0.5 BTC."""
    outputs = (to(THIEF, 900_000), back(plain[0], 1_099_000))
    theft = Forged(coins=(plain[0], plain[1]), outputs=outputs, named=named)
    said = victim.refuses(theft)
    assert "spends a coin of this wallet" in said.stderr
    assert "names no key for it" in said.stderr
    honest = victim.signs(replace(theft, named=None))
    assert honest["draft"]["delta"] == -901_000


def test_s30_the_signer_alone_refuses_a_coin_of_ours_that_is_not_named(victim: Victim, plain: list[Coin]) -> None:
    """S30: the last line, whoever calls it, for keys far beyond those that were used and for lots, too."""
    theft = Forged(coins=(plain[0], plain[1]), outputs=(to(THIEF, 1_999_000),), named=(0,))
    with victim.publisher.session() as (session, unlock):
        with pytest.raises(SigningError, match=r"input 1 spends a coin of this wallet .* and the PSBT names no key"):
            unlock().sign(theft.psbt(session))
        assert unlock().sign(replace(theft, named=None).psbt(session))


@pytest.mark.parametrize("index", [3, 900])
def test_s30_change_that_is_not_named_is_ours_all_the_same(victim: Victim, plain: list[Coin], index: int) -> None:
    """S30: what is ours, our scripts say: change that the PSBT does not name counts, and nothing is counted twice."""
    change = script_at(victim, AccountKind.BTC, index, 1)
    seen = victim.signs(Forged(coins=(plain[0],), outputs=(to(PARTNER, 100_000), CTxOut(899_000, change))))["draft"]
    assert seen["delta"] == -101_000
    assert [one["own"] for one in seen["outputs"]] == [False, True]


@pytest.mark.parametrize("liar", [0, 1])
def test_s28_two_half_lies_about_amounts_are_both_refused(victim: Victim, plain: list[Coin], liar: int) -> None:
    """S28: two PSBTs of one transaction, each with one wrong amount; their signatures joined would burn the fee."""
    one = Forged(coins=(plain[0], plain[1]), outputs=(back(plain[0], 998_000),), lies={liar: 1_000})
    said = victim.refuses(one).stderr
    assert f"input {liar}" in said
    assert "is said to hold 1,000 sat" in said
    assert "holds 1,000,000 sat" in said


def test_s28_without_a_node_a_bare_amount_is_believed_by_nobody(victim: Victim, plain: list[Coin]) -> None:
    one = Forged(coins=(plain[0],), outputs=(back(plain[0], 999_000),), whole=False)
    assert victim.signs(one)["complete"], "a node says what the coin holds"
    lonely = away(victim)
    said = refused_by(Check.PREVOUTS, lonely.refuses(one, "--unjudged"))
    assert "comes without the transaction that made its coin" in said
    assert lonely.signs(replace(one, whole=True))["complete"]


def away(victim: Victim) -> Victim:
    """The same wallet where no node answers."""
    person = replace(victim.publisher.person, settings={"DOCKCHAINS_NODE_URL": "http://127.0.0.1:1"})
    return replace(victim, signer=replace(victim.publisher, person=person))


# Bounds that hold for whatever is signed.


def test_s22_a_fee_out_of_bounds_is_refused(victim: Victim, plain: list[Coin]) -> None:
    """S22: 26,175 sat/vB; and too small a fee to be relayed."""
    for kept, check in ((1_000_000 - 110 * 26_175 // 4, Check.FEE_RATE), (999_990, Check.FEE_RATE)):
        said = victim.refuses(Forged(coins=(plain[0],), outputs=(back(plain[0], kept),)))
        assert "sat/vB" in refused_by(check, said)
    many = Forged(coins=tuple(plain[:3]), outputs=(back(plain[0], 100_000),))
    assert refused_by(Check.FEE, victim.refuses(many))


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"version": 3}, Check.VERSION),
        ({"locktime": 2_000_000_000}, Check.LOCKTIME),
        ({"locktime": 499_999_999}, Check.LOCKTIME),
        ({"locktime": 1_000_000, "sequence": 0xFFFFFFFF}, Check.LOCKTIME),
        ({"sequence": 144}, Check.SEQUENCE),
        ({"sequence": 1 << 22 | 1}, Check.SEQUENCE),
    ],
    ids=str,
)
def test_s25_what_no_block_takes_now_is_refused(
    victim: Victim, plain: list[Coin], changed: dict[str, int], check: Check
) -> None:
    """S25: a version that has other rules, lock times and relative locks that leave the moment to others."""
    fine = Forged(coins=(plain[0],), outputs=(to(PARTNER, 100_000), back(plain[0], 899_000)))
    assert refused_by(check, victim.refuses(replace(fine, **changed)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed", [{"version": 1}, {"sequence": 0xFFFFFFFF}, {"sequence": 0xFFFFFFFE, "locktime": 100}], ids=str
)
def test_s25_what_other_wallets_write_is_signed(victim: Victim, plain: list[Coin], changed: dict[str, int]) -> None:
    fine = Forged(coins=(plain[0],), outputs=(to(PARTNER, 100_000), back(plain[0], 899_000)))
    assert victim.signs(replace(fine, **changed))["complete"]  # type: ignore[arg-type]


# Coins that are set aside, and places where nothing may lie.


def test_s23_a_frozen_coin_is_not_signed_away(victim: Victim, plain: list[Coin]) -> None:
    name = outpoint_text(plain[0].outpoint)
    fine = Forged(coins=(plain[0],), outputs=(back(plain[0], 999_000),))
    victim.publisher.person.run("wallet", "freeze", name)
    try:
        assert "frozen by you" in refused_by(Check.HELD, victim.refuses(fine))
        lonely = away(victim)
        assert "frozen by you" in refused_by(Check.HELD, lonely.refuses(fine))
    finally:
        victim.publisher.person.run("wallet", "unfreeze", name)
    assert victim.signs(fine)["complete"]


def test_s23_lots_are_not_signed_away_neither_listed_nor_at_a_shop(victim: Victim) -> None:
    publisher = victim.publisher
    name = publisher.issue("acme/lots")
    asks = publisher.signs("market", "sell", name, "--access", "--copies", "2", "--price", "0.0005")["asks"]
    victim.ground.node.mine()
    assert len(asks) == 2
    lots = victim.coins(AccountKind.SHOP)
    plain_coin = next(coin for coin in victim.coins() if coin.value == 1_000_000)
    stolen = [
        Forged(coins=(lot, plain_coin), outputs=(marker([1]), to(THIEF, 330), back(plain_coin, 999_000)))
        for lot in lots
    ]
    for theft in stolen:
        assert "is listed for sale as" in refused_by(Check.HELD, victim.refuses(theft, "--hand-over"))
    publisher.signs("market", "export-shop", name, str(publisher.person.home / "shop.bundle"))
    for theft in stolen:
        assert "a shop" in refused_by(Check.HELD, victim.refuses(theft, "--hand-over"))


@pytest.mark.parametrize("index", [0, 1, 999])
def test_s24_an_issuing_script_is_paid_by_nobody(victim: Victim, plain: list[Coin], index: int) -> None:
    """S24: a second coin there would use the script up, or mint."""
    issuing = script_at(victim, AccountKind.ISSUING, index)
    forged = Forged(coins=(plain[0],), outputs=(CTxOut(100_000, issuing), back(plain[0], 899_000)))
    assert "17476'/0/" in refused_by(Check.ISSUING_SCRIPT, victim.refuses(forged))
    lonely = away(victim)
    refused_by(Check.ISSUING_SCRIPT, lonely.refuses(forged, "--unjudged"))


def test_s24_bitcoin_is_not_put_where_units_lie(victim: Victim, plain: list[Coin]) -> None:
    lost = script_at(victim, AccountKind.UNITS, 7)
    forged = Forged(coins=(plain[0],), outputs=(CTxOut(100_000, lost), back(plain[0], 899_000)))
    assert "17475'/0/7" in refused_by(Check.PLACE, victim.refuses(forged))


# Titles and units.


def handed(title: Coin, script: CScript) -> Forged:
    return Forged(coins=(title,), outputs=(marker([1]), CTxOut(title.value - FEE, script)))


@pytest.mark.parametrize("at", [(AccountKind.ISSUING, 5), (AccountKind.BTC, 2), (AccountKind.BTC, 700)])
def test_s27_a_title_never_lies_on_an_issuing_or_bitcoin_key_of_ours(
    victim: Victim, units: tuple[Coin, Coin], at: tuple[AccountKind, int]
) -> None:
    """S27: it would count as ours and be lost to the program."""
    lost = handed(units[0], script_at(victim, *at))
    assert refused_by(
        Check.ISSUING_SCRIPT if at[0] is AccountKind.ISSUING else Check.PLACE, victim.refuses(lost, "--hand-over")
    )
    fine = handed(units[0], script_at(victim, AccountKind.UNITS, 9))
    assert victim.signs(fine)["complete"], "to another key for units it may go"


def test_s27_units_never_lie_on_a_bitcoin_key_of_ours(
    victim: Victim, units: tuple[Coin, Coin], plain: list[Coin]
) -> None:
    treasury, lost = units[1], script_at(victim, AccountKind.BTC, 2)
    outputs = (marker([5, 999_995]), CTxOut(330, lost), back(treasury, 330), back(plain[0], 999_000))
    said = victim.refuses(Forged(coins=(treasury, plain[0]), outputs=outputs), "--hand-over")
    assert "5 access units on the key 0'/0/2" in refused_by(Check.PLACE, said)


@pytest.mark.parametrize("gone", [1_000_000, 999_999, 500_001])
def test_s26_the_treasury_leaves_only_by_name(
    victim: Victim, units: tuple[Coin, Coin], plain: list[Coin], gone: int
) -> None:
    """S26: also where a unit stays, so that something seems to come back."""
    treasury, left = units[1], 1_000_000 - gone
    rest = (back(treasury, 330),) if left else ()
    quantities = [gone, left] if left else [gone]
    theft = Forged(
        coins=(treasury, plain[0]), outputs=(marker(quantities), to(THIEF, 330), *rest, back(plain[0], 998_000))
    )
    assert f"{gone:,} access units leave this wallet" in refused_by(Check.TREASURY, victim.refuses(theft))
    lonely = away(victim)
    refused_by(Check.TREASURY, lonely.refuses(theft))
    assert victim.signs(theft, "--hand-over")["complete"]


def test_s26_the_title_leaves_only_by_name(victim: Victim, units: tuple[Coin, Coin]) -> None:
    theft = handed(units[0], THIEF.script)
    assert "takes the title of" in refused_by(Check.TITLE, victim.refuses(theft))
    lonely = away(victim)
    assert "a repository's title" in refused_by(Check.TITLE, lonely.refuses(theft))
    assert victim.signs(theft, "--hand-over")["complete"]


def burning(title: Coin, treasury: Coin, coin: Coin) -> dict[str, tuple[Forged, Check]]:
    """Markers that end, merge or mint units, by what they do."""
    change = back(coin, 998_000)
    return {
        "short quantities": (
            Forged(coins=(treasury, coin), outputs=(marker([10]), back(treasury, 330), change)),
            Check.BURN,
        ),
        "too much asked": (
            Forged(coins=(treasury, coin), outputs=(marker([1_000_001]), back(treasury, 330), change)),
            Check.BURN,
        ),
        "no marker": (Forged(coins=(treasury, coin), outputs=(change,)), Check.BURN),
        "behind bitcoin": (
            Forged(coins=(coin, treasury), outputs=(marker([1_000_000]), back(treasury, 330), change)),
            Check.BURN,
        ),
        "title merged": (
            Forged(coins=(title, treasury, coin), outputs=(marker([1_000_001]), back(title, 5_000), change)),
            Check.TITLE,
        ),
        "title behind": (
            Forged(
                coins=(treasury, title, coin),
                outputs=(marker([1_000_000, 1]), back(treasury, 330), back(title, 9_000), change),
            ),
            Check.TITLE,
        ),
        "mint in front": (
            Forged(coins=(coin,), outputs=(back(coin, 1_000), marker([500]), back(coin, 990_000))),
            Check.MARKER,
        ),
        "marker that moves nothing": (
            Forged(coins=(coin,), outputs=(marker([500]), back(coin, 999_000))),
            Check.DEED,
        ),
        "two markers": (
            Forged(
                coins=(title, coin),
                outputs=(marker([1]), back(title, 10_000), CTxOut(0, CScript(b"\x6a\x04\x4f\x41\x01\x00")), change),
            ),
            Check.MARKER,
        ),
    }


BURNS = (
    "short quantities", "too much asked", "no marker", "behind bitcoin", "title merged", "title behind",
    "mint in front", "marker that moves nothing", "two markers",
)  # fmt: skip


@pytest.mark.parametrize("how", BURNS)
def test_s31_markers_that_burn_mint_or_merge_are_refused_with_a_node_and_without(
    victim: Victim, units: tuple[Coin, Coin], plain: list[Coin], how: str
) -> None:
    """S31: a payment has no marker, for with one our input 0 would mint; and what the coins were made to hold tells the
    rest where no node answers.
    """
    forged, check = burning(*units, plain[0])[how]
    refused_by(check, victim.refuses(forged, "--hand-over"))
    lonely = away(victim)
    refused_by(check, lonely.refuses(forged, "--hand-over", "--unjudged"))


def test_s31_units_never_move_beside_an_input_that_is_not_segwit(
    victim: Victim, units: tuple[Coin, Coin], ground: Ground
) -> None:
    """S31: whoever signs a legacy input can still change the txid, by which units are named."""
    legacy = _legacy_coin(ground)
    title = units[0]
    forged = Forged(
        coins=(title, legacy), outputs=(marker([1]), back(title, title.value), CTxOut(40_000, THIEF.script))
    )
    refused_by(Check.SEGWIT, victim.refuses(forged, "--hand-over"))


def _legacy_coin(ground: Ground) -> Bare:
    txout = CTxOut(50_000, p2pkh("somebody"))
    tx = signed([ground.coin(PARTNER, 60_000)], [txout])
    ground.mine(tx)
    return Bare(outpoint=COutPoint(tx.GetTxid(), 0), txout=txout)


# What waits in the mempool.


def test_s31_a_pending_revocation_gives_way_to_nothing(
    victim: Victim, units: tuple[Coin, Coin], ground: Ground
) -> None:
    """S31: a transaction that spends a coin of our pending REVOKE would put it out, at a higher fee."""
    publisher = victim.publisher
    name = publisher.issue("acme/revoked")
    digest = str(ground.push(name, "bad", "bad"))
    before = {coin.outpoint: coin for coin in victim.coins(AccountKind.UNITS)}
    publisher.signs("image", "revoke", f"{name}@{digest}")
    tx = _journal(victim)[-1]
    revoked = display(tx.GetTxid())
    title = before[tx.vin[0].prevout]
    release = Forged(coins=(title,), outputs=(marker([1]), back(title, title.value - 3_000)))
    for options in ((), ("--hand-over",), ("--replaces", revoked)):
        said = refused_by(Check.CONFLICT, victim.refuses(release, *options))
        assert "a pending revocation gives way to nothing but its own bump" in said
    other = Revoke(digest=Digest.of(b"another"), reason=RevokeReason.BROKEN).serialize()
    swapped = replace(release, outputs=(marker([1], other), back(title, title.value - 3_000)))
    refused_by(Check.CONFLICT, victim.refuses(swapped, "--replaces", revoked))
    assert revoked in ground.node.rpc("getrawmempool")
    assert publisher.signs("wallet", "bump", revoked, "--fee-rate", "20")["txid"] in ground.node.rpc("getrawmempool")
    ground.node.mine()


def _journal(victim: Victim) -> list[CTransaction]:
    with victim.publisher.session() as (session, _):
        return [entry.tx for entry in session.journal.entries()]


def test_s31_a_payment_of_ours_gives_way_only_by_name(victim: Victim, ground: Ground) -> None:
    coins = {coin.outpoint: coin for coin in victim.coins()}
    sent = victim.publisher.signs("wallet", "send", str(ground.node.miner("getnewaddress")), "0.001")["txid"]
    tx = _journal(victim)[-1]
    coin = coins[tx.vin[0].prevout]
    taking = Forged(coins=(coin,), outputs=(back(coin, coin.value - 20_000),))
    said = refused_by(Check.CONFLICT, victim.refuses(taking))
    assert f"--replaces {sent}" in said
    assert victim.signs(taking, "--replaces", sent)["complete"]
    ground.node.mine()
    assert "is spent already" in refused_by(Check.PREVOUTS, victim.refuses(taking))


# Joint payments, told honestly and signed.


def test_a_joint_payment_says_to_the_satoshi_what_leaves_and_is_signed(victim: Victim, ground: Ground) -> None:
    theirs = ground.coin(PARTNER, 500_000)
    ground.node.mine()
    ours = next(coin for coin in victim.coins() if coin.value == 1_000_000)
    joint = Forged(coins=(theirs, ours), outputs=(to(PARTNER, 700_000), back(ours, 798_000)))
    seen = victim.signs(joint)
    draft: Any = seen["draft"]
    assert (draft["kind"], draft["delta"], draft["fee"]) == ("joint payment", -202_000, 2_000)
    assert any("this wallet puts in 1,000,000 sat and gets 798,000 sat" in note for note in draft["notes"])
    assert not seen["complete"]
    tx = joint.tx
    raw = from_text(str(seen["psbt"]))
    signature, public_key = PARTNER.witness(tx, 0, theirs.value)
    done = finalize(add_signatures(raw, {0: (public_key, signature)}))
    ground.mine(done)


# Texts.


TEXTS = (
    "dockchains login 1\nnetwork: 00\ngate: https://gate.example\n",
    "dockchains ask 1\nnetwork: 00\nask: 00\n",
    "dockchains bid 1\n",
    "dockchains statement 1\nnetwork: 00\n",
    "  Dockchains pull 1",
    "\ufeffdockchains ask 1",
)


@pytest.mark.parametrize("text", TEXTS)
def test_s29_texts_of_our_own_formats_are_signed_by_their_own_commands_alone(victim: Victim, text: str) -> None:
    """S29: whoever is asked to sign "a message" would else log in, list a title or bid."""
    person = victim.publisher.person
    address = person.run("wallet", "receive", "--units", "--json").document["address"]
    file = person.home / "text"
    file.write_text(text, encoding="utf-8")
    said = victim.publisher.person.run(
        "wallet", "sign-message", address, "--file", str(file), "--password-file", str(person.home / "password"),
        expect=3,
    )  # fmt: skip
    assert "is a login, a listing, a bid or a statement of this program" in said.stderr
    assert said.stdout == ""
