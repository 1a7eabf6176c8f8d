"""`dockchains completion fish`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.completion import script
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, example="dockchains completion fish > ~/.config/fish/completions/dockchains.fish")
def command(call: Call) -> Output:
    """Print the completion script for fish."""
    text = script("fish")
    return Output(data={"shell": "fish", "script": text}, text=text)
