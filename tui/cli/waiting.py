"""Waiting for confirmations of what a command sent. A Ctrl-C ends the waiting and nothing else."""

import time
from collections.abc import Sequence

from tui.cli.call import Call
from tui.cli.interruption import WaitingStopped
from tui.verbs.waiting import wait_until_confirmed
from wallet.hashes import Txid, display


def wait_for(call: Call, txids: Sequence[Txid], confirmations: int | None) -> None:
    """Waits, with progress, until every transaction has so many confirmations; not at all for None.

    A Ctrl-C ends the waiting and nothing else, and says so. Raises what `wait_until_confirmed` raises.
    """
    if confirmations is None or not txids:
        return
    names = ", ".join(display(txid) for txid in txids)
    try:
        with (
            call.workplace.session() as session,
            call.progress(f"waiting for confirmations of {names}") as progress,
        ):
            wait_until_confirmed(
                txids,
                confirmations,
                session,
                sleep=call.house.sleep,
                clock=time.monotonic,
                progress=progress,
                note=call.note,
            )
    except KeyboardInterrupt as error:
        call.note(f"stopped waiting; what was sent stays and needs nobody to wait for it: {names}")
        raise WaitingStopped from error
