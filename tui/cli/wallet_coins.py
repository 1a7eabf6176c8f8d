"""`dockchains wallet coins`."""

from assets.services.read_models.wallet_views import CoinsView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import plain


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet coins")
def command(call: Call) -> Output:
    """List the coins, what each carries and what it may be used for.

    Coins that others made and that might hold units of another protocol (Counterparty, Colored Coins, runes,
    inscriptions, EPOBC) pay for nothing until `wallet unfreeze` frees them.
    """
    from tui.verbs.wallet.money import coins

    view = coins(call.workplace)
    held_back = sum(1 for coin in view.coins if coin.risk and coin.state == "reserved")
    if held_back:
        call.note(f"{held_back} might hold another colour and pay nothing; `dockchains wallet unfreeze COIN` frees one")
    return Output(data=view, text=coins_text(view))


def coins_text(view: CoinsView) -> str:
    """One line for each coin; why it is reserved where it is."""
    if not view.coins:
        return ""
    rows = [
        (
            coin.outpoint,
            f"{coin.sats:,}",
            str(coin.confirmations),
            coin.account,
            coin.state,
            plain(coin.holds) or plain(coin.because) or "-",
        )
        for coin in view.coins
    ]
    return table(("coin", "sat", "conf", "account", "state", "carries"), rows, right=frozenset({1, 2}))
