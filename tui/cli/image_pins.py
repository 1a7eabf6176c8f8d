"""`dockchains image pins`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table


@verb(needs=Needs.NOTHING, example="dockchains image pins")
def command(call: Call) -> Output:
    """List what is pinned, on the chosen network or on all."""
    from assets.services.image_views import PinsView
    from assets.services.image_words import pin_view
    from assets.store.trust_store import PinStore
    from wallet.network import NETWORKS, network_named

    chosen = [network_named(call.settings.network)] if call.settings.network else list(NETWORKS.values())
    pins = PinsView(
        pins=tuple(
            pin_view(pin, network)
            for network in chosen
            for pin in PinStore(call.house.paths.pins(network.name), network).load().pins
        )
    )
    if not pins.pins:
        return Output(data=pins, text="nothing is pinned")
    rows = [(pin.name, pin.network, pin.genesis, ", ".join(pin.owner_addresses)) for pin in pins.pins]
    return Output(data=pins, text=table(("name", "network", "genesis", "accepted owners"), rows))
