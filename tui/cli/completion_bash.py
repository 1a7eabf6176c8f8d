"""`dockchains completion bash`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.completion import script
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, example="dockchains completion bash > ~/.local/share/bash-completion/completions/dockchains")
def command(call: Call) -> Output:
    """Print the completion script for bash."""
    text = script("bash")
    return Output(data={"shell": "bash", "script": text}, text=text)
