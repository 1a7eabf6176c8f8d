"""`dockchains chain status`."""

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields


@verb(needs=Needs.NODE, example="dockchains chain status --network regtest")
def command(call: Call) -> Output:
    """Show how far node and index are."""
    from tui.verbs.chain.status import status

    view = status(call.workplace)
    if view.index_remark:
        call.note(view.index_remark)
    if view.index_height is None:
        indexed = "none yet; build it with: dockchains chain sync"
    else:
        indexed = f"block {view.index_height}, {view.index_behind} behind, from block {view.index_start}"
    return Output(
        data=view,
        text=fields(
            (
                ("network", view.network),
                ("node", f"{view.node}{' (still syncing)' if view.syncing else ''}"),
                ("tip", f"block {view.height} of {view.headers}, {view.tip_age} s old"),
                ("tip hash", view.tip),
                ("index", indexed),
            )
        ),
    )
