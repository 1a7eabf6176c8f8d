"""`dockchains wallet show`."""

from dataclasses import asdict

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields
from tui.cli.wallet_card import card_output
from tui.text import lines
from wallet.coins import AccountKind


@verb(needs=Needs.WALLET, example="dockchains wallet show --descriptors > watch-only.txt")
@click.option("--descriptors", "only", is_flag=True, help="Only the descriptors to hand to another wallet.")
def command(call: Call, *, only: bool) -> Output:
    """Show a wallet's public facts: fingerprint, first addresses, and the descriptors that watch it.

    --descriptors gives those of the bitcoin account alone. The accounts for units and issuing are left out, since a
    wallet that knows nothing of units would spend their coins as plain bitcoin.

    What --json prints makes a wallet without keys on another machine: `dockchains wallet restore --watch FILE`.
    """
    from assets.services.wallets.opening import card_of

    house = call.house
    card = card_of(house.wallet_paths.name, house.identity)
    descriptors = [
        {"account": item.account.name.lower(), "chain": item.chain, "descriptor": item.text}
        for item in house.account.descriptors()
    ]
    if only:
        handed = [item for item in descriptors if item["account"] == AccountKind.BTC.name.lower()]
        call.note("whoever has these sees every bitcoin address of this wallet, and can spend nothing")
        return Output(data={"descriptors": handed}, text=lines(str(item["descriptor"]) for item in handed))
    shown = card_output(card)
    watched = fields([(_heading(item.account, item.chain), item.text) for item in house.account.descriptors()])
    return Output(data={**asdict(card), "descriptors": descriptors}, text=lines(shown.text, "", watched))


def _heading(account: AccountKind, chain: int) -> str:
    """What a descriptor watches, and whether another wallet may have it."""
    if account is AccountKind.BTC:
        return "bitcoin, change" if chain else "bitcoin"
    return f"{account.name.lower()}, not for other wallets"
