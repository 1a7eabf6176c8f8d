"""`dockchains image transfer`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image transfer registry.example/acme/app dc1q...")
@click.argument("name")
@click.argument("to", metavar="UNIT_ADDRESS")
@click.option("--treasury/--no-treasury", default=True, help="Whether the access units not given yet go along.")
@click.option("--plain-address", is_flag=True, help="Accept a Bitcoin address; its wallet may burn what it gets.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    name: str,
    to: str,
    treasury: bool,
    genesis: str | None,
    plain_address: bool,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Hand the repository NAME over to a new owner.

    The title goes to a unit address of the new owner, by default with the treasury. Nobody can undo it. Whoever pinned
    the repository sees NEW_OWNER until they accept it. Push rights at the registry are handed over apart.
    """
    from tui.cli.deeds import Manner, carry_out, txids, with_transactions
    from tui.cli.whereabouts import owned
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.requests import HandOver
    from tui.verbs.image.transfer import HandedOver, prepare
    from tui.verbs.review import Outcome

    options.refuse_waiting_for_nothing(wait, psbt)
    canonical = bare_name(name)
    request = HandOver(
        genesis=owned(call, canonical, genesis),
        name=canonical,
        to=to,
        with_treasury=treasury,
        plain=plain_address,
        rate=fee_rate,
    )

    def answer(outcome: Outcome[HandedOver]) -> Output:
        return Output(data=with_transactions(outcome), text=txids(outcome))

    manner = Manner(
        yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt, wait=wait
    )
    return carry_out(call, prepare(request, call.workplace), manner, answer)
