"""`dockchains completion zsh`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.completion import script
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, example="dockchains completion zsh > ~/.zfunc/_dockchains")
def command(call: Call) -> Output:
    """Print the completion script for zsh."""
    text = script("zsh")
    return Output(data={"shell": "zsh", "script": text}, text=text)
