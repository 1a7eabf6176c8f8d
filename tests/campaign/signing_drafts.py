"""A wallet that hangs in the air, and drafts of every deed, as the program composes and funds them.

Nothing here is a node: coins are made by transactions that stand in a table, and what each holds is known from how it
was made. Strangers have coins, units and repositories of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.compose import ChangeTo, plan_genesis, plan_grant, plan_handover, plan_record
from assets.coloring.expect import (
    Funding,
    expect_genesis,
    expect_grant,
    expect_handover,
    expect_payment,
    expect_record,
)
from assets.coloring.plan import Expectation, Grant, PlannedOutput, Recipient, Role, TxPlan, UnitCoin
from assets.coloring.sale import Deal, expect_bought, expect_sold, plan_sale
from assets.images.digest import Digest
from assets.images.record import Define, Record, RecordName, Release, Revoke, RevokeReason, Seal
from assets.images.tag import Tags
from assets.model import CoinColor, Foreign, Genuine, OtherColor, Sign, Unknown
from assets.protocols.open_assets.rule import asset_id_of
from assets.services.spending.drafts import template_of
from tests.builders import NAME, genesis_record, marker, script
from wallet.account import Account
from wallet.amount import Sats
from wallet.builder import fund
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.fees import FeeRate
from wallet.hashes import Txid, sha256, txid_of
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.transactions import Prevout, UnsignedTransaction, assemble

SEED = bytes(range(40, 72))
"""What the wallet's keys are made of."""

TIP = 800
LOTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A coin: what made it, its output, whose it is, and what it truly holds."""

    outpoint: COutPoint
    txout: CTxOut
    color: CoinColor
    path: KeyPath | None

    @property
    def prevout(self) -> Prevout:
        """As an input spends it."""
        return Prevout(outpoint=self.outpoint, txout=self.txout, path=self.path)

    @property
    def units(self) -> UnitCoin:
        """A coin of genuine units."""
        assert isinstance(self.color, Genuine)
        return UnitCoin(prevout=self.prevout, units=self.color)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A draft: the exact transaction, and what it is expected to do (None for what only others make)."""

    name: str
    unsigned: UnsignedTransaction
    expectation: Expectation | None


@dataclass
class World:
    """Coins and the transactions that made them. `own` says whose scripts are the wallet's: the truth, by its keys."""

    account: Account
    own: Mapping[bytes, KeyPath]
    made: dict[Txid, CTransaction] = field(default_factory=dict)
    coins: dict[COutPoint, Held] = field(default_factory=dict)
    assets: dict[Txid, bytes] = field(default_factory=dict)

    def key(self, account: AccountKind, index: int, chain: int = 0) -> Recipient:
        """One of the wallet's keys."""
        path = KeyPath(account, chain, index)
        return Recipient(script=self.account.script(path), path=path)

    def add(self, tx: CTransaction, colors: Mapping[int, CoinColor]) -> Txid:
        """A transaction whose outputs hold what is said, and nothing else."""
        txid = txid_of(tx)
        self.made[txid] = tx
        for vout, txout in enumerate(tx.vout):
            if txout.scriptPubKey[:1] != b"\x6a":
                outpoint = COutPoint(txid, vout)
                path = self.own.get(bytes(txout.scriptPubKey))
                self.coins[outpoint] = Held(outpoint=outpoint, txout=txout, color=colors.get(vout), path=path)
        return txid

    def of(self, wanted: Callable[[Held], bool]) -> list[Held]:
        """Coins in the order in which they were made."""
        return [one for one in self.coins.values() if wanted(one)]

    def color(self, outpoint: COutPoint) -> CoinColor:
        """What a node would find out."""
        return self.coins[outpoint].color

    @property
    def plain(self) -> list[Coin]:
        """The wallet's bitcoin."""
        found = self.of(lambda one: one.path is not None and one.path.account is AccountKind.BTC and one.color is None)
        return [
            Coin(
                outpoint=one.outpoint,
                value=Sats(one.txout.nValue),
                script_pubkey=one.txout.scriptPubKey,
                path=one.path,
                height=100,
            )
            for one in found
            if one.path is not None
        ]


