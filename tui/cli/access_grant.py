"""`dockchains access grant`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains access grant registry.example/acme/app dc1q...=5 dc1q...")
@click.argument("name")
@click.argument("shares", nargs=-1, metavar="[UNIT_ADDRESS[=QUANTITY]]...")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE", help="A line each: UNIT_ADDRESS QUANTITY.")
@click.option("--plain-address", is_flag=True, help="Accept Bitcoin addresses; their wallets may burn what they get.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    name: str,
    shares: tuple[str, ...],
    file: Path | None,
    plain_address: bool,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Give access units of the treasury of NAME to one holder or to many.

    One unit each unless told otherwise. Many recipients take several transactions, which are all shown first.
    Access is access: whoever has pulled an image can keep it, also after the unit was sold on.
    """
    from tui.cli import given_files
    from tui.cli.deeds import Manner, carry_out, txids, with_transactions
    from tui.cli.whereabouts import owned
    from tui.verbs.access.grant import Granted, prepare
    from tui.verbs.access.requests import Grant
    from tui.verbs.image.fields import bare_name
    from tui.verbs.review import Outcome

    options.refuse_waiting_for_nothing(wait, psbt)
    if not shares and file is None:
        raise click.UsageError("Name recipients, or a file of them with --file.")
    canonical = bare_name(name)
    request = Grant(
        genesis=owned(call, canonical, genesis),
        name=canonical,
        shares=shares,
        listed=given_files.text_in(file) if file is not None else None,
        plain=plain_address,
        rate=fee_rate,
    )

    def answer(outcome: Outcome[Granted]) -> Output:
        return Output(data=with_transactions(outcome), text=txids(outcome))

    manner = Manner(
        yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt, wait=wait
    )
    return carry_out(call, prepare(request, call.workplace), manner, answer)
