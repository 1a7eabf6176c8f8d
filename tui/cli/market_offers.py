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
    from assets.images.offer import Sells
    from assets.services.market.listing import OwnWord, open_asks, own_word
    from assets.services.market.offers import Judge, Place, Source, gather, rank
    from assets.services.market.own_bids import bids_of
    from assets.services.market.own_listings import own_listings
    from assets.services.market.secret_due import secrets_due
    from assets.services.trust.title_report import sealed_checklist, sealed_forms_of
    from tui.cli import images, market
    from tui.cli.market_text import offers_text
    from tui.cli.whereabouts import locate, session_if_any
    from wallet.errors import StateError
    from wallet.hashes import display

    session = session_if_any(call)
    chain = images.chain_of(call)
    txid = None
    if name is not None or genesis is not None:
        txid = locate(call, chain, session, name, genesis).genesis
    elif session is None and not places:
        raise StateError("there is no wallet to look at", hint="say which repository: dockchains market offers NAME")
    mine = open_asks(session, txid) if session is not None else ()
    sources = [Source(where="this wallet", asks=mine, place=Place.OWN)]
    if name is not None:
        sources.append(market.asks_on_board(call, images.bare_name(name)))
    sources.extend(market.asks_from(call, place) for place in places)
    judge = Judge(
        rules=market.rules(call, txid),
        source=call.house.node,
        colors=market.colors(call),
        own=OwnWord() if session is None else own_word(session),
    )
    views = rank(gather(sources), judge, mine=frozenset(ask.id for ask in mine))
    own = own_listings(session, txid) if session is not None else ()
    bids = bids_of(session, txid) if session is not None else ()
    due = secrets_due(session) if session is not None else ()
    for one in due:
        call.note(one.words)
    titles = [view for view in views if not view.refusal and not view.mine and view.sells != Sells.ACCESS]
    checklists = {view.genesis: sealed_forms_of(view.genesis, chain) for view in titles}
    for sealed in checklists.values():
        for line in sealed_checklist(sealed):
            call.note(f"note: {line}")
    data = {
        "network": call.house.network.name,
        "genesis": "" if txid is None else display(txid),
        "offers": [asdict(view) for view in views if everything or not view.refusal],
        "left_out": sum(bool(view.refusal) for view in views),
        "own": [asdict(view) for view in own],
        "bids": [asdict(view) for view in bids],
        "sealed_forms": checklists,
        "secrets_due": [asdict(one) for one in due],
    }
    return Output(data=data, text=offers_text(views, own, bids, everything=everything))
