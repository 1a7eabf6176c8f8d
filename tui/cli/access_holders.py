"""`dockchains access holders`."""

import click

from assets.services.read_models.access_views import HoldersView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import lines, plain


@verb(needs=Needs.NODE, example="dockchains access holders registry.example/acme/app")
@click.argument("name", required=False)
@click.option("--genesis", metavar="TXID", help="The repository with this genesis, whatever its name.")
def command(call: Call, *, name: str | None, genesis: str | None) -> Output:
    """List who holds access units of the repository NAME, the treasury first.

    Only genuine units in coins that the node still has are counted.
    """
    from tui.cli.whereabouts import located
    from tui.verbs.access.holders import holders

    view = holders(located(call, name, genesis).genesis, call.workplace)
    return Output(data=view, text=holders_text(view))


def holders_text(view: HoldersView) -> str:
    """Holders for people, with each one's share of what was issued."""
    rows = [
        (
            one.address or one.script,
            "treasury" if one.treasury else "",
            f"{one.units:,}",
            view.share_of(one),
            str(one.coins),
        )
        for one in view.holders
    ]
    sums = (
        f"{view.issued:,} issued, {view.treasury:,} in the treasury, {view.circulating:,} circulating"
        f", {view.ended:,} ended, as of block {view.height}"
    )
    listed = table(("holder", "", "units", "share", "coins"), rows, right=frozenset({2, 3, 4})) if rows else "nobody"
    return lines(plain(view.name), sums, listed)
