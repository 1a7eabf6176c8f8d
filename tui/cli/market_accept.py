"""`dockchains market accept`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from tui.cli.deeds import Manner
    from tui.verbs.market.views import Handed
    from tui.verbs.review import Outcome


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
    from tui.cli.deeds import Manner, carry_out, sent_alone
    from tui.verbs.market import accept, speed_up
    from tui.verbs.market.fields import bid_in
    from tui.verbs.market.requests import Accept, SpeedUp
    from wallet.hashes import parse_txid

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    if sold is not None:
        if waiting is not None or fee_rate is not None:
            raise click.UsageError("--hand-secret signs no transaction: leave --speed-up and --fee-rate out.")
        return _hand_secret(call, sold, file, out, manner)
    if out is not None:
        raise click.UsageError("--out goes with --hand-secret.")
    if (file is None) == (waiting is None):
        raise click.UsageError("Give the FILE with the bid, or --speed-up a sale.")
    if waiting is not None:
        child = speed_up.prepare(SpeedUp(txid=parse_txid(waiting), rate=fee_rate), call.workplace)
        return carry_out(call, child, manner, sent_alone, one=True, told=False)
    if fee_rate is not None:
        raise click.UsageError("The buyer set the fee; --speed-up TXID speeds a sale up afterwards.")
    assert file is not None, "one of the two was given"
    sale = accept.prepare(Accept(package=bid_in(file)), call.workplace)
    return carry_out(call, sale, manner, sent_alone, one=True, told=False)


def _hand_secret(call: Call, txid: str, bid: Path | None, out: Path | None, manner: "Manner") -> Output:
    from tui.cli.deeds import carry_out
    from tui.verbs.market.hand_secret import prepare
    from tui.verbs.market.requests import HandSecret
    from wallet.hashes import parse_txid

    def answer(outcome: "Outcome[Handed]") -> Output:
        text = lines(outcome.result.document.split("\n")) if out is None else str(out)
        return Output(data=outcome.result, text=text)

    request = HandSecret(txid=parse_txid(txid), bid=bid, out=out)
    return carry_out(call, prepare(request, call.workplace), manner, answer)