@cache
def world() -> World:
    """The one wallet of the campaign: three repositories, one of them a stranger's, and every kind of coin."""
    keychain = PrivateKeychain(SEED, REGTEST)
    lots = [(number, keychain.public_key(KeyPath(AccountKind.SHOP, 0, number))) for number in range(LOTS)]
    account = Account.of(keychain).with_lots(lots)
    made = World(account=account, own=account.own_scripts({}))
    for number in range(8):
        made.add(_paying(f"plain {number}", made.key(AccountKind.BTC, number).script, 60_000 * (number + 1)), {})
        made.add(_paying(f"theirs {number}", script(f"partner {number}"), 70_000), {})
    made.add(_paying("issuing", made.key(AccountKind.ISSUING, 5).script, 30_000), {})
    made.add(_paying("left over", made.key(AccountKind.ISSUING, 6).script, 30_000), {})
    made.add(_paying("plain on units", made.key(AccountKind.UNITS, 15).script, 20_000), {})
    for number, owner in enumerate((made.key(AccountKind.UNITS, 0), made.key(AccountKind.UNITS, 1))):
        _repository(made, f"own {number}", owner.script, keep=made)
    _repository(made, "stranger's", script("stranger"), keep=made)
    foreign = Foreign(asset=asset_id_of(script("mint")), quantity=500)
    for name, to in (("foreign", AccountKind.BTC), ("foreign on units", AccountKind.UNITS)):
        tx = assemble(
            ((COutPoint(sha256(name.encode()), 0), 0),), (CTxOut(40_000, made.key(to, 17).script), marker([500]))
        )
        made.add(tx, {0: foreign})
    lost = made.add(_paying("unknown", made.key(AccountKind.BTC, 18).script, 50_000), {0: Unknown(reason="not found")})
    assert lost in made.made
    runes = assemble(
        ((COutPoint(sha256(b"runes"), 0), 0xFFFFFFFD),),
        (CTxOut(80_000, made.key(AccountKind.BTC, 19).script), CTxOut(0, CScript(b"\x6a\x5d\x01\x00"))),
    )
    made.add(runes, {0: OtherColor(signs=(Sign.RUNES,))})
    return made


def _paying(name: str, to: CScript, sats: int) -> CTransaction:
    return assemble(((COutPoint(sha256(name.encode()), 0), 0xFFFFFFFD),), (CTxOut(sats, to),))


def _repository(made: World, name: str, owner: CScript, *, keep: World) -> None:
    """A genesis, and a transfer that splits the treasury: in units, single units, lots, and what strangers hold."""
    issuing = script(f"issuer of {name}")
    genesis = assemble(
        ((COutPoint(sha256(name.encode()), 0), 0xFFFFFFFD),),
        (CTxOut(10_000, owner), CTxOut(330, owner), marker([1, 1_000], genesis_record())),
    )
    txid = txid_of(genesis)
    made.assets[txid] = asset_id_of(issuing)
    title = Genuine(genesis=txid, quantity=1, title=True)
    made.add(genesis, {0: title, 1: replace(title, quantity=1_000, title=False)})
    quantities, scripts = [300, 200, 100, 1, 1], [owner] * 5
    if made.own.get(bytes(owner)) is not None and name == "own 0":
        quantities += [1] * LOTS
        scripts += [keep.key(AccountKind.SHOP, number).script for number in range(LOTS)]
    quantities.append(50)
    scripts.append(script(f"holder of {name}"))
    outputs = [marker(quantities), *(CTxOut(330, one) for one in scripts)]
    treasury = COutPoint(txid, 1)
    split = assemble(((treasury, 0xFFFFFFFD),), tuple(outputs))
    made.add(
        split,
        {vout: Genuine(genesis=txid, quantity=one, title=False) for vout, one in enumerate(quantities, 1)},
    )
    del made.coins[treasury]


