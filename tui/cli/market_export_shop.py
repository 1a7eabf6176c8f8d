"""`dockchains market export-shop`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from assets.services.market.exporting import Export


@verb(
    name="export-shop",
    needs=Needs.WALLET_AND_NODE,
    example="dockchains market export-shop registry.example/acme/app shop.json --url https://shop.example",
)
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", metavar="URL", help="Where buyers reach the shop; it goes into the listings.")
@click.option("--copies", type=int, metavar="N", help="At most so many lots. Default: all that are listed.")
@click.option(
    "--publish",
    is_flag=True,
    help="Put all your listings on the registry's board; done by itself where the board shows one that becomes void.",
)
@options.meant
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
@click.option("--dry-run", is_flag=True, help="Show which lots would go, and write nothing.")
@options.password
def command(
    call: Call,
    *,
    name: str,
    file: Path,
    url: str | None,
    copies: int | None,
    publish: bool,
    genesis: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Write the listed lots of the repository NAME with their keys to a new FILE, for a shop.

    FILE holds the keys of those lots and nothing above them: whoever steals it can take the lots in it, and no more.
    The lots stay reserved here until `market cancel NAME --lots` brings them back.

    With --url the listings are signed anew, and the earlier ones are void: where the registry's board shows one of them
    it is written anew, so that nobody bids on a listing that nobody answers.
    """
    from assets.services.market.boards import renewal
    from assets.services.market.exporting import draft_export, export
    from assets.services.market.lots import own_lots
    from tui.cli import images, market
    from tui.cli.market_board import publish as publish_board
    from tui.verbs.files import require_new
    from wallet.hashes import display

    canonical = images.bare_name(name)
    require_new(file)
    session = call.session()
    txid, _ = market.repository_of(call, session, canonical, genesis)
    draft = draft_export(own_lots(session, txid), session, bids_to=_checked(url), limit=copies)
    board_due = renewal(draft.voided, canonical, call.house.registry)
    if dry_run:
        return _shown(draft, file, display(txid), board_due.words)
    count = len(draft.lots)
    call.note(f"{count} {'lot goes' if count == 1 else 'lots go'} to {file}, each with its key")
    if board_due.words:
        call.note(board_due.words)
    call.terminal.confirm("Write the keys to this file?", yes=yes)
    unlock = market.keys(call, session, password_file, password_fd)
    bundle = export(draft, unlock(), session, file.absolute(), now=call.house.now())
    renewed = publish or board_due.needed
    board = publish_board(call, session, canonical, txid) if renewed else None
    if board is None and board_due.needed:
        call.note(f"void listings may still stand on the board; renew it: dockchains market sell {canonical} --publish")
    data = {
        "file": str(file),
        "genesis": display(txid),
        "lots": len(bundle.lots),
        "asks": [lot.ask.id.hex() for lot in bundle.lots],
        "voided": [ask.id.hex() for ask in draft.voided],
        "board": board,
        "board_due": board_due.needed and board is None,
    }
    return Output(data=data, text=str(file))


def _shown(draft: "Export", file: Path, genesis: str, board: str) -> Output:
    """What would be written."""
    from tui.cli.market_text import listing_text
    from wallet.hashes import outpoint_text

    asks = [{"coin": outpoint_text(ask.coins[0].outpoint), **ask.document()} for ask in draft.listing.asks]
    voided = [ask.id.hex() for ask in draft.voided]
    data = {"file": str(file), "genesis": genesis, "lots": len(draft.lots), "listings": asks, "voided": voided}
    return Output(data=data, text=lines(filter(None, (listing_text(draft.listing), board))))


def _checked(url: str | None) -> str | None:
    from assets.images.service_url import parse_service_url

    return None if url is None else parse_service_url(url)
