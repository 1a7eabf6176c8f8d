"""`dockchains wallet unfreeze`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.WALLET, node_options=True, example="dockchains wallet unfreeze 4a5e...b33b:1")
@click.argument("coins", nargs=-1, required=True, metavar="TXID:VOUT...")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
def command(call: Call, *, coins: tuple[str, ...], yes: bool) -> Output:
    """Let coins be spent again that were frozen or held back.

    Coins that others made are held back where they hold at most 1,000 sat, or where the transaction that made them
    speaks of Counterparty, Colored Coins, runes, inscriptions or EPOBC: this wallet does not move such units, and a
    payment would lose them for ever. What may be lost is said before it is asked. A coin that was freed stays free
    until `wallet freeze`.
    """
    from tui.verbs.wallet.money import freeing, unfreeze
    from wallet.hashes import outpoint_text, parse_outpoint

    outpoints = tuple(dict.fromkeys(parse_outpoint(coin) for coin in coins))
    chosen = freeing(outpoints, call.workplace)
    risky = [one for one in chosen if one.risk]
    for one in risky:
        call.note(one.words)
    if risky:
        call.terminal.confirm("Let payments take it?" if len(risky) == 1 else "Let payments take them?", yes=yes)
    unfreeze({one.outpoint: one.risk for one in chosen}, call.workplace)
    names = [outpoint_text(outpoint) for outpoint in outpoints]
    data = {"unfrozen": names, "signs": {outpoint_text(one.outpoint): list(one.signs) for one in risky}}
    return Output(data=data, text=lines(names))
