"""`dockchains market serve`."""

from pathlib import Path

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NODE, example="dockchains market serve shop.json --listen 127.0.0.1:8080")
@click.argument("bundle", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8080", help="Loopback only; put a proxy in front.")
@click.option("--journal", type=click.Path(path_type=Path), metavar="FILE", help="Default: FILE.journal, beside it.")
@click.option("--proxied", is_flag=True, help="Limit rates by the last address that X-Forwarded-For names.")
@click.option(
    "--per-minute", type=click.IntRange(1, 100_000), default=120, help="Requests of one client. Default: 120."
)
def command(call: Call, *, bundle: Path, listen: str, journal: Path | None, proxied: bool, per_minute: int) -> Output:
    """Sell the lots in FILE, which `market export-shop` wrote, until it is stopped.

    It needs a node and no wallet. Whoever sends a valid bid has the sale, or a reason, at once. It can be stopped or
    killed at any time: what was sold is in the journal, and is sent again at the next start.
    """
    from tui.verbs.market.requests import Serve
    from tui.verbs.market.serve import serve

    request = Serve(
        bundle=bundle,
        listen=listen,
        journal=journal or bundle.with_name(f"{bundle.name}.journal"),
        proxied=proxied,
        per_minute=per_minute,
    )
    served = serve(request, call.workplace)
    return Output(data=served, text=f"{served.sold} sold, {served.lots} for sale")
