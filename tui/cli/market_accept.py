"""`dockchains market accept`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains market accept bid.json")
@click.argument("file", type=click.Path(path_type=Path))
@options.spending
def command(
    call: Call,
    *,
    file: Path,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Complete the sale that the bid in FILE (- is standard input) offers.

    The bid is checked against your newest listing and the chain, and the whole transaction is recoloured and shown,
    before your coins are signed. The buyer set the fee.
    """
    from assets.images.bid import PACKAGE_LIMIT, BidPackage
    from assets.services.accepting import draft_acceptance
    from tui.cli.private_output import read_given
    from tui.cli.spend import spend
    from wallet.keys.message import message_flaw

    if fee_rate is not None:
        raise click.UsageError("The buyer set the fee; `wallet bump` of what you were paid speeds a sale up.")
    package = BidPackage.parse(read_given(file, PACKAGE_LIMIT + 2))
    session = call.session()
    found = draft_acceptance(package, session, message_flaw)
    return spend(
        call,
        session,
        found.draft,
        yes=yes,
        dry_run=dry_run,
        password_file=password_file,
        password_fd=password_fd,
    )
