"""`dockchains wallet balance`."""

from assets.services.read_models.wallet_views import BalanceView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields
from tui.text import plain
from wallet.amount import format_btc


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet balance --json")
def command(call: Call) -> Output:
    """Show what the wallet holds, in BTC, and its units by repository.

    Reserved coins are in no other sum: they carry units, or might, and never pay for anything.
    """
    from tui.verbs.wallet.money import balance

    view = balance(call.workplace)
    return Output(data=view, text=balance_text(view))


def balance_text(view: BalanceView) -> str:
    """Every sum that is not zero; the confirmed one always."""
    sums = (
        ("confirmed", view.confirmed),
        ("pending, our own", view.trusted_pending),
        ("pending, by others", view.untrusted_pending),
        ("immature", view.immature),
        ("reserved", view.reserved),
    )
    shown = [(name, f"{format_btc(sats)} BTC") for name, sats in sums if sats or name == "confirmed"]
    units = [
        (
            plain(item.name) or item.genesis,
            f"{'title and ' if item.title else ''}{item.access_units:,} access units",
        )
        for item in view.units
    ]
    return fields([*shown, *units])
