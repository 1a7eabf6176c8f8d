"""`dockchains market offers`."""

from dataclasses import asdict

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NODE, new_wallet=True, example="dockchains market offers registry.example/acme/app --all")
@click.argument("name", required=False)
@click.option("--genesis", metavar="TXID", help="The repository with this genesis, whatever its name.")
@click.option(
    "--from", "places", multiple=True, metavar="FILE|URL", help="Also read a file, or ask a shop; repeatable."
)
@click.option("--all", "everything", is_flag=True, help="Show what is left out too, and why.")
def command(call: Call, *, name: str | None, genesis: str | None, places: tuple[str, ...], everything: bool) -> Output:
    """Show what is for sale of the repository NAME, and this wallet's own listings, sales and bids.

    Listings come from this wallet, the registry's board and every --from. Each is checked against the chain: what is
    spent, expired, foreign or unsigned is left out. Whoever runs a registry or a shop can hide listings, never forge
    them. Without NAME only the wallet's own are shown.
    """
    from tui.cli.market_text import offers_text
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.references import genesis as genesis_of
    from tui.verbs.market.desk import own_offers
    from tui.verbs.market.fields import place_of
    from tui.verbs.market.offers import offers
    from tui.verbs.market.requests import Look, OnBoard
    from wallet.hashes import parse_txid

    canonical = None if name is None else bare_name(name)
    board = () if canonical is None else (OnBoard(canonical),)
    look = Look(name=canonical, genesis=genesis_of(genesis), places=(*board, *(place_of(one) for one in places)))
    found = offers(look, call.workplace)
    own = own_offers(call.workplace, parse_txid(found.genesis) if found.genesis else None)
    for note in (*found.notes, *(one.words for one in own.due)):
        call.note(note)
    views = [one.view for one in found.offers]
    data = {
        "network": call.house.network.name,
        "genesis": found.genesis,
        "offers": [asdict(view) for view in views if everything or not view.refusal],
        "left_out": sum(bool(view.refusal) for view in views),
        "own": [asdict(view) for view in own.listings],
        "bids": [asdict(view) for view in own.bids],
        "sealed_forms": dict(found.sealed_forms),
        "secrets_due": [asdict(one) for one in own.due],
    }
    return Output(data=data, text=offers_text(views, own.listings, own.bids, everything=everything))
