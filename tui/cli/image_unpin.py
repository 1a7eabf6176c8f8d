"""`dockchains image unpin`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, example="dockchains image unpin registry.example/acme/app")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
def command(call: Call, *, name: str, yes: bool) -> Output:
    """Forget which genesis speaks for the repository NAME."""
    from assets.errors import TrustError
    from assets.services.chain.image_words import pin_view
    from tui.cli import images

    canonical = images.bare_name(name)
    call = images.verifying_call(call, canonical, None)
    house = call.house
    pin = house.pins.load().named(canonical)
    if pin is None:
        raise TrustError(f"{canonical} is not pinned on {house.network.name}", hint="see: dockchains image pins")
    view = pin_view(pin, house.network)
    call.note(f"{view.name} is pinned to genesis {view.genesis}")
    call.terminal.confirm("Forget this pin?", yes=yes)
    house.pins.unpin(canonical, pin)
    return Output(data=view, text=f"{canonical} is no longer pinned")
