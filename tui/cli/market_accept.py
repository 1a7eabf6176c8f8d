"""`dockchains market accept`."""

from functools import partial
from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains market accept bid.json")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--hand-secret",
    "sold",
    metavar="TXID",
    help="Hand the repository's secret to the buyer in this sale; FILE where its bid is not known here.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the secret to a new file.")
@click.option("--speed-up", "waiting", metavar="TXID", help="Spend the price of a waiting sale, so that it is mined.")
@options.spending
def command(
    call: Call,
    *,
    file: Path | None,
    sold: str | None,
    out: Path | None,
    waiting: str | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Complete the sale that the bid in FILE (- is standard input) offers.

    The bid is checked against your newest listing and the chain, and the whole transaction is recoloured and shown,
    before your coins are signed. The buyer set the fee; --speed-up adds to it out of the price.

    After the sale of a repository whose images are sealed, --hand-secret prints the repository's secret, encrypted to
    the key that the buyer signed into the bid. Pass it on by any way; before the sale's confirmations it is refused.
    """
    from assets.images.bid import PACKAGE_LIMIT, BidPackage
    from assets.services.market.accepting import complete_sale, draft_acceptance
    from assets.services.market.child_paying import draft_child
    from tui.cli.spend import spend
    from tui.verbs.files import read_given
    from wallet.hashes import parse_txid
    from wallet.keys.message import message_flaw

    if sold is not None:
        if waiting is not None or fee_rate is not None:
            raise click.UsageError("--hand-secret signs no transaction: leave --speed-up and --fee-rate out.")
        from tui.cli.market_secrets import hand_secret

        return hand_secret(
            call,
            sold,
            bid=file,
            out=out,
            yes=yes,
            dry_run=dry_run,
            password_file=password_file,
            password_fd=password_fd,
        )
    if out is not None:
        raise click.UsageError("--out goes with --hand-secret.")
    if (file is None) == (waiting is None):
        raise click.UsageError("Give the FILE with the bid, or --speed-up a sale.")
    send = None
    if waiting is not None:
        session = call.session()
        draft = draft_child(parse_txid(waiting), session, rate=fee_rate or call.settings.fee_rate)
    else:
        if fee_rate is not None:
            raise click.UsageError("The buyer set the fee; --speed-up TXID speeds a sale up afterwards.")
        assert file is not None, "one of the two was given"
        package = BidPackage.parse(read_given(file, PACKAGE_LIMIT + 2))
        session = call.session()
        acceptance = draft_acceptance(package, session, message_flaw)
        draft, send = acceptance.draft, partial(complete_sale, acceptance)
    return spend(
        call,
        session,
        draft,
        yes=yes,
        dry_run=dry_run,
        password_file=password_file,
        password_fd=password_fd,
        send=send,
    )
