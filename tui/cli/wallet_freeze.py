"""`dockchains wallet freeze`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet freeze 4a5e...b33b:1")
@click.argument("coins", nargs=-1, required=True, metavar="TXID:VOUT...")
def command(call: Call, *, coins: tuple[str, ...]) -> Output:
    """Keep coins from being spent until they are freed again.

    Coins that carry units need no freezing: no payment ever takes them.
    """
    from tui.verbs.wallet.money import freeze
    from wallet.hashes import outpoint_text, parse_outpoint

    outpoints = tuple(dict.fromkeys(parse_outpoint(coin) for coin in coins))
    freeze(outpoints, call.workplace)
    names = [outpoint_text(outpoint) for outpoint in outpoints]
    return Output(data={"frozen": names}, text=lines(names))
