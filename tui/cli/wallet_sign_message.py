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
    from tui.verbs.wallet import messages

    call.house.require_keys()
    text = read_message(message, file)
    signature = messages.sign(address, text, call.reading, call.keys(password_file, password_fd))
    return Output(
        data={"address": address, "message": text, "signature": signature, "form": messages.FORM}, text=signature
    )
