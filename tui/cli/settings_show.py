"""`dockchains settings show`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.verbs.settings import settings_of


@verb(needs=Needs.NOTHING, example="dockchains settings show --json")
def command(call: Call) -> Output:
    """Show every setting, its value and where it comes from: flag, environment, file or default."""
    found = settings_of(call.settings)
    file = call.house.paths.settings_file
    call.note(f"settings file: {file}{'' if file.exists() else ' (does not exist)'}")
    return Output(
        data={
            "file": str(file),
            "settings": {one.key: {"value": one.value, "origin": one.origin} for one in found},
        },
        text=table(("setting", "value", "from"), [(one.key, one.value or "-", one.origin) for one in found]),
    )
