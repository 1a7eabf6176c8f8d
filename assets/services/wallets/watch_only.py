"""Use case: a wallet on a machine that never has its keys. It watches, drafts, and leaves what is to be signed.

The keys are on another machine, of the same program, which signs what this one leaves (`--psbt`, `wallet sign`).
"""

from dataclasses import replace
from pathlib import Path

from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import WalletCard
from assets.services.wallets.opening import card_of
from wallet.errors import StateError
from wallet.network import Network
from wallet.public_facts import PublicFacts
from wallet.remedies import WalletRemedy
from wallet.store.new_wallet import write_wallet
from wallet.store.wallet_store import WalletIdentity


def create_watching(name: str, facts: PublicFacts, folder: Path, *, now: int) -> WalletCard:
    """Makes a wallet without a keystore in `folder`, which appears whole or not at all.

    Raises StateError where the wallet exists, StoreError.
    """
    if folder.exists():
        raise StateError(f"there is a wallet {name!r} already", hint=WalletRemedy.OTHER_NAME.of())
    account = facts.account
    identity = WalletIdentity(
        network=account.network,
        fingerprint=account.fingerprint,
        xpubs=account.xpubs,
        birth_height=facts.birth_height,
        created=now,
    )
    write_wallet(folder, None, identity, lambda store: store.put_shop_keys(account.lots))
    return card_of(name, identity)


def require_network(facts: PublicFacts, network: Network) -> PublicFacts:
    """The facts, where they are of this network. Raises StateError."""
    if facts.account.network != network:
        raise StateError(
            f"the file is of a wallet on {facts.account.network.name}, not on {network.name}",
            hint=ImageRemedy.OTHER_NETWORK.of(network=facts.account.network.name),
        )
    return facts


def born_at(facts: PublicFacts, height: int) -> PublicFacts:
    """The facts with another birth height."""
    return replace(facts, birth_height=height)
