"""A wallet's public facts: what tells it apart, and what watches it."""

from dataclasses import dataclass

from assets.services.read_models.wallet_views import WalletCard
from assets.services.wallets.opening import card_of
from tui.verbs.reading import Reading
from wallet.coins import AccountKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorView:
    """An output descriptor of one account and chain. `for_others` says whether another wallet may have it: one that
    knows nothing of units would spend their coins as plain bitcoin."""

    account: str
    chain: int
    descriptor: str
    for_others: bool


def card(place: Reading) -> WalletCard:
    """What a person compares after a restore."""
    return card_of(place.house.wallet_paths.name, place.house.identity)


def descriptors(place: Reading) -> tuple[DescriptorView, ...]:
    """The descriptors of every account."""
    return tuple(
        DescriptorView(
            account=one.account.name.lower(),
            chain=one.chain,
            descriptor=one.text,
            for_others=one.account is AccountKind.BTC,
        )
        for one in place.house.account.descriptors()
    )
