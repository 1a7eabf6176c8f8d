"""Finding the repository that a command is about."""

import click

from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.known_names import is_hidden
from assets.services.wallets.repositories import Whereabouts, find_genesis
from assets.services.wallets.session import Session
from tui.cli import images
from tui.cli.call import Call
from wallet.hashes import parse_txid


def locate(
    call: Call, chain: ChainAccess, session: Session | None, name: str | None, genesis: str | None
) -> Whereabouts:
    """The genesis by its txid or by the repository's name; exactly one of the two must be given."""
    if (name is None) == (genesis is None):
        raise click.UsageError("Give either NAME or --genesis.")
    chain.catch_up()
    if genesis is not None:
        return Whereabouts(genesis=parse_txid(genesis), note="")
    assert name is not None, "one of the two was given"
    canonical = images.bare_name(name)
    found = find_genesis(canonical, chain, call.house.pins.load(), session, call.house.registry)
    if is_hidden(canonical):
        images.names_of(call).remember(canonical)
    return found


def session_if_any(call: Call) -> Session | None:
    """The wallet, where there is one, and where it is clear which: looking at a repository needs none."""
    house = call.house
    if house.settings.wallet is None and len(house.paths.wallet_names(house.network.name)) != 1:
        return None
    return call.session() if house.wallet_paths.exists else None
