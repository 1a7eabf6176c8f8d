"""`dockchains wallet list`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from wallet.network import NETWORKS, network_named


@verb(needs=Needs.NOTHING, example="dockchains wallet list")
def command(call: Call) -> Output:
    """List the wallets on this machine, of one network or of all."""
    chosen = call.settings.network
    networks = [network_named(chosen).name] if chosen else list(NETWORKS)
    paths = call.house.paths
    found = [paths.wallet(network, name) for network in networks for name in paths.wallet_names(network)]
    rows = [(one.folder.parent.parent.name, one.name, "only watches" if one.watches_only else "") for one in found]
    if not rows:
        call.note("there is no wallet yet; make one with: dockchains wallet create --network NAME")
    return Output(
        data={
            "wallets": [
                {"network": network, "name": name, "watch_only": bool(watches)} for network, name, watches in rows
            ]
        },
        text=table(("network", "wallet", ""), rows) if rows else "",
    )
