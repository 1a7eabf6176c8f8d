"""`dockchains chain sync`."""

from assets.services.read_models.wallet_views import SyncView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NODE, example="dockchains chain sync --network regtest")
def command(call: Call) -> Output:
    """Bring the index up to the node's tip. It can be interrupted and goes on where it stopped.

    It says what a reorganisation took away. One that went deeper than the index remembers makes it read everything
    anew, as `chain reindex` does.
    """
    from tui.verbs.chain.sync import sync

    return synced(sync(call.workplace))


def synced(view: SyncView) -> Output:
    """The answer of sync and reindex."""
    text = f"index at block {view.height}: {view.connected} block{'' if view.connected == 1 else 's'} read"
    return Output(data=view, text=f"{text}, {view.disconnected} taken back" if view.disconnected else text)