@cache
def drafts(each: int = 8) -> tuple[Base, ...]:
    """`each` drafts of every deed; always the same."""
    made, rng = world(), Random(7)
    return tuple(one(made, rng) for one in DEEDS for _ in range(each))


def _change(made: World, rng: Random) -> ChangeTo:
    to = made.key(AccountKind.BTC, rng.randrange(4), 1)
    assert to.path is not None
    return to.script, to.path


def _funded(made: World, name: str, plan: TxPlan, expect: Callable[[Funding], Expectation], rng: Random) -> Base:
    rate = FeeRate(rng.choice([1_000, 2_500, 12_000]))
    coins = rng.sample(made.plain, 5)
    taken = frozenset(planned.prevout.outpoint for planned in plan.inputs)
    unsigned = fund(template_of(plan), coins=coins, reserved=taken, rate=rate, tip_height=TIP)
    return Base(name=name, unsigned=unsigned, expectation=expect(Funding.of(plan, unsigned)))


def _title(made: World, rng: Random) -> UnitCoin:
    return rng.choice(made.of(lambda one: one.path is not None and _is(one, title=True))).units


def _access(made: World, account: AccountKind, rng: Random, count: int, genesis: Txid | None = None) -> list[UnitCoin]:
    found = made.of(lambda one: one.path is not None and one.path.account is account and _is(one, title=False))
    genesis = genesis or rng.choice([one.units.units.genesis for one in found])
    mine = [one.units for one in found if one.units.units.genesis == genesis]
    return rng.sample(mine, min(count, len(mine)))


def _is(one: Held, *, title: bool) -> bool:
    return isinstance(one.color, Genuine) and one.color.title is title


def _stranger(rng: Random) -> Recipient:
    return Recipient(script=script(f"recipient {rng.randrange(5)}"))


def payment(made: World, rng: Random) -> Base:
    """To one, or to many."""
    paid = [(_stranger(rng), Sats(rng.randrange(1_000, 20_000))) for _ in range(rng.randint(1, 3))]
    return _paid(made, "payment", paid, rng)


def self_payment(made: World, rng: Random) -> Base:
    """Bitcoin to oneself."""
    return _paid(made, "payment to oneself", [(made.key(AccountKind.BTC, 9), Sats(rng.randrange(1_000, 20_000)))], rng)


def _paid(made: World, name: str, paid: Sequence[tuple[Recipient, Sats]], rng: Random) -> Base:
    outputs = tuple(PlannedOutput(txout=CTxOut(sats, to.script), role=Role.PAYMENT, path=to.path) for to, sats in paid)
    plan = TxPlan(inputs=(), outputs=outputs, may_append_inputs=True, change=_change(made, rng))
    return _funded(made, name, plan, lambda funding: expect_payment(payments=paid, funding=funding), rng)


def funding_coin(made: World, rng: Random) -> Base:
    """The coin of a genesis to come."""
    to = made.key(AccountKind.ISSUING, 8)
    base = _paid(made, "funding of an issuing coin", [(to, Sats(20_000))], rng)
    assert base.expectation is not None
    return replace(base, expectation=replace(base.expectation, issuing_coin=to.path))


def cancel(made: World, rng: Random) -> Base:
    """Issuing coins go back."""
    coins = made.of(lambda one: one.path is not None and one.path.account is AccountKind.ISSUING)
    back = made.key(AccountKind.BTC, 1, 1)
    value = sum(one.txout.nValue for one in coins) - rng.choice([500, 900])
    inputs = tuple((one.outpoint, 0xFFFFFFFD) for one in coins)
    assert back.path is not None
    unsigned = UnsignedTransaction(
        tx=assemble(inputs, (CTxOut(value, back.script),)),
        prevouts=tuple(one.prevout for one in coins),
        own_outputs=((0, back.path),),
    )
    spent = frozenset(one.outpoint for one in coins)
    return Base(
        name="cancel of an issuing coin",
        unsigned=unsigned,
        expectation=Expectation(
            own_inputs=spent,
            own_outputs=((0, back.path),),
            btc_delta=Sats(-unsigned.fee),
            record=None,
            returned=spent,
        ),
    )


