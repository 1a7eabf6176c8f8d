"""`dockchains image history`."""

import click

from assets.services.image_views import LineageView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.verification_text import records_table
from tui.text import plain


@verb(needs=Needs.NODE, new_wallet=True, example="dockchains image history registry.example/acme/app")
@click.argument("name", required=False)
@click.option("--genesis", metavar="TXID", help="The repository with this genesis, whatever its name.")
def command(call: Call, *, name: str | None, genesis: str | None) -> Output:
    """Show everything that happened to the title of the repository NAME, oldest first."""
    from assets.services.repositories import show_history
    from tui.cli import images
    from tui.cli.whereabouts import locate, session_if_any

    chain = images.chain_of(call)
    found = locate(call, chain, session_if_any(call), name, genesis)
    view = show_history(found.genesis, chain, confirmations=images.reading_confirmations(call))
    return Output(data=view, text=history_text(view))


def history_text(view: LineageView) -> str:
    """A title's history for people."""
    return f"{plain(view.name)}, genesis {view.genesis}\n{records_table(view.records)}"
