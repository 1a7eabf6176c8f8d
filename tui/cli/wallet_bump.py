"""`dockchains wallet bump`."""

from dataclasses import asdict, replace
from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet bump 4a5e...b33b --fee-rate 12")
@click.argument("txid")
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    txid: str,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Pay a higher fee for a transaction that waits for a block.

    Works for everything that this wallet sent: payments, releases, issues, grants. Outputs stay where they are; the
    fee comes out of the change, or a coin is added. A transaction on which others are built is not replaced: bump the
    last one, which then pays for all before it.
    """
    from assets.services.spending.bumping import draft_bump
    from tui.cli.cold import handed_out
    from tui.cli.spend import spend
    from wallet.hashes import parse_txid

    old = parse_txid(txid.strip().lower())
    session = call.session()
    draft = draft_bump(old, session, rate=fee_rate, usual=call.settings.fee_rate)
    if psbt is not None and not dry_run:
        return handed_out(call, session, (draft,), psbt)
    done = spend(call, session, draft, yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    if dry_run:
        return done
    return replace(done, data={**asdict(done.data), "replaces": txid})
