"""`dockchains wallet send`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet send bcrt1q... 0.0005 --fee-rate 2 --dry-run")
@click.argument("address")
@click.argument("amount", required=False)
@click.option("--all", "everything", is_flag=True, help="Send all that can be spent; the fee is taken off.")
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    address: str,
    amount: str | None,
    everything: bool,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Pay AMOUNT (in BTC) to ADDRESS, which may be a bitcoin: link that names the amount.

    The transaction is shown before anything is signed. Coins that have, or might have, colour are never used.
    """
    from tui.cli.deeds import Manner, carry_out, sent_alone
    from tui.verbs.wallet.requests import Send
    from tui.verbs.wallet.send import prepare

    if everything and amount is not None:
        raise click.UsageError("AMOUNT and --all exclude each other.")
    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt)
    request = Send(to=address, amount=amount, everything=everything, rate=fee_rate)
    return carry_out(call, prepare(request, call.workplace), manner, sent_alone, one=True, told=False)
