"""`dockchains wallet password`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET, example="dockchains wallet password")
@click.option(
    "--new-password-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the new password from this file.",
)
@click.option("--new-password-fd", type=int, metavar="FD", help="Read the new password from this descriptor.")
@click.option("--keep-old", is_flag=True, help="Leave the old keystore beside the new one, as .bak.")
@options.password
def command(
    call: Call,
    *,
    new_password_file: Path | None,
    new_password_fd: int | None,
    keep_old: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Change the password of the wallet.

    The older keystore is removed, so that the older password opens nothing here any more. Copies made elsewhere, such
    as by `wallet backup`, still open with it.
    """
    from tui.cli.secrets import new_password, password
    from tui.verbs.wallet.keep import change_password

    call.house.require_keys()
    name = call.house.wallet_paths.name
    old = password(options.source(password_file, password_fd), call.terminal, of=f"wallet {name}")
    new = new_password(options.source(new_password_file, new_password_fd), call.terminal, of=f"wallet {name}")
    kept = change_password(old, new, call.reading, keep_old=keep_old)
    call.note(f"the password of wallet {name} is changed; backups made before still open with the older one")
    return Output(data={"wallet": name, "kept": kept}, text="")
