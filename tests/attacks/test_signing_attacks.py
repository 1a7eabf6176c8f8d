"""Attacks on whoever signs: PSBTs that ask for signatures of the wrong kind, and plans that would lose a title.

The wallet, its coins and its titles are real. "Refused" means an error that names the check, and nothing changed: no
transaction in the mempool, the same coins, the same journal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest
from bitcoin.core import CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from embit.ec import PublicKey
from embit.psbt import PSBT

from assets.coloring.guard_case import Check
from assets.coloring.plan import Expectation, PlannedInput, Role, TxPlan, UnitsAt
from assets.errors import GuardError
from assets.images.record import Release
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.model import Foreign, Genuine
from assets.services.spending.drafts import About, Draft
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.reserve import reserved_coins
from assets.services.wallets.session import Session
from tests.assets.index.signing_party import Coin as SignedCoin
from tests.assets.index.signing_party import Signer as Key
from tests.assets.index.signing_party import signed
from tests.assets.registry.images import image
from tests.attacks.ground import Ground, to
from tests.attacks.publisher import Publisher
from tests.builders import ALL, ANYONECANPAY, NONE, SINGLE, marker, with_witnesses
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin
from wallet.errors import SigningError
from wallet.fees import FeeEstimate, FeeRate
from wallet.psbt import finalize, to_psbt
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

pytestmark = [pytest.mark.node, pytest.mark.registry]

THIEF = Key("thief")
RATE = FeeEstimate(rate=FeeRate(1_000), source="set by the test", age=0)
UNITS = 1_000_000


# What partial signatures are good for, shown on the real node with a key of the tests.


def bare(coins: Sequence[SignedCoin], outputs: Sequence[CTxOut]) -> CTransaction:
    return CTransaction([CTxIn(coin.outpoint, CScript(), RBF_SEQUENCE) for coin in coins], list(outputs), 0, 2)


def test_a_single_signature_without_its_output_gives_the_coin_away(ground: Ground) -> None:
    """S6: why the signer refuses: SINGLE on an input that has no output commits to no output at all."""
    victim = Key("somebody who signs anything")
    coin, bait = ground.coin(victim), ground.coin(THIEF, 1_000)
    ground.node.mine()
    agreed = bare([bait, coin], [to(victim, 100_000)])
    signature = victim.witness(agreed, 1, coin.value, SINGLE)
    stolen = bare([bait, coin], [to(THIEF, 100_500)])
    theft = with_witnesses(stolen, [THIEF.witness(stolen, 0, bait.value), signature])
    (answer,) = ground.node.rpc("testmempoolaccept", [theft.serialize().hex()])
    assert answer["allowed"]
    whole = with_witnesses(stolen, [THIEF.witness(stolen, 0, bait.value), victim.witness(agreed, 1, coin.value, ALL)])
    (answer,) = ground.node.rpc("testmempoolaccept", [whole.serialize().hex()])
    assert not answer["allowed"]


def prevout(coin: Coin) -> Prevout:
    return Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)


def payment(session: Session, *, bait: Prevout) -> UnsignedTransaction:
    """A stranger's coin first and one of ours second, and a single output: ours has none of its own number."""
    coin = next(one for one in session.coins.coins() if one.path.account is AccountKind.BTC)
    outputs = (CTxOut(coin.value, coin.script_pubkey),)
    inputs = ((bait.outpoint, RBF_SEQUENCE), (coin.outpoint, RBF_SEQUENCE))
    return UnsignedTransaction(
        tx=assemble(inputs, outputs), prevouts=(bait, prevout(coin)), own_outputs=((0, coin.path),)
    )


