"""`dockchains chain reindex`."""

import click

from tui.cli.call import Call
from tui.cli.chain_sync import synced
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NODE, example="dockchains chain reindex --network signet --from 200000")
@click.option("--from", "start", type=click.IntRange(min=0), metavar="HEIGHT", help="The first block to read.")
def command(call: Call, *, start: int | None) -> Output:
    """Forget the index and read the chain again.

    Whatever was issued before the first block of the index is unknown to it, so every other command asks for an index
    from block 0 on, or from the one that the setting index_start names.
    """
    from tui.verbs.chain.sync import reindex

    return synced(reindex(call.workplace, start=start))
