"""`dockchains wallet password`."""

import os
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
    from assets.services.wallets.backups import renew_password
    from tui.cli.secrets import new_password, password
    from wallet.keys.keystore import PASSWORD_ENTROPY
    from wallet.store.signing_lock import SigningLock

    call.house.require_keys()
    paths = call.house.wallet_paths
    old = password(options.source(password_file, password_fd), call.terminal, of=f"wallet {paths.name}")
    new = new_password(options.source(new_password_file, new_password_fd), call.terminal, of=f"wallet {paths.name}")
    with SigningLock(paths.lock):
        renew_password(paths.keystore, old, new, entropy=os.urandom(PASSWORD_ENTROPY), keep_old=keep_old)
    call.note(f"the password of wallet {paths.name} is changed; backups made before still open with the older one")
    return Output(data={"wallet": paths.name, "kept": f"{paths.keystore}.bak" if keep_old else ""}, text="")
