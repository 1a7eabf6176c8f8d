"""Every script of the wallet that may have been paid, with its key."""

from assets.services.wallets.ownership import LOOK_AHEAD
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.keys.keychain import PUBLIC_ACCOUNTS, account_chains


def own_scripts(session: Session) -> dict[bytes, KeyPath]:
    """Scripts of all public accounts and chains, up to a gap beyond the last one that was paid or handed out, and of
    all known lots.
    """
    found: dict[bytes, KeyPath] = {}
    for account in PUBLIC_ACCOUNTS:
        for chain in account_chains(account):
            used = max(session.coins.first_unused(account, chain), session.store.next_index(account, chain))
            for path, script in session.account.scripts(account, chain, 0, used + LOOK_AHEAD):
                found[bytes(script)] = path
    lots = (KeyPath(AccountKind.SHOP, 0, number) for number, _ in session.account.lots)
    return found | {bytes(session.account.script(path)): path for path in lots}
