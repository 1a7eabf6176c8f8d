"""Which coins must never pay a fee, and why.

A coin is plain bitcoin only where that is known: units, issuing and shop accounts are reserved whole, and on the BTC
account every coin that has colour of ours or might have another protocol's, or whose colour cannot be found out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.coloring.sign_words import sign_words
from assets.model import CoinColor, Foreign, Genuine, OtherColor, Sign, Unknown
from assets.remedies import ImageRemedy
from assets.services.wallets.holds import Hold, hold_words
from wallet.amount import format_sats
from wallet.coins import AccountKind, Coin
from wallet.errors import InsufficientFundsError
from wallet.hashes import display

ColorOf = Callable[[COutPoint], CoinColor]


@dataclass(frozen=True, slots=True)
class Apart:
    """It lies on an account that pays for nothing."""

    account: AccountKind


@dataclass(frozen=True, slots=True)
class Colored:
    """It has colour, or nobody could tell that it has none."""

    color: Genuine | Foreign | OtherColor | Unknown


Reason = Hold | Apart | Colored
"""Why no payment may take a coin."""

_ACCOUNTS = {
    AccountKind.UNITS: "it lies on the account for units",
    AccountKind.ISSUING: "it lies on an issuing script",
    AccountKind.SHOP: "it is a lot of a shop",
}


def reserved_coins(
    coins: Iterable[Coin], *, color_of: ColorOf, held: Mapping[COutPoint, Hold]
) -> dict[COutPoint, Reason]:
    """The coins that no payment may take, each with the reason. `held` are those that are set aside already."""
    reasons: dict[COutPoint, Reason] = {}
    for coin in coins:
        reason = _reason(coin, color_of, held)
        if reason is not None:
            reasons[coin.outpoint] = reason
    return reasons


def _reason(coin: Coin, color_of: ColorOf, held: Mapping[COutPoint, Hold]) -> Reason | None:
    if coin.outpoint in held:
        return held[coin.outpoint]
    if coin.path.account is not AccountKind.BTC:
        return Apart(coin.path.account)
    color = color_of(coin.outpoint)
    return None if color is None else Colored(color)


def reason_words(reason: Reason | None) -> str:
    """Why no payment may take a coin, as a person reads it; empty where one may."""
    match reason:
        case None:
            return ""
        case Apart(account=account):
            return _ACCOUNTS[account]
        case Colored(color=Unknown() as unknown):
            return f"its colour is not known: {unknown.reason}"
        case Colored(color=OtherColor() as other):
            return f"it might hold units of another protocol: {sign_words(other)}"
        case Colored(color=color):
            return f"it holds {color_words(color)}"
        case hold:
            return hold_words(hold)


def color_words(color: CoinColor) -> str:
    """What a coin carries, in words; empty for plain bitcoin."""
    match color:
        case None:
            return ""
        case Genuine(title=True) as units:
            return f"the title of {display(units.genesis)}"
        case Genuine() as units:
            return f"{units.quantity:,} access units of {display(units.genesis)}"
        case Foreign() as foreign:
            return f"{foreign.quantity:,} foreign units of asset {foreign.asset.hex()}"
        case OtherColor() as other:
            return f"perhaps another colour: {sign_words(other)}"
        case Unknown() as unknown:
            return f"unknown: {unknown.reason}"


@contextmanager
def telling_other_colors(coins: Iterable[Coin], color_of: ColorOf) -> Iterator[None]:
    """Adds to a lack of funds what is held back for colours of other protocols, and how it is freed."""
    try:
        yield
    except InsufficientFundsError as error:
        held_back = [(coin.value, color) for coin in coins if isinstance(color := color_of(coin.outpoint), OtherColor)]
        if not held_back:
            raise
        signs = tuple(sign for sign in Sign if any(sign in color.signs for _, color in held_back))
        sats = format_sats(sum(value for value, _ in held_back))
        raise InsufficientFundsError(
            f"{error}; {sats} ({len(held_back):,} of the coins) might hold units of another protocol: "
            f"{sign_words(OtherColor(signs=signs))}",
            needed=error.needed,
            available=error.available,
            hint=error.advice + "; or " + ImageRemedy.FREE_OTHER_COLORS.of(),
        ) from error
