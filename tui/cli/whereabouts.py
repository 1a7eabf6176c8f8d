"""Finding the repository that a command is about."""

import click

from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.known_names import is_hidden
from assets.services.wallets.naming import Whereabouts, meant_repository
from assets.services.wallets.session import Session
from tui.cli import images
from tui.cli.call import Call
from wallet.hashes import Txid, parse_txid


def locate(
    call: Call, chain: ChainAccess, session: Session | None, name: str | None, genesis: str | None
) -> Whereabouts:
    """The repository that is looked at: by its name, by its genesis, or by both, which must then belong together."""
    if name is None:
        if genesis is None:
            raise click.UsageError("Give NAME, --genesis, or both.")
        chain.catch_up()
        return Whereabouts(genesis=parse_txid(genesis), note="")
    canonical = images.bare_name(name)
    found = meant_repository(
        canonical, images.genesis_of(genesis), chain, call.house.pins.load(), session, call.house.registry
    )
    if is_hidden(canonical):
        images.names_of(call).remember(canonical)
    return found


def own_genesis(call: Call, session: Session, name: str, genesis: str | None) -> Txid:
    """The repository that an owner's command is about: one that this wallet has to do with, by its canonical name.

    Raises AmbiguousNameError where the name fits several and `--genesis` does not say which.
    """
    chain, pins = images.chain_of(call), call.house.pins.load()
    return meant_repository(name, images.genesis_of(genesis), chain, pins, session).genesis


def session_if_any(call: Call) -> Session | None:
    """The wallet, where there is one, and where it is clear which: looking at a repository needs none."""
    house = call.house
    if house.settings.wallet is None and len(house.paths.wallet_names(house.network.name)) != 1:
        return None
    return call.session() if house.wallet_paths.exists else None
