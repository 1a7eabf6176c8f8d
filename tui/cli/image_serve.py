"""`dockchains image serve`."""

from typing import TYPE_CHECKING

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.remedies import words
from tui.text import lines

if TYPE_CHECKING:
    from tui.verbs.image.serve import ServingView, StockView


@verb(needs=Needs.NOTHING, node_options=True, example="dockchains image serve --listen 127.0.0.1:5010")
@click.option("--listen", default="127.0.0.1:5010", metavar="HOST:PORT", help="Where to listen. Default: this machine.")
@click.option("--allow", metavar="VERDICTS", help="Serve also: pending, superseded, new-owner, frozen, unpinned.")
@click.option("--offline", is_flag=True, help="Ask only the node, and no registry.")
@click.option("--check", is_flag=True, help="Say what would be served, and what not and why; serve nothing.")
def command(call: Call, *, listen: str, allow: str | None, offline: bool, check: bool) -> Output:
    """Serve the images that were pulled and still verify, to container tools on this machine or network.

    Each image is judged anew by the node every few seconds. Sealed images are served as ciphertext; gated ones, and
    those behind a login, not at all. Pull with `docker pull 127.0.0.1:5010/acme/app@sha256:...`, or enter the address
    as a mirror for podman, skopeo or containerd. It speaks plain HTTP and only gives out; for a network behind
    --listen, digests are what protects.
    """
    from tui.verbs.image import references
    from tui.verbs.image.reader_requests import Serve
    from tui.verbs.image.serve import serve, stock

    host, port = references.listening_address(listen)
    request = Serve(host=host, port=port, allow=references.allowed(allow), offline=offline)
    if check:
        found = stock(request, call.workplace)
        return Output(data=found, text=lines(_stocked(found)))

    def stocked(view: "StockView") -> None:
        if not view.served and not view.refused:
            call.note("no image is kept yet; pull one, and it is served from then on")
        for line in _stocked(view):
            call.note(line)

    def listening(view: "ServingView") -> None:
        if view.open:
            call.note("warning: anybody who reaches this address can pull; what they check is the digest")
        call.note(f"serving at {view.address}; end with Ctrl-C")

    served = serve(request, call.workplace, stocked, listening)
    return Output(data={"address": served.address}, text="")


def _stocked(view: "StockView") -> list[str]:
    told = [f"serves {one.image}{' (sealed)' if one.sealed else ''}" for one in view.served]
    return told + [f"does not serve {one.image}: {words(one.why)}" for one in view.refused]
