"""`dockchains image serve`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


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
    from tui.cli.serving import serve_images

    return serve_images(call, listen=listen, allow=allow, offline=offline, check=check)
