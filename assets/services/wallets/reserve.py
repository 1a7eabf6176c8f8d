"""Which coins must never pay a fee, and why.

A coin is plain bitcoin only where that is known: units, issuing and shop accounts are reserved whole, and on the BTC
account every coin that has colour of ours or might have another protocol's, or whose colour cannot be found out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from bitcoin.core import COutPoint

from assets.coloring.sign_words import sign_words
from assets.model import CoinColor, Foreign, Genuine, OtherColor, Sign, Unknown
from wallet.amount import format_sats
from wallet.coins import AccountKind, Coin
from wallet.errors import InsufficientFundsError
from wallet.hashes import display

ColorOf = Callable[[COutPoint], CoinColor]

_ACCOUNTS = {
    AccountKind.UNITS: "it lies on the account for units",
    AccountKind.ISSUING: "it lies on an issuing script",
    AccountKind.SHOP: "it is a lot of a shop",
}


def reserved_coins(coins: Iterable[Coin], *, color_of: ColorOf, held: Mapping[COutPoint, str]) -> dict[COutPoint, str]:
    """The coins that no payment may take, each with the reason in words.

    `held` are outpoints that are set aside already: frozen by the user, reserved by another process, or spent by a
    signed transaction that the node does not know.
    """
    reasons: dict[COutPoint, str] = {}
    for coin in coins:
        reason = _reason(coin, color_of, held)
        if reason:
            reasons[coin.outpoint] = reason
    return reasons


def _reason(coin: Coin, color_of: ColorOf, held: Mapping[COutPoint, str]) -> str:
    if coin.outpoint in held:
        return held[coin.outpoint]
    if coin.path.account is not AccountKind.BTC:
        return _ACCOUNTS[coin.path.account]
    match color_of(coin.outpoint):
        case None:
            return ""
        case Unknown() as unknown:
            return f"its colour is not known: {unknown.reason}"
        case OtherColor() as other:
            return f"it might hold units of another protocol: {sign_words(other)}"
        case color:
            return f"it holds {color_words(color)}"


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
            hint=f"{error.hint}; or look at `dockchains wallet coins`, and free what holds nothing else: "
            "`dockchains wallet unfreeze COIN`",
        ) from error