def genesis(made: World, rng: Random) -> Base:
    """A repository is issued."""
    (issuing,) = made.of(lambda one: one.path == KeyPath(AccountKind.ISSUING, 0, 5))
    owner, units = made.key(AccountKind.UNITS, 12), rng.choice([1, 1_000, 10**6])
    record = genesis_record()
    plan = plan_genesis(issuing=issuing.prevout, owner=owner, units=units, record=record, change=_change(made, rng))

    def expect(funding: Funding) -> Expectation:
        return expect_genesis(issuing=issuing.prevout, owner=owner, units=units, record=record, funding=funding)

    return _funded(made, "genesis", plan, expect, rng)


def record(made: World, rng: Random) -> Base:
    """Any record of a title."""
    digest = Digest.of(rng.randbytes(8))
    records: list[Record] = [
        Release(digest=digest, tags=Tags.of("1.0", "latest")),
        Release(digest=digest, tags=Tags.of("1.0"), final=True),
        Revoke(digest=digest, reason=RevokeReason.BROKEN),
        Define(definition=rng.randbytes(32), name=RecordName.of(NAME)),
        Seal(plaintext=digest, ciphertext=Digest.of(rng.randbytes(8))),
    ]
    says = rng.choice(records).serialize()
    title = _title(made, rng)
    plan = plan_record(title=title, record=says, change=_change(made, rng))
    return _funded(made, "record", plan, lambda funding: expect_record(title=title, record=says, funding=funding), rng)


def handover(made: World, rng: Random) -> Base:
    """The title, with some of the treasury or without."""
    title = _title(made, rng)
    treasury = _access(made, AccountKind.UNITS, rng, rng.choice([0, 1, 3]), title.units.genesis)
    to = rng.choice([_stranger(rng), made.key(AccountKind.UNITS, 11)])
    plan = plan_handover(title=title, treasury=treasury, to=to, change=_change(made, rng))

    def expect(funding: Funding) -> Expectation:
        return expect_handover(title=title, treasury=treasury, to=to, funding=funding)

    return _funded(made, "hand-over", plan, expect, rng)


def _granted(made: World, name: str, coins: list[UnitCoin], grants: list[Grant], rng: Random) -> Base:
    rest = made.key(AccountKind.UNITS, 10)
    plan = plan_grant(coins=coins, grants=grants, rest=rest, change=_change(made, rng))

    def expect(funding: Funding) -> Expectation:
        return expect_grant(coins=coins, grants=grants, rest=rest, funding=funding)

    return _funded(made, name, plan, expect, rng)