ASKED = {
    "SINGLE, with no output of its number": SINGLE,
    "NONE": NONE,
    "ALL|ANYONECANPAY": ALL | ANYONECANPAY,
    "NONE|ANYONECANPAY": NONE | ANYONECANPAY,
    "SINGLE|ANYONECANPAY": SINGLE | ANYONECANPAY,
    "taproot's default": 0,
    "SINGLE behind bits that no byte has": 0x103,
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("of", ["ours", "the stranger's"])
def test_a_psbt_that_asks_for_anything_but_all_gets_no_signature(
    ground: Ground, publisher: Publisher, asked: str, of: str
) -> None:
    """S6: the request is refused whole, whichever input it is for; the same PSBT without it is signed with ALL."""
    stranger = ground.coin(THIEF, 1_000)
    bait = Prevout(outpoint=stranger.outpoint, txout=to(THIEF, stranger.value), path=None)
    before = publisher.what_is_there()
    with publisher.session() as (session, unlock):
        unsigned = payment(session, bait=bait)
        raw = to_psbt(unsigned, session.account)
        psbt = PSBT.parse(raw)
        number = 1 if of == "ours" else 0
        psbt.inputs[number].sighash_type = ASKED[asked]
        with pytest.raises(SigningError, match=f"input {number} asks for a signature that does not commit"):
            unlock().sign(bytes(psbt.serialize()))
        signatures = PSBT.parse(unlock().sign(raw)).inputs[1].partial_sigs
        assert [value[-1] for value in signatures.values()] == [ALL]
    assert publisher.what_is_there() == before


def test_a_signed_psbt_whose_signature_was_exchanged_is_not_finalised(ground: Ground, publisher: Publisher) -> None:
    """S6: a signature of another kind that comes back from elsewhere is refused too, though the node would take it."""
    coin = ground.coin(THIEF)
    ground.node.mine()
    held = Prevout(outpoint=coin.outpoint, txout=to(THIEF, coin.value), path=None)
    tx = assemble(((coin.outpoint, RBF_SEQUENCE),), (to(THIEF, 98_000),))
    with publisher.session() as (session, _):
        psbt = PSBT.parse(to_psbt(UnsignedTransaction(tx=tx, prevouts=(held,)), session.account))
    signature, public_key = THIEF.witness(tx, 0, coin.value, SINGLE)
    (answer,) = ground.node.rpc("testmempoolaccept", [with_witnesses(tx, [(signature, public_key)]).serialize().hex()])
    assert answer["allowed"]
    psbt.inputs[0].partial_sigs[PublicKey.parse(public_key)] = signature
    with pytest.raises(SigningError, match="input 0"):
        finalize(bytes(psbt.serialize()))


# Plans made by hand, which no composer of ours would make, on real titles of the wallet.


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Two repositories of one wallet: title and treasury coins."""

    title: Coin
    treasury: Coin
    other_title: Coin
    genesis: Genuine


@pytest.fixture(scope="module")
def names(ground: Ground, publisher: Publisher) -> tuple[str, str]:
    """Two repositories of one wallet, the first with a release."""
    made = publisher.issue("acme/first"), publisher.issue("acme/second")
    publisher.release(made[0], "1.0")
    ground.node.mine()
    return made


def estate(session: Session) -> Estate:
    """The coins by the colour that the backward walk finds."""
    colored = [(coin, session.color_of(coin.outpoint)) for coin in session.coins.coins()]
    genuine = [(coin, color) for coin, color in colored if isinstance(color, Genuine)]
    (title, units), (other, _) = sorted(
        ((coin, color) for coin, color in genuine if color.title), key=lambda pair: pair[0].height or 0, reverse=True
    )
    treasury = next(coin for coin, color in genuine if not color.title and color.genesis == units.genesis)
    return Estate(title=title, treasury=treasury, other_title=other, genesis=units)


def draft(
    session: Session, coins: Sequence[Coin], outputs: Sequence[CTxOut], expectation: Mapping[str, object]
) -> Draft:
    """What a mistaken or deceived composer would hand to the signing service. Outputs on own scripts are stated."""
    own = {bytes(coin.script_pubkey): coin.path for coin in coins}
    paths = tuple((vout, own[bytes(out.scriptPubKey)]) for vout, out in enumerate(outputs) if out.scriptPubKey in own)
    prevouts = tuple(prevout(coin) for coin in coins)
    tx = assemble(tuple((one.outpoint, RBF_SEQUENCE) for one in prevouts), tuple(outputs))
    kept = sum(outputs[vout].nValue for vout, _ in paths)
    others = [out for out in outputs if out.scriptPubKey not in own and out.scriptPubKey[:1] != b"\x6a"]
    meant: dict[str, object] = {
        "own_inputs": frozenset(one.outpoint for one in prevouts),
        "own_outputs": paths,
        "btc_delta": Sats(kept - sum(coin.value for coin in coins)),
        "record": b"",
        "payments": tuple((out.scriptPubKey, Sats(out.nValue)) for out in others),
        **expectation,
    }
    planned = tuple(
        PlannedInput(prevout=one, role=Role.UNITS, color=session.color_of(one.outpoint)) for one in prevouts
    )
    return Draft(
        about=About(kind="mistake"),
        plan=TxPlan(inputs=planned, outputs=(), may_append_inputs=False, change=None),
        unsigned=UnsignedTransaction(tx=tx, prevouts=prevouts, own_outputs=paths),
        expectation=Expectation(**meant),  # type: ignore[arg-type]
        rate=RATE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A transaction by the wallet's coins, what its maker believes that it does, and the check that must stop it."""

    coins: tuple[Coin, ...]
    outputs: tuple[CTxOut, ...]
    meant: Mapping[str, object]
    stopped_by: Check


def _title_at(own: Estate, vout: int) -> UnitsAt:
    return UnitsAt(vout=vout, script=own.title.script_pubkey, units=own.genesis)


def _merged_at(own: Estate, vout: int, quantity: int) -> UnitsAt:
    units = Genuine(genesis=own.genesis.genesis, quantity=quantity, title=False)
    return UnitsAt(vout=vout, script=own.title.script_pubkey, units=units)


def into_more_units(own: Estate) -> Mistake:
    """C7: the title and the whole treasury in one output, believed to hold the title still."""
    outputs = (marker([UNITS + 1]), CTxOut(8_000, own.title.script_pubkey))
    meant = {"units": (_title_at(own, 1),)}
    return Mistake(coins=(own.title, own.treasury), outputs=outputs, meant=meant, stopped_by=Check.TITLE)


def into_more_units_on_purpose(own: Estate) -> Mistake:
    """C7: the same, asked for in so many words; nobody can mean to freeze a repository."""
    outputs = (marker([UNITS + 1]), CTxOut(8_000, own.title.script_pubkey))
    meant = {"units": (_merged_at(own, 1, UNITS + 1),)}
    return Mistake(coins=(own.title, own.treasury), outputs=outputs, meant=meant, stopped_by=Check.TITLE)


def behind_other_units(own: Estate) -> Mistake:
    """C7: the treasury in front, and the title behind it."""
    script = own.title.script_pubkey
    outputs = (marker([UNITS, 1]), CTxOut(600, script), CTxOut(8_000, script))
    meant = {"units": (_merged_at(own, 1, UNITS), _title_at(own, 2))}
    return Mistake(coins=(own.treasury, own.title), outputs=outputs, meant=meant, stopped_by=Check.TITLE)


def two_titles(own: Estate) -> Mistake:
    """C7: two repositories handed on in one transaction."""
    outputs = (marker([1, 1]), CTxOut(8_000, own.title.script_pubkey), CTxOut(8_000, own.other_title.script_pubkey))
    meant = {"units": (_title_at(own, 1),)}
    coins = (own.title, own.other_title)
    return Mistake(coins=coins, outputs=outputs, meant=meant, stopped_by=Check.MIXED_REPOSITORIES)


def plain_payment(own: Estate) -> Mistake:
    """C6: the title's coin as ordinary bitcoin."""
    outputs = (CTxOut(8_000, own.title.script_pubkey),)
    return Mistake(coins=(own.title,), outputs=outputs, meant={"record": None}, stopped_by=Check.BURN)


def second_marker(own: Estate) -> Mistake:
    """C2: a release with another marker behind it."""
    stray = CTxOut(0, CScript(b"\x6a\x04\x4f\x41\x01\x00"))
    outputs = (marker([1]), CTxOut(8_000, own.title.script_pubkey), stray)
    return Mistake(coins=(own.title,), outputs=outputs, meant={"units": (_title_at(own, 1),)}, stopped_by=Check.MARKER)


def padded_marker(own: Estate) -> Mistake:
    """C3: a marker that other readers understand in other ways."""
    odd = CTxOut(0, CScript(b"\x6a\x08\x4f\x41\x01\x00\x01\x81\x00\x00"))
    outputs = (odd, CTxOut(8_000, own.title.script_pubkey))
    return Mistake(coins=(own.title,), outputs=outputs, meant={"units": (_title_at(own, 1),)}, stopped_by=Check.MARKER)


def record_in_a_handover(own: Estate) -> Mistake:
    """C12: a release that rides on a change of owner and would speak for nobody."""
    record = Release(digest=image("evil").digest, tags=Tags.of("1.0")).serialize()
    outputs = (marker([1], record), to(THIEF, 8_000))
    units = (UnitsAt(vout=1, script=THIEF.script, units=own.genesis),)
    meant = {"units": units, "record": record}
    return Mistake(coins=(own.title,), outputs=outputs, meant=meant, stopped_by=Check.RECORD)


MISTAKES = (
    into_more_units,
    into_more_units_on_purpose,
    behind_other_units,
    two_titles,
    plain_payment,
    second_marker,
    padded_marker,
    record_in_a_handover,
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
@pytest.mark.usefixtures("names")
def test_the_guard_refuses_to_sign_what_would_lose_a_title(
    publisher: Publisher, mistake: Callable[[Estate], Mistake]
) -> None:
    """C2, C3, C6, C7, C12: the exact transaction is recoloured before any key is used for it."""
    before = publisher.what_is_there()
    with publisher.session() as (session, unlock):
        made = mistake(estate(session))
        wrong = draft(session, made.coins, made.outputs, made.meant)
        with pytest.raises(GuardError) as refused:
            sign_and_broadcast(wrong, unlock, session)
    assert str(refused.value).startswith(f"refused ({made.stopped_by}): ")
    assert refused.value.hint
    assert publisher.what_is_there() == before


def test_a_harmless_plan_by_hand_passes_the_same_guard(
    ground: Ground, publisher: Publisher, names: tuple[str, str]
) -> None:
    """The control: what is refused above is refused for what it does, not for how the tests make it."""
    with publisher.session() as (session, unlock):
        own = estate(session)
        outputs = (marker([1]), CTxOut(own.title.value - 500, own.title.script_pubkey))
        fine = draft(session, (own.title,), outputs, {"units": (_title_at(own, 1),)})
        sign_and_broadcast(fine, unlock, session)
    ground.node.mine()
    ground.agreed(own.genesis.genesis)
    publisher.person.verify(f"{names[0]}:1.0", expect=Verdict.UNPINNED)


@pytest.mark.usefixtures("names")
def test_foreign_units_that_were_sent_to_a_wallet_stay_apart_and_pay_nothing(
    ground: Ground, publisher: Publisher
) -> None:
    """C8: a foreign mint lies among the wallet's bitcoin; it is reserved, and the guard lets nobody spend it."""
    address = publisher.person.run("wallet", "receive", "--json").document["address"]
    script = CScript(bytes.fromhex(ground.node.rpc("validateaddress", address)["scriptPubKey"]))
    ground.mine(signed([ground.coin(Key("mint"))], [CTxOut(90_000, script), marker([500])]))
    before = publisher.what_is_there()
    with publisher.session() as (session, unlock):
        coins = session.coins.coins()
        (foreign,) = [coin for coin in coins if coin.script_pubkey == script]
        assert isinstance(session.color_of(foreign.outpoint), Foreign)
        assert foreign.outpoint in reserved_coins(coins, color_of=session.color_of, held={})
        wrong = draft(session, (foreign,), (CTxOut(88_000, script),), {"record": None})
        with pytest.raises(GuardError, match="foreign units"):
            sign_and_broadcast(wrong, unlock, session)
    assert publisher.what_is_there() == before


def test_an_owner_releases_on_while_a_release_of_their_own_is_pending(
    ground: Ground, publisher: Publisher, names: tuple[str, str]
) -> None:
    """C21: a title that the mempool moves to its own script is still the owner's, and not frozen."""
    name = names[1]
    first = publisher.release(name, "1.0")
    shown = publisher.person.run("image", "show", name, "--json").document
    assert (shown["state"], shown["owned"]) == ("held", True)
    second = publisher.release(name, "2.0")
    publisher.person.verify(f"{name}:1.0", expect=Verdict.PENDING)
    ground.node.mine()
    for tag, digest in (("1.0", first), ("2.0", second)):
        assert publisher.person.verify(f"{name}:{tag}", expect=Verdict.UNPINNED)["digest"] == digest
