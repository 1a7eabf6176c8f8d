"""`dockchains wallet backup`."""

from pathlib import Path

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET, example="dockchains wallet backup /media/usb/wallet.backup")
@click.argument("file", type=click.Path(path_type=Path))
def command(call: Call, *, file: Path) -> Output:
    """Write the wallet into one file: encrypted words, labels, public facts.

    Repository secrets that sellers handed over are in it, too, encrypted: the words alone do not bring them back, so
    make a new backup after taking one in. FILE must not exist. It opens with the wallet's present password: `dockchains
    wallet restore --backup FILE`. Whoever has the file sees what the wallet holds, and cannot spend it without the
    password. It is no substitute for the words on paper: a forgotten password opens no backup.
    """
    from tui.verbs.wallet.keep import back_up

    made = back_up(file, call.reading)
    if made.secrets:
        call.note(f"repository secrets from sellers in it: {made.secrets}")
    return Output(data=made, text=made.file)
