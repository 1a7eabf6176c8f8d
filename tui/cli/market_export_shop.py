"""`dockchains market export-shop`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    name="export-shop",
    needs=Needs.WALLET_AND_NODE,
    example="dockchains market export-shop registry.example/acme/app shop.json --url https://shop.example",
)
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", metavar="URL", help="Where buyers reach the shop; it goes into the listings.")
@click.option("--copies", type=int, metavar="N", help="At most so many lots. Default: all that are listed.")
@click.option("--publish", is_flag=True, help="Put all your listings on the registry's board.")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
@options.password
def command(
    call: Call,
    *,
    name: str,
    file: Path,
    url: str | None,
    copies: int | None,
    publish: bool,
    yes: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Write the listed lots of the repository NAME with their keys to a new FILE, for a shop.

    FILE holds the keys of those lots and nothing above them: whoever steals it can take the lots in it, and no more.
    The lots stay reserved here until `market cancel NAME --lots` brings them back.
    """
    from assets.services.market.exporting import draft_export, export
    from assets.services.market.lots import own_lots
    from assets.services.wallets.ownership import title_of
    from tui.cli import images, market
    from tui.cli.market_board import publish as publish_board
    from tui.cli.private_output import write_new
    from wallet.errors import StoreError
    from wallet.hashes import display

    canonical = images.bare_name(name)
    if file.exists():
        raise StoreError(f"{file} exists already", hint="name a new file; the lots in the old one are still at a shop")
    session, chain = call.session(), images.chain_of(call)
    owned = title_of(canonical, session, chain, confirmations=images.reading_confirmations(call))
    genesis = owned.state.genesis.txid
    draft = draft_export(own_lots(session, genesis), session, bids_to=_checked(url), limit=copies)
    call.note(f"{len(draft.lots)} lots with their keys go to {file}")
    call.terminal.confirm("Write their keys to this file?", yes=yes)
    bundle = export(draft, market.keys(call, session, password_file, password_fd)(), session, now=call.house.now())
    write_new(file, bundle.serialize() + b"\n")
    board = publish_board(call, session, canonical, genesis) if publish else None
    data = {
        "file": str(file),
        "genesis": display(genesis),
        "lots": len(bundle.lots),
        "asks": [lot.ask.id.hex() for lot in bundle.lots],
        "board": board,
    }
    return Output(data=data, text=str(file))


def _checked(url: str | None) -> str | None:
    from assets.images.service_url import parse_service_url

    return None if url is None else parse_service_url(url)
