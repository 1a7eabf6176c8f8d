"""Whether the coins of a draft are still free for it: asked under the signing lock, right before the signature."""

from bitcoin.core import COutPoint

from assets.services.spending.conflicting import require_revocation_kept
from assets.services.spending.drafts import Draft
from assets.services.spending.replacing import replaceable
from assets.services.wallets.holds import hold_words
from assets.services.wallets.session import Session
from wallet.errors import CoinTakenError
from wallet.hashes import display, outpoint_text, txid_of

_AGAIN = "nothing was signed; start again"


def require_free_coins(draft: Draft, session: Session) -> None:
    """Every coin that a draft spends is still free for it. Raises CoinTakenError that names the one that is not."""
    _require_unspent(draft, session)
    _require_alone(draft, session)


def _require_unspent(draft: Draft, session: Session) -> None:
    """Our own inputs are still there, and nobody else set them aside since the draft was made.

    The coins of a transaction that is replaced are taken over from it.
    """
    present = {coin.outpoint for coin in session.coins.coins()}
    held = session.held(but=draft.holders)
    taken_over = _taken_over(draft, session)
    for prevout in draft.unsigned.prevouts:
        if prevout.path is None or prevout.outpoint in taken_over:
            continue
        name = outpoint_text(prevout.outpoint)
        if prevout.outpoint not in present:
            raise CoinTakenError(f"the coin {name} was spent meanwhile", coin=name, hint=_AGAIN)
        if prevout.outpoint in held:
            words = hold_words(held[prevout.outpoint])
            raise CoinTakenError(f"the coin {name} is set aside meanwhile: {words}", coin=name, hint=_AGAIN)


def _taken_over(draft: Draft, session: Session) -> frozenset[COutPoint]:
    if draft.replaces is None:
        return frozenset()
    return frozenset(txin.prevout for txin in replaceable(draft.replaces, session).tx.vin)


def _require_alone(draft: Draft, session: Session) -> None:
    """No unconfirmed transaction spends any input, but the one that is replaced.

    Nodes would let the one that pays more replace the other without a word.
    """
    for prevout in draft.unsigned.prevouts:
        rival = session.source.spender(prevout.outpoint)
        if rival is not None and txid_of(rival) != draft.replaces:
            name = outpoint_text(prevout.outpoint)
            raise CoinTakenError(
                f"the coin {name} is spent by {display(txid_of(rival))} already, which waits for a block",
                coin=name,
                hint="another program or process came first; nothing was signed; start again",
            )
        if rival is not None:
            require_revocation_kept(rival, draft.unsigned.tx)
