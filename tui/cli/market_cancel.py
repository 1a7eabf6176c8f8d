"""`dockchains market cancel`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from tui.verbs.market.views import Closed
    from tui.verbs.review import Outcome


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains market cancel 3f9a60c1")
@click.argument("target", metavar="ID|NAME")
@click.option("--lots", is_flag=True, help="Bring the lots of NAME back into one coin, also those at a shop.")
@click.option("--publish", is_flag=True, help="Put what is left of the listings of NAME on the registry's board.")
@options.meant
@options.spending
def command(
    call: Call,
    *,
    target: str,
    lots: bool,
    publish: bool,
    genesis: str | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Take back a bid or a listing by its ID, or all listings of the repository NAME.

    A bid is taken back by a transaction that spends one of its coins. A listing commits nobody, so taking it back moves
    nothing; lots whose keys are at a shop must move, with --lots.
    """
    from tui.cli import market
    from tui.cli.deeds import Manner, carry_out, with_transactions
    from tui.verbs.image.fields import bare_name
    from tui.verbs.market.cancel import prepare
    from tui.verbs.market.requests import Recall, TakeBack, Withdraw

    name = bare_name(target) if "/" in target else None
    if (lots or publish or genesis is not None) and name is None:
        raise click.UsageError("--lots, --publish and --genesis go with the NAME of a repository.")
    request: TakeBack | Withdraw | Recall
    if name is None:
        request = TakeBack(offer=target, rate=fee_rate)
    elif lots:
        txid = market.meant(call, name, genesis)
        request = Recall(genesis=txid, name=name, publish=publish, rate=fee_rate)
    else:
        request = Withdraw(genesis=market.meant(call, name, genesis), name=name, publish=publish)

    def answer(outcome: "Outcome[Closed]") -> Output:
        return Output(data=with_transactions(outcome), text=lines(outcome.result.withdrawn))

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    return carry_out(call, prepare(request, call.workplace), manner, answer)
