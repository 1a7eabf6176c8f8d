"""`dockchains wallet verify-message`."""

from pathlib import Path

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.exits import ExitCode
from tui.cli.message_text import message as message_options
from tui.cli.message_text import read_message
from tui.cli.output import Output


@verb(
    needs=Needs.NOTHING,
    example='dockchains wallet verify-message bcrt1q... AkcwRAIg... "I hold this address"',
    name="verify-message",
)
@click.argument("address")
@click.argument("signature")
@message_options
def command(call: Call, *, address: str, signature: str, message: str | None, file: Path | None) -> Output:
    """Check who signed a message.

    Says valid, and exits with 0, where the holder of ADDRESS made SIGNATURE over exactly this message; else exits with
    3. Understands BIP322 (simple), and BIP137 by addresses that begin with bc1q, tb1q or bcrt1q. Needs neither a wallet
    nor a node.
    """
    from tui.verbs.wallet.messages import judge

    view = judge(address, read_message(message, file), signature)
    if not view.valid:
        call.note(f"not valid: {view.reason}")
    return Output(
        data=view,
        text=f"valid ({view.form})" if view.valid else "",
        code=ExitCode.OK if view.valid else ExitCode.REFUSED,
    )
