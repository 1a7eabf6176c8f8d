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
    from assets.services.spending.paying import draft_payment, draft_sweep
    from tui.cli.cold import handed_out
    from tui.cli.spend import spend

    if everything and amount is not None:
        raise click.UsageError("AMOUNT and --all exclude each other.")
    session = call.session()
    rate = fee_rate or call.settings.fee_rate
    draft = (
        draft_sweep(session, address, rate=rate) if everything else draft_payment(session, address, amount, rate=rate)
    )
    if psbt is not None and not dry_run:
        return handed_out(call, session, (draft,), psbt)
    return spend(call, session, draft, yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
