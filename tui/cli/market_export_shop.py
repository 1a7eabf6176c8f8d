"""`dockchains market export-shop`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from tui.verbs.market.views import Bundled
    from tui.verbs.review import Outcome


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
    from tui.cli import market
    from tui.cli.deeds import Manner, carry_out
    from tui.verbs.image.fields import bare_name
    from tui.verbs.market.export_shop import prepare
    from tui.verbs.market.fields import service_of
    from tui.verbs.market.requests import ExportShop

    canonical = bare_name(name)
    request = ExportShop(
        genesis=market.meant(call, canonical, genesis),
        name=canonical,
        file=file,
        url=None if url is None else service_of(url),
        copies=copies,
        publish=publish,
    )

    def answer(outcome: "Outcome[Bundled]") -> Output:
        return Output(data=outcome.result, text=str(file))

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    return carry_out(call, prepare(request, call.workplace), manner, answer)
