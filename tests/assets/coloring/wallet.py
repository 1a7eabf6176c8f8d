"""A made-up wallet for composing: keys are names, coins hang in the air, funding is the wallet's own builder."""

from collections.abc import Sequence

from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.plan import Recipient, TxPlan, UnitCoin
from assets.model import Genuine
from tests.builders import script
from wallet.amount import Sats
from wallet.builder import fund
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.fees import FeeRate
from wallet.hashes import Txid, sha256
from wallet.template import FeeFrom, Template
from wallet.transactions import Prevout, UnsignedTransaction

GENESIS = Txid(b"\x11" * 32)
_OWN: dict[bytes, KeyPath] = {}


def own(account: AccountKind = AccountKind.BTC, index: int = 0, chain: int = 0) -> KeyPath:
    """One of the wallet's keys."""
    return KeyPath(account, chain, index)


def account_script(path: KeyPath) -> CScript:
    """The script of one of the wallet's keys."""
    made = script(f"own {path}")
    _OWN[bytes(made)] = path
    return made


def whose(target: bytes) -> KeyPath | None:
    """The key behind a script, among all that a test ever made."""
    return _OWN.get(bytes(target))


def prevout(name: str, value: int, path: KeyPath | None = None, to: CScript | None = None) -> Prevout:
    """A named coin, on the script of a key or on any script."""
    target = account_script(path) if path is not None else to
    assert target is not None
    return Prevout(outpoint=COutPoint(sha256(name.encode()), 0), txout=CTxOut(value, target), path=path)


def unit_coin(
    name: str, value: int, quantity: int = 1, *, title: bool = False, genesis: bytes = GENESIS, index: int = 7
) -> UnitCoin:
    """A coin of ours with genuine units."""
    units = Genuine(genesis=Txid(genesis), quantity=quantity, title=title)
    return UnitCoin(prevout=prevout(name, value, own(AccountKind.UNITS, index)), units=units)


def btc_coin(number: int, value: int) -> Coin:
    """A confirmed BTC coin of ours."""
    path = own(AccountKind.BTC, number)
    return Coin(
        outpoint=COutPoint(sha256(f"btc{number}".encode()), 0),
        value=Sats(value),
        script_pubkey=account_script(path),
        path=path,
        height=1,
    )


OWNER = Recipient(script=account_script(own(AccountKind.UNITS, 1)), path=own(AccountKind.UNITS, 1))
STRANGER = Recipient(script=script("stranger"))
CHANGE = (account_script(own(AccountKind.BTC, 99, 1)), own(AccountKind.BTC, 99, 1))


def template_of(plan: TxPlan) -> Template:
    """A plan in the words of the wallet's builder."""
    fee_from = plan.fee_from
    return Template(
        inputs=tuple(item.prevout for item in plan.inputs),
        outputs=tuple(item.txout for item in plan.outputs),
        own_outputs=tuple((vout, item.path) for vout, item in enumerate(plan.outputs) if item.path is not None),
        change=plan.change,
        may_append_inputs=plan.may_append_inputs,
        fee_from=None
        if fee_from is None
        else FeeFrom(vout=fee_from.vout, minimum=fee_from.minimum, refill=fee_from.refill),
        version=plan.version,
        locktime=plan.locktime,
        sequence=plan.sequence,
    )


def funded(plan: TxPlan, coins: Sequence[Coin], rate: FeeRate) -> UnsignedTransaction:
    """A plan, paid for by some of `coins`."""
    reserved = frozenset(item.prevout.outpoint for item in plan.inputs)
    return fund(template_of(plan), coins=coins, reserved=reserved, rate=rate, tip_height=200)
