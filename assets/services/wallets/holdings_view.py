"""Use cases that look at what a wallet holds. They need no password."""

from assets.coloring.sign_words import at_stake
from assets.model import Genuine, OtherColor
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.wallet_views import BalanceView, CoinsView, CoinView, UnitsView
from assets.services.wallets.holds import Frozen
from assets.services.wallets.reserve import Reason, color_words, reason_words, reserved_coins
from assets.services.wallets.session import Session
from wallet.coins import Balance, Coin
from wallet.hashes import Txid, display, outpoint_text
from wallet.store.wallet_store import LabelType


def balance(session: Session) -> BalanceView:
    """Sums of sats by what may be done with them, and the units of each repository."""
    coins = session.coins.coins()
    height = session.source.tip().height
    reserved = reserved_coins(coins, color_of=session.color_of, held=session.held())
    sums = Balance.of(coins, reserved=frozenset(reserved), tip_height=height)
    return BalanceView(
        network=session.network.name,
        wallet=session.name,
        confirmed=sums.confirmed,
        trusted_pending=sums.trusted_pending,
        untrusted_pending=sums.untrusted_pending,
        immature=sums.immature,
        reserved=sums.reserved,
        spendable=sums.spendable,
        tip_height=height,
        units=_units(session, coins),
    )


def coins(session: Session) -> CoinsView:
    """Every coin, what it carries and what it may be used for, the largest first."""
    found = session.coins.coins()
    height = session.source.tip().height
    reasons = reserved_coins(found, color_of=session.color_of, held=session.held())
    labels = {label.ref: label.label or "" for label in session.store.labels() if label.type is LabelType.OUTPUT}
    ordered = sorted(found, key=lambda coin: (-coin.value, bytes(coin.outpoint.hash), coin.outpoint.n))
    return CoinsView(
        network=session.network.name,
        wallet=session.name,
        coins=tuple(
            _coin(session, coin, height, reasons.get(coin.outpoint), labels.get(outpoint_text(coin.outpoint), ""))
            for coin in ordered
        ),
    )


def _coin(session: Session, coin: Coin, height: int, reason: Reason | None, label: str) -> CoinView:
    color = session.color_of(coin.outpoint)
    other = color if isinstance(color, OtherColor) else None
    return CoinView(
        outpoint=outpoint_text(coin.outpoint),
        sats=coin.value,
        address=address_or_nothing(coin.script_pubkey, session.network),
        account=coin.path.account.name.lower(),
        path=str(coin.path),
        confirmations=0 if coin.height is None else height - coin.height + 1,
        state=_state(coin, height, reason),
        holds=color_words(color),
        because=reason_words(reason),
        label=label,
        signs=() if other is None else tuple(str(sign) for sign in other.signs),
        risk="" if other is None else at_stake(other),
    )


def _state(coin: Coin, height: int, reason: Reason | None) -> str:
    if reason is not None:
        return "frozen" if isinstance(reason, Frozen) else "reserved"
    if not coin.is_mature(height):
        return "immature"
    return "pending" if coin.height is None and not coin.trusted else "spendable"


def _units(session: Session, held: tuple[Coin, ...]) -> tuple[UnitsView, ...]:
    """Genuine units on the wallet's coins, by repository, in the order of their genesis."""
    colors = [session.color_of(coin.outpoint) for coin in held]
    by_genesis: dict[Txid, list[Genuine]] = {}
    for color in colors:
        if isinstance(color, Genuine):
            by_genesis.setdefault(color.genesis, []).append(color)
    return tuple(
        UnitsView(
            genesis=display(genesis),
            name=_name(session, genesis),
            access_units=sum(units.quantity for units in found if not units.title),
            title=any(units.title for units in found),
        )
        for genesis, found in sorted(by_genesis.items())
    )


def _name(session: Session, genesis: Txid) -> str:
    """The name that the genesis claims, where the index knows it and the record is long enough to hold it."""
    if session.index is None:
        return ""
    with session.index.snapshot() as reader:
        fact = reader.genesis(genesis)
    return (fact.name or "") if fact is not None else ""
