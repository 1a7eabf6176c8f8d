"""Every script of the wallet, with its key: those used, 1,000 further ones on every path and chain, and known lots."""

from collections.abc import Mapping

from assets.services.wallets.session import CoinSource, Session
from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.keys.own_scripts import OWN_CHAINS
from wallet.store.wallet_store import WalletStore


def own_scripts(session: Session) -> Mapping[bytes, KeyPath]:
    """What is this wallet's. Nobody else's word on it is asked."""
    return scripts_of(session.account, session.coins, session.store)


def scripts_of(account: Account, coins: CoinSource, store: WalletStore) -> Mapping[bytes, KeyPath]:
    """The same, before there is a session."""
    return account.own_scripts(_used(coins, store))


def used_keys(session: Session) -> dict[tuple[AccountKind, int], int]:
    """How many keys of each path and chain were paid, as the node saw it, or handed out."""
    return _used(session.coins, session.store)


def _used(coins: CoinSource, store: WalletStore) -> dict[tuple[AccountKind, int], int]:
    return {place: max(coins.first_unused(*place), index) for place, index in handed_out(store).items()}


def handed_out(store: WalletStore) -> dict[tuple[AccountKind, int], int]:
    """How many keys of each path and chain the wallet's own database knows of."""
    return {place: store.next_index(*place) for place in OWN_CHAINS}
