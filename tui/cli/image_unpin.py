"""`dockchains image unpin`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, example="dockchains image unpin registry.example/acme/app")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
def command(call: Call, *, name: str, yes: bool) -> Output:
    """Forget which genesis speaks for the repository NAME."""
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.pin import unpin

    going = unpin(bare_name(name), call.workplace)
    call.note(f"{going.view.name} is pinned to genesis {going.view.genesis}")
    call.terminal.confirm("Forget this pin?", yes=yes)
    gone = going.finish()
    return Output(data=gone, text=f"{gone.name} is no longer pinned")
