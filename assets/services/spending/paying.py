"""Use case: pay bitcoin to somebody."""

from dataclasses import replace

from bitcoin.core.script import CScript

from assets.coloring.plan import Recipient
from assets.remedies import ImageRemedy
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.spending.payment import Payment, expect_paid, expect_swept, plan_payment, plan_sweep
from assets.services.wallets.addresses import next_change, own_key
from assets.services.wallets.reserve import reserved_coins, telling_other_colors
from assets.services.wallets.session import Session
from wallet.amount import Sats, parse_btc
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import EncodingError, InsufficientFundsError
from wallet.keys.uri import PaymentRequest
from wallet.selection import spendable

_SHARE = 10
"""A fee above a tenth of the payment is worth a warning."""


def draft_payment(session: Session, to: str, amount: str | None, *, rate: str | None) -> Draft:
    """A payment of `amount` BTC to an address or a bitcoin: link; the link's amount counts where none is given.

    Raises EncodingError for a bad address or amount, DustOutputError, InsufficientFundsError, FeeError, GuardError.
    """
    request = PaymentRequest.parse(to, session.network)
    payment = _payment(session, request.script, _amount(request, amount))
    plan = plan_payment(payment, next_change(session))
    estimate = fee_rate(session, rate)
    draft = prepare(
        plan,
        lambda funding: expect_paid(payment, funding),
        session,
        rate=estimate,
        about=About(kind="send", warnings=_own(payment.to.path)),
    )
    return _with_fee_warning(draft, payment.amount)


def draft_sweep(session: Session, to: str, *, rate: str | None) -> Draft:
    """A payment of everything that can be spent, less the fee. Raises as `draft_payment` does."""
    request = PaymentRequest.parse(to, session.network)
    if request.amount is not None:
        raise EncodingError("the link names an amount", hint="send that amount, or give the plain address for all")
    coins = _spendable(session)
    payment = _payment(session, request.script, Sats(sum(coin.value for coin in coins)))
    return prepare(
        plan_sweep(payment, coins),
        lambda funding: expect_swept(payment, coins, funding),
        session,
        rate=fee_rate(session, rate),
        about=About(kind="send", warnings=_own(payment.to.path)),
    )


def _amount(request: PaymentRequest, text: str | None) -> Sats:
    amount = request.amount if text is None else parse_btc(text)
    if amount is None:
        raise EncodingError("no amount", hint="say how much, in BTC, such as 0.0005")
    if text is not None and request.amount is not None and request.amount != amount:
        raise EncodingError("the amount differs from the one in the link", hint="leave one of the two out")
    if amount == 0:
        raise EncodingError("the amount is zero", hint="say how much, in BTC, such as 0.0005")
    return amount


def _payment(session: Session, script: CScript, amount: Sats) -> Payment:
    path = own_key(session, script)
    if path is not None and path.account is not AccountKind.BTC:
        raise EncodingError(
            "this address is one of the wallet's own for units or issuing", hint=ImageRemedy.OWN_ADDRESS.of()
        )
    tip = session.source.tip()
    return Payment(to=Recipient(script=script, path=path), amount=amount, locktime=0 if tip.syncing else tip.height)


def _spendable(session: Session) -> tuple[Coin, ...]:
    coins = session.coins.coins()
    height = session.source.tip().height
    reserved = frozenset(reserved_coins(coins, color_of=session.color_of, held=session.held()))
    chosen = spendable(coins, reserved=reserved, tip_height=height)
    if not chosen:
        with telling_other_colors(coins, session.color_of):
            raise InsufficientFundsError("nothing can be spent", needed=1, available=0, hint=ImageRemedy.SEE_COINS.of())
    return chosen


def _own(path: KeyPath | None) -> tuple[str, ...]:
    return () if path is None else ("this address is one of this wallet's own",)


def _with_fee_warning(draft: Draft, amount: Sats) -> Draft:
    if draft.unsigned.fee * _SHARE <= amount:
        return draft
    warning = f"the fee of {draft.unsigned.fee} sat is more than a tenth of the payment"
    return replace(draft, about=replace(draft.about, warnings=(*draft.about.warnings, warning)))
