"""Use cases: set coins aside by hand, and free them again."""

from collections.abc import Sequence

from bitcoin.core import COutPoint

from assets.remedies import ImageRemedy
from assets.services.wallets.session import Session
from wallet.errors import StateError
from wallet.hashes import outpoint_text
from wallet.store.wallet_store import WalletStore


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


def unfreeze(outpoints: Sequence[COutPoint], store: WalletStore) -> None:
    """Payments may take these coins again, unless they have colour. Raises StateError where one is not frozen."""
    frozen = store.frozen()
    for outpoint in outpoints:
        if outpoint not in frozen:
            raise StateError(
                f"{outpoint_text(outpoint)} is not frozen",
                hint="nothing was changed; " + ImageRemedy.LOOK_AT_COINS.of(),
            )
    store.take_in((), unfreeze=outpoints)
