"""`dockchains wallet receive`."""

import sys

import click

from assets.model import MAX_ACCESS_UNITS
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from wallet.errors import EncodingError


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains wallet receive --amount 0.01 --label rent")
@click.option("--amount", metavar="AMOUNT", help="In BTC; with --units a number of units.")
@click.option("--label", default="", metavar="TEXT", help="What it is for. It is kept here and part of the link.")
@click.option("--units", is_flag=True, help="An address for units, which other wallets refuse.")
@click.option("--genesis", metavar="TXID", help="With --units: of which repository.")
@click.option("--qr", is_flag=True, help="Draw the link on the terminal.")
def command(call: Call, *, amount: str | None, label: str, units: bool, genesis: str | None, qr: bool) -> Output:
    """Show a new address to be paid at, and the link that asks for it.

    Titles and access units are received on unit addresses only: a wallet that knows nothing of units would burn them.
    """
    from tui.verbs.wallet.money import receive
    from tui.verbs.wallet.requests import ReceiveBitcoin, ReceiveUnits
    from wallet.amount import parse_btc
    from wallet.hashes import parse_txid

    if not units and genesis is not None:
        raise click.UsageError("--genesis belongs to --units.")
    if units and label:
        raise click.UsageError("A link for units carries no label.")
    sats = parse_btc(amount) if amount is not None and not units else None
    count = _count(amount) if amount is not None and units else None
    txid = parse_txid(genesis) if genesis is not None else None
    request = ReceiveUnits(genesis=txid, amount=count) if units else ReceiveBitcoin(amount=sats, label=label)
    view = receive(request, call.workplace)
    if view.unpaid > view.gap:
        call.note(
            f"{view.unpaid} addresses were given out and never paid; "
            f"another wallet that restores these words looks only {view.gap} ahead"
        )
    if qr:
        _draw(call, view.uri)
    call.note(view.uri)
    return Output(data=view, text=view.address)


def _draw(call: Call, uri: str) -> None:
    if not call.terminal.draws:
        call.note("a QR code needs a terminal; the link is the same")
        return
    import segno

    segno.make(uri, error="l", micro=False).terminal(out=sys.stderr, border=2, compact=True)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:17]) <= MAX_ACCESS_UNITS:
        raise EncodingError(f"not a number of units: {text[:40]!r}", hint="a whole number from 1")
    return int(text[:17])
