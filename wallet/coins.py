"""Coins, the keys that hold them, and sums of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from wallet.amount import Sats

COINBASE_MATURITY = 100
"""Blocks after which a coinbase output can be spent."""


class AccountKind(IntEnum):
    """The hardened third level of our BIP84 paths: what the keys below it are for."""

    BTC = 0
    UNITS = 17475
    ISSUING = 17476
    SHOP = 17477


@dataclass(frozen=True, slots=True, order=True)
class KeyPath:
    """Where a key of this wallet lies: m/84'/coin'/account'/chain/index, and m/84'/coin'/17477'/index' for SHOP.

    `chain` is 0 for receiving and 1 for change (BTC only).
    """

    account: AccountKind
    chain: int
    index: int

    def __str__(self) -> str:
        if self.account is AccountKind.SHOP:
            return f"{self.account.value}'/{self.index}'"
        return f"{self.account.value}'/{self.chain}/{self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """An unspent output of this wallet.

    `height` is None in the mempool. `trusted` tells an unconfirmed coin that only our own transactions made.
    """

    outpoint: COutPoint
    value: Sats
    script_pubkey: CScript
    path: KeyPath
    height: int | None
    coinbase: bool = False
    trusted: bool = False

    @property
    def txout(self) -> CTxOut:
        """The output as it stands in its transaction."""
        return CTxOut(self.value, self.script_pubkey)

    def is_mature(self, tip_height: int) -> bool:
        """Whether the next block may spend it."""
        if not self.coinbase:
            return True
        return self.height is not None and tip_height - self.height + 1 >= COINBASE_MATURITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Sums of coins, in sats. `reserved` coins are in no other sum: they have, or might have, colour."""

    confirmed: Sats
    trusted_pending: Sats
    untrusted_pending: Sats
    immature: Sats
    reserved: Sats

    @property
    def spendable(self) -> Sats:
        """What a payment may use now."""
        return Sats(self.confirmed + self.trusted_pending)

    @classmethod
    def of(cls, coins: Iterable[Coin], *, reserved: frozenset[COutPoint], tip_height: int) -> "Balance":
        """The balance of `coins` at a tip."""
        sums = dict.fromkeys(("confirmed", "trusted_pending", "untrusted_pending", "immature", "reserved"), 0)
        for coin in coins:
            if coin.outpoint in reserved:
                kind = "reserved"
            elif not coin.is_mature(tip_height):
                kind = "immature"
            elif coin.height is not None:
                kind = "confirmed"
            else:
                kind = "trusted_pending" if coin.trusted else "untrusted_pending"
            sums[kind] += coin.value
        return cls(**{kind: Sats(total) for kind, total in sums.items()})
