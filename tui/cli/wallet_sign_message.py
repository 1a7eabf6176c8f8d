"""`dockchains wallet sign-message`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.message_text import message as message_options
from tui.cli.message_text import read_message
from tui.cli.output import Output


@verb(needs=Needs.WALLET, example='dockchains wallet sign-message bcrt1q... "I hold this address"', name="sign-message")
@click.argument("address")
@message_options
@options.password
def command(
    call: Call,
    *,
    address: str,
    message: str | None,
    file: Path | None,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Sign a message with an address of this wallet (BIP322).

    ADDRESS is one of the wallet's own Bitcoin or unit addresses. The signature shows that whoever signed can spend from
    it; it moves nothing. Never sign a text that you do not understand. Texts that begin with `dockchains` are logins,
    listings, bids and statements of this program, and are refused.
    """
    from assets.services.wallets.messages import BIP322, own_path, require_free_text, sign_text
    from tui.cli.secrets import password
    from wallet.store.wallet_store import WalletStore

    house = call.house
    house.require_keys()
    text = read_message(message, file)
    require_free_text(text)
    path = own_path(address, house.account, WalletStore(house.database))
    secret = password(options.source(password_file, password_fd), call.terminal, of=f"wallet {house.wallet_paths.name}")
    signature = sign_text(text, path, house.signer(secret))
    data = {"address": address, "message": text, "signature": signature, "form": BIP322}
    return Output(data=data, text=signature)
