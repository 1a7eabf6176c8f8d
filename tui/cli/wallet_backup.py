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
    from assets.services.wallets.backups import make_backup
    from tui.verbs.files import write_new
    from wallet.store.wallet_store import WalletStore

    house = call.house
    store = WalletStore(house.database)
    data = make_backup(house.wallet_paths.name, house.wallet_paths.keystore, house.identity, store, now=house.now())
    write_new(file, data)
    secrets = len(store.handovers.secrets())
    if secrets:
        call.note(f"repository secrets from sellers in it: {secrets}")
    return Output(data={"file": str(file), "bytes": len(data), "secrets": secrets}, text=str(file))
