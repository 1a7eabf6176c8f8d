"""`dockchains wallet show`."""

from dataclasses import asdict

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.wallet_card import card_output


@verb(needs=Needs.WALLET, example="dockchains wallet show")
def command(call: Call) -> Output:
    """Show a wallet's public facts: fingerprint, first addresses, and the descriptors that watch it."""
    from assets.services.wallets import card_of

    house = call.house
    card = card_of(house.wallet_paths.name, house.identity)
    descriptors = [
        {"account": item.account.name.lower(), "chain": item.chain, "descriptor": item.text}
        for item in house.account.descriptors()
    ]
    shown = card_output(card)
    lines = "\n".join(str(item["descriptor"]) for item in descriptors)
    return Output(data={**asdict(card), "descriptors": descriptors}, text=f"{shown.text}\n\n{lines}")
