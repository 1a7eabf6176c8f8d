"""`dockchains wallet bump`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from tui.verbs.review import Outcome


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
    from tui.cli.deeds import Manner, carry_out
    from tui.verbs.wallet.bump import prepare
    from tui.verbs.wallet.requests import Bump
    from wallet.hashes import parse_txid

    def answer(outcome: "Outcome[None]") -> Output:
        return Output(data={**asdict(outcome.sent[0]), "replaces": txid}, text=outcome.sent[0].txid)

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt)
    request = Bump(txid=parse_txid(txid.strip().lower()), rate=fee_rate)
    return carry_out(call, prepare(request, call.workplace), manner, answer, one=True, told=False)
