"""Use cases: set coins aside by hand, and free them again, also those that might hold another protocol's units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.coloring.sign_words import at_stake
from assets.model import CoinColor, OtherColor
from assets.remedies import ImageRemedy
from assets.services.wallets.reserve import color_words
from assets.services.wallets.session import Session
from wallet.errors import StateError
from wallet.hashes import outpoint_text
from wallet.store.wallet_store import WalletStore

ColorOf = Callable[[COutPoint], CoinColor]

_UNTOLD = "whatever it holds: no node answers that could tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfreezing:
    """A coin that payments may take again. `risk` says in words what such a payment may lose for ever, and `signs` why;
    both are empty where it was only frozen."""

    outpoint: COutPoint
    risk: str = ""
    signs: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The warning, for a person."""
        return f"{outpoint_text(self.outpoint)}: a payment with it may lose for ever {self.risk}"


def freeze(outpoints: Sequence[COutPoint], session: Session) -> None:
    """No payment takes these coins until they are freed. Raises StateError where one is not a coin of this wallet."""
    present = {coin.outpoint for coin in session.coins.coins()}
    for outpoint in outpoints:
        if outpoint not in present:
            raise StateError(
                f"{outpoint_text(outpoint)} is no unspent coin of this wallet",
                hint="nothing was frozen; " + ImageRemedy.LIST_COINS.of(),
            )
    session.store.take_in((), freeze=outpoints)


def unfreezing(outpoints: Sequence[COutPoint], store: WalletStore, color_of: ColorOf | None) -> tuple[Unfreezing, ...]:
    """What it would mean to let payments take these coins again. Nothing is written.

    `color_of` is None where no node answers: a frozen coin is unfrozen then, and any other is freed untold. Raises
    StateError for a coin that is neither frozen nor held back for another protocol.
    """
    frozen = store.frozen()
    return tuple(_unfreezing(outpoint, color_of, is_frozen=outpoint in frozen) for outpoint in outpoints)


def _unfreezing(outpoint: COutPoint, color_of: ColorOf | None, *, is_frozen: bool) -> Unfreezing:
    if color_of is None:
        return Unfreezing(outpoint=outpoint, risk="" if is_frozen else _UNTOLD)
    color = color_of(outpoint)
    if isinstance(color, OtherColor):
        return Unfreezing(outpoint=outpoint, risk=at_stake(color), signs=tuple(str(sign) for sign in color.signs))
    if not is_frozen:
        carries = f": it holds {color_words(color)}" if color is not None else ""
        raise StateError(
            f"{outpoint_text(outpoint)} is not frozen{carries}",
            hint="nothing was changed; " + ImageRemedy.LOOK_AT_COINS.of(),
        )
    return Unfreezing(outpoint=outpoint)


def unfreeze(chosen: Sequence[Unfreezing], store: WalletStore) -> None:
    """Payments may take these coins again, unless they have colour of ours; that stays so until they are frozen."""
    store.take_in(
        (),
        unfreeze=[one.outpoint for one in chosen],
        free=[one.outpoint for one in chosen if one.risk],
    )