def grant(made: World, rng: Random) -> Base:
    """Units for others."""
    coins = _access(made, AccountKind.UNITS, rng, rng.randint(1, 3))
    total = sum(one.units.quantity for one in coins)
    grants = [Grant(to=_stranger(rng), quantity=rng.randint(1, max(1, total // 4))) for _ in range(rng.randint(1, 3))]
    return _granted(made, "grant", coins, grants if sum(one.quantity for one in grants) <= total else grants[:1], rng)


def split(made: World, rng: Random) -> Base:
    """Units stay, in other coins."""
    coins = _access(made, AccountKind.UNITS, rng, 3)
    half = max(1, sum(one.units.quantity for one in coins) // 2)
    return _granted(made, "split", coins, [Grant(to=made.key(AccountKind.UNITS, 9), quantity=half)], rng)


def merge(made: World, rng: Random) -> Base:
    """Units stay, in one coin."""
    coins = _access(made, AccountKind.UNITS, rng, 3)
    total = sum(one.units.quantity for one in coins)
    return _granted(made, "merge", coins, [Grant(to=made.key(AccountKind.UNITS, 9), quantity=total)], rng)


def lots(made: World, rng: Random) -> Base:
    """Single units on keys of lots."""
    coins = [one for one in _access(made, AccountKind.UNITS, rng, 9) if one.units.quantity >= LOTS][:1]
    grants = [Grant(to=made.key(AccountKind.SHOP, number), quantity=1) for number in range(3)]
    return _granted(made, "lots", coins, grants, rng)


def recall(made: World, rng: Random) -> Base:
    """Lots come back."""
    coins = _access(made, AccountKind.SHOP, rng, 3)
    return _granted(made, "recall", coins, [Grant(to=made.key(AccountKind.UNITS, 9), quantity=3)], rng)


def sale(made: World, rng: Random) -> Base:
    """A lot, units or a title for bitcoin: as the seller is asked to sign it last."""
    account = rng.choice([AccountKind.SHOP, AccountKind.UNITS])
    sold = [_title(made, rng)] if rng.random() < 0.3 else _access(made, account, rng, 1)
    buyer, pay_to = _stranger(rng), made.key(AccountKind.BTC, 3)
    deal = Deal(sold=tuple(sold), price=Sats(rng.randrange(1_000, 30_000)), pay_to=pay_to, buyer=buyer)
    paying = rng.choice(made.of(lambda one: one.path is None and one.color is None and one.txout.nValue == 70_000))
    plan = plan_sale(deal, (script("buyer's change"), KeyPath(AccountKind.BTC, 0, 0)))
    outputs = [planned.txout for planned in plan.outputs]
    spent = [*(one.prevout for one in sold), paying.prevout]
    left = sum(one.txout.nValue for one in spent) - sum(out.nValue for out in outputs) - 1_500
    outputs.append(CTxOut(left, script("buyer's change")))
    tx = assemble(tuple((one.outpoint, 0xFFFFFFFD) for one in spent), tuple(outputs))
    assert pay_to.path is not None
    unsigned = UnsignedTransaction(tx=tx, prevouts=tuple(spent), own_outputs=((deal.payment_output, pay_to.path),))
    return Base(name="sale", unsigned=unsigned, expectation=expect_sold(deal, tx))


def bid(made: World, rng: Random) -> Base:
    """Units or a title of others for our bitcoin: as the buyer signs it first."""
    found = made.of(lambda one: one.path is None and isinstance(one.color, Genuine))
    deal = Deal(
        sold=(rng.choice(found).units,),
        price=Sats(rng.randrange(1_000, 30_000)),
        pay_to=_stranger(rng),
        buyer=made.key(AccountKind.UNITS, 13),
    )
    plan = plan_sale(deal, _change(made, rng))
    return _funded(made, "bid", plan, lambda funding: expect_bought(deal, funding), rng)


def joint(made: World, rng: Random) -> Base:
    """A payment to which others bring coins, too; nobody here drafts one."""
    ours = [one for one in made.of(lambda one: one.path is not None and one.color is None) if _account(one) == 0]
    theirs = made.of(lambda one: one.path is None)
    spent = [*rng.sample(ours, 2), *rng.sample(theirs, 2)]
    rng.shuffle(spent)
    change = made.key(AccountKind.BTC, 2, 1)
    total = sum(one.txout.nValue for one in spent) - 2_000
    given = rng.randrange(1_000, total - 1_000)
    assert change.path is not None
    unsigned = UnsignedTransaction(
        tx=assemble(
            tuple((one.outpoint, 0xFFFFFFFD) for one in spent),
            (CTxOut(given, _stranger(rng).script), CTxOut(total - given, change.script)),
        ),
        prevouts=tuple(one.prevout for one in spent),
        own_outputs=((1, change.path),),
    )
    return Base(name="joint payment", unsigned=unsigned, expectation=None)


def _account(one: Held) -> int:
    return -1 if one.path is None else int(one.path.account)


DEEDS = (
    payment, self_payment, funding_coin, cancel, genesis, record, handover, grant, split, merge, lots, recall, sale,
    bid, joint,
)  # fmt: skip
"""One for each deed that the program reads."""
