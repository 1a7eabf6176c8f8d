"""`dockchains settings set`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.completion import setting_keys
from tui.cli.output import Output
from tui.settings_file import require_known, value_of


@verb(needs=Needs.NOTHING, example="dockchains settings set network signet fee_rate 2.5")
@click.argument("pairs", nargs=-1, metavar="[KEY VALUE]...", shell_complete=setting_keys)
@click.option(
    "--unset",
    multiple=True,
    metavar="KEY",
    shell_complete=setting_keys,
    help="Take a setting out of the file; may be repeated.",
)
def command(call: Call, *, pairs: tuple[str, ...], unset: tuple[str, ...]) -> Output:
    """Change settings in the settings file.

    Several at once are written together or not at all. Other settings and comments stay. `settings show` lists the
    keys, their values and where each comes from.
    """
    from tui.verbs.settings import change

    changes, paths = _changes(pairs, unset), call.house.paths
    for remark in change(changes, paths):
        call.note(remark)
    file = paths.settings_file
    data = {"file": str(file), "set": {key: value for key, value in changes.items() if value is not None}}
    return Output(data={**data, "unset": [key for key, value in changes.items() if value is None]}, text=str(file))


def _changes(pairs: tuple[str, ...], unset: tuple[str, ...]) -> dict[str, object | None]:
    if not pairs and not unset:
        raise click.UsageError("Give a KEY and its VALUE, or --unset KEY.")
    if len(pairs) % 2:
        raise click.UsageError(f"{pairs[-1]!r} has no value.")
    changes: dict[str, object | None] = {}
    for key, text in zip(pairs[::2], pairs[1::2], strict=True):
        if key in changes:
            raise click.UsageError(f"{key!r} is there twice.")
        changes[key] = value_of(key, text)
    for key in unset:
        require_known(key)
        if key in changes:
            raise click.UsageError(f"{key!r} is to be set and taken out.")
        changes[key] = None
    return changes
