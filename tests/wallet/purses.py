"""Coins and templates for the tests of selection and building."""

from bitcoin.core import COutPoint, CTxOut, Hash
from bitcoin.core.script import CScript

from wallet.amount import Sats
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.template import FeeFrom, Template
from wallet.transactions import Prevout

TIP = 200
CHANGE = KeyPath(AccountKind.BTC, 1, 0)


def script_of(path: KeyPath) -> CScript:
    """A P2WPKH script that stands for a key."""
    return CScript(b"\x00\x14" + Hash(str(path).encode())[:20])


CHANGE_SLOT = (script_of(CHANGE), CHANGE)
STRANGER = CScript(b"\x00\x14" + b"\x77" * 20)
MARKER = CTxOut(0, CScript(b"\x6a\x04\x4f\x41\x01\x00"))


def coin(
    number: int,
    sats: int,
    *,
    account: AccountKind = AccountKind.BTC,
    height: int | None = 100,
    coinbase: bool = False,
    trusted: bool = False,
) -> Coin:
    """A coin that differs from all others by its number."""
    path = KeyPath(account, 0, number)
    return Coin(
        outpoint=COutPoint(Hash(b"coin %d" % number), number % 3),
        value=Sats(sats),
        script_pubkey=script_of(path),
        path=path,
        height=height,
        coinbase=coinbase,
        trusted=trusted,
    )


def prevout(spent: Coin) -> Prevout:
    """A coin as an input of a template."""
    return Prevout(outpoint=spent.outpoint, txout=spent.txout, path=spent.path)


def payment(sats: int, **fields: object) -> Template:
    """A template that pays a stranger and lets the builder do the rest."""
    parts: dict[str, object] = {"change": CHANGE_SLOT, "may_append_inputs": True, **fields}
    return Template(inputs=(), outputs=(CTxOut(sats, STRANGER),), **parts)  # type: ignore[arg-type]


def release(title: Coin, *, refill: int = 10_000) -> Template:
    """The template of a release: the title pays the fee down to 546 sat."""
    return Template(
        inputs=(prevout(title),),
        outputs=(MARKER, CTxOut(title.value, title.script_pubkey)),
        own_outputs=((1, title.path),),
        change=CHANGE_SLOT,
        may_append_inputs=True,
        fee_from=FeeFrom(vout=1, minimum=Sats(546), refill=Sats(refill)),
    )
