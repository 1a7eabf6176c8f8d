"""`dockchains wallet show`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields
from tui.cli.wallet_card import card_output
from tui.text import lines

if TYPE_CHECKING:
    from tui.verbs.wallet.show import DescriptorView


@verb(needs=Needs.WALLET, example="dockchains wallet show --descriptors > watch-only.txt")
@click.option("--descriptors", "only", is_flag=True, help="Only the descriptors to hand to another wallet.")
def command(call: Call, *, only: bool) -> Output:
    """Show a wallet's public facts: fingerprint, first addresses, and the descriptors that watch it.

    --descriptors gives those of the bitcoin account alone. The accounts for units and issuing are left out, since a
    wallet that knows nothing of units would spend their coins as plain bitcoin.

    What --json prints makes a wallet without keys on another machine: `dockchains wallet restore --watch FILE`.
    """
    from tui.verbs.wallet.show import card, descriptors

    found = descriptors(call.reading)
    told = [{"account": one.account, "chain": one.chain, "descriptor": one.descriptor} for one in found]
    if only:
        handed = [one for one, view in zip(told, found, strict=True) if view.for_others]
        call.note("whoever has these sees every bitcoin address of this wallet, and can spend nothing")
        return Output(data={"descriptors": handed}, text=lines(str(one["descriptor"]) for one in handed))
    facts = card(call.reading)
    watched = fields([(_heading(one), one.descriptor) for one in found])
    return Output(data={**asdict(facts), "descriptors": told}, text=lines(card_output(facts).text, "", watched))


def _heading(one: "DescriptorView") -> str:
    """What a descriptor watches, and whether another wallet may have it."""
    if one.for_others:
        return "bitcoin, change" if one.chain else "bitcoin"
    return f"{one.account}, not for other wallets"
