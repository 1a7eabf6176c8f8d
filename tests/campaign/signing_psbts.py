"""The same through real PSBTs: bytes that leave keys out, lie about amounts or bring no previous transactions.

They are handed to the review of `wallet sign`, and to the signer itself.
"""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, cast

from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.errors import GuardError
from assets.services.spending.cold_signing import Consent, Review, review
from assets.services.spending.wallet_facts import NodeFacts, WalletFacts
from tests.campaign.signing_drafts import SEED, TIP, World, world
from wallet.chain.source import BlockRef, CoinAnswer, FoundTransaction, Tip
from wallet.coins import AccountKind
from wallet.errors import EncodingError, SigningError
from wallet.hashes import BlockHash, Txid
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.psbt import to_psbt
from wallet.signer import SoftwareSigner
from wallet.transactions import UnsignedTransaction

_BLOCK = BlockHash(b"\x0b" * 32)
REFUSALS = (GuardError, SigningError, EncodingError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A PSBT as somebody hands it over. `hidden` are coins of ours for which it names no key, `lied` inputs whose
    amount it states wrongly.
    """

    raw: bytes
    hidden: frozenset[int]
    lied: frozenset[int]
    named: bool


class _Chain:
    """A node that knows the world's transactions, all in blocks, and an empty mempool."""

    def __init__(self, made: World) -> None:
        self._made = made

    def tip(self) -> Tip:
        return Tip(height=TIP, hash=_BLOCK, time=0, headers=TIP, syncing=False)

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        tx = self._made.made.get(txid)
        return None if tx is None else FoundTransaction(tx=tx, block=BlockRef(100, _BLOCK))

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        return CoinAnswer(txout=self._made.coins[outpoint].txout, tip=_BLOCK, height=100)

    def spender(self, _: COutPoint) -> CTransaction | None:
        return None


class _Nothing:
    """A wallet's stores in which nothing is written."""

    def frozen(self) -> tuple[()]:
        return ()

    def active(self, _: int) -> tuple[()]:
        return ()

    def unconfirmed(self) -> tuple[()]:
        return ()

    def entry(self, _: Txid) -> None:
        return None


@cache
def facts() -> WalletFacts:
    """What the wallet knows, with a node."""
    made, nothing = world(), cast("Any", _Nothing())
    return WalletFacts(
        account=made.account,
        used={},
        store=nothing,
        journal=nothing,
        reservations=nothing,
        offers=None,
        cold_drafts=None,
        clock=lambda: 0,
        signing=nullcontext,
        node=NodeFacts(source=cast("Any", _Chain(made)), color_of=made.color),
    )


@cache
def signer() -> SoftwareSigner:
    """The wallet's keys."""
    return SoftwareSigner(PrivateKeychain(SEED, REGTEST), REGTEST)


def handed(unsigned: UnsignedTransaction, made: World, rng: Random) -> Handed:
    """A PSBT of a transaction; one in three leaves something out or lies."""
    own = [number for number, one in enumerate(unsigned.prevouts) if one.path is not None]
    hidden = frozenset(rng.sample(own, rng.randint(0, len(own) - 1)) if rng.random() < 0.3 else ())
    lied = frozenset(rng.sample(range(len(unsigned.prevouts)), 1) if rng.random() < 0.15 else ())
    prevouts = []
    for number, one in enumerate(unsigned.prevouts):
        told = replace(one, path=None) if number in hidden else one
        if number in lied:
            told = replace(told, txout=CTxOut(one.txout.nValue + rng.choice([-500, 500]), one.txout.scriptPubKey))
        prevouts.append(told)
    named = tuple(one for one in unsigned.own_outputs if rng.random() < 0.8 and _named(one[1].account))
    whole = tuple(
        made.made[Txid(bytes(one.outpoint.hash))]
        for number, one in enumerate(unsigned.prevouts)
        if number not in lied and rng.random() < 0.8
    )
    whole_by_lie = tuple(tx for tx in whole if not any(_makes(tx, unsigned, number) for number in lied))
    raw = to_psbt(replace(unsigned, prevouts=tuple(prevouts), own_outputs=named), made.account, whole_by_lie)
    return Handed(raw=raw, hidden=hidden, lied=lied, named=len(hidden) < len(own))


def _makes(tx: CTransaction, unsigned: UnsignedTransaction, number: int) -> bool:
    return bool(tx.GetTxid() == unsigned.prevouts[number].outpoint.hash)


def _named(account: AccountKind) -> bool:
    return account is not AccountKind.SHOP


def reviewed(given: Handed, *, hand_over: bool) -> Review:
    """What `wallet sign` says of it. Raises one of REFUSALS."""
    return review(given.raw, facts(), Consent(hand_over=hand_over))


def signed_past_the_review(given: Handed) -> bool:
    """Whether the signer alone would sign what hides a coin of ours."""
    try:
        signer().sign(given.raw)
    except SigningError:
        return False
    return bool(given.hidden)
