"""`dockchains image pins`."""

from assets.services.read_models.image_views import PinsView, PinView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table


@verb(needs=Needs.NOTHING, example="dockchains image pins")
def command(call: Call) -> Output:
    """List what is pinned, on the chosen network or on all."""
    from tui.verbs.image.pin import pins

    view = pins(call.workplace)
    return Output(data=view, text=pins_text(view))


def pins_text(view: PinsView) -> str:
    """Pins for people."""
    if not view.pins:
        return "nothing is pinned"
    rows = [(pin.name, pin.network, pin.genesis, owners_text(pin)) for pin in view.pins]
    return table(("name", "network", "genesis", "accepted owners"), rows)


def owners_text(pin: PinView) -> str:
    """The accepted owners by their addresses; a script that has none in hex."""
    return ", ".join(address or script for address, script in zip(pin.owner_addresses, pin.owners, strict=True))
