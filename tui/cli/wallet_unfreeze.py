"""`dockchains wallet unfreeze`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.WALLET, example="dockchains wallet unfreeze 4a5e...b33b:1")
@click.argument("coins", nargs=-1, required=True, metavar="TXID:VOUT...")
def command(call: Call, *, coins: tuple[str, ...]) -> Output:
    """Let frozen coins be spent again."""
    from tui.verbs.wallet.money import unfreeze
    from wallet.hashes import outpoint_text, parse_outpoint

    outpoints = tuple(dict.fromkeys(parse_outpoint(coin) for coin in coins))
    unfreeze(outpoints, call.workplace)
    names = [outpoint_text(outpoint) for outpoint in outpoints]
    return Output(data={"unfrozen": names}, text=lines(names))
