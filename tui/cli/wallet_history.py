"""`dockchains wallet history`."""

from datetime import UTC, datetime

from assets.services.read_models.wallet_views import ActivityView, HistoryView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import plain
from wallet.amount import format_btc


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet history --json")
def command(call: Call) -> Output:
    """List the wallet's transactions: pending ones first, then the newest."""
    from tui.verbs.wallet.money import history

    view = history(call.workplace)
    if view.unread:
        call.note(
            f"what {view.unread} of them did with titles or access units is known once the index has read their "
            "blocks: run `dockchains chain sync`"
        )
    return Output(data=view, text=history_text(view))


def history_text(view: HistoryView) -> str:
    """One line for each transaction."""
    if not view.transactions:
        return ""
    return table(
        ("time (UTC)", "what", "BTC", "conf", "state", "txid", "note"),
        [_row(item) for item in view.transactions],
        right=frozenset({2, 3}),
    )


def _row(item: ActivityView) -> tuple[str, ...]:
    moment = datetime.fromtimestamp(item.time, tz=UTC).strftime("%Y-%m-%d %H:%M")
    sign = "+" if item.sats > 0 else ""
    return (
        moment,
        plain(item.kind),
        f"{sign}{format_btc(item.sats)}",
        str(item.confirmations),
        item.state,
        item.txid,
        plain(item.label),
    )
