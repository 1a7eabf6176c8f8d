"""`dockchains image seal`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    needs=Needs.WALLET_AND_NODE,
    example="dockchains image seal registry.example/acme/app:1.0 --layout oci:build:1.0",
)
@click.argument("reference", metavar="NAME:TAG|NAME@DIGEST")
@click.option("--layout", metavar="oci:DIR[:TAG]", help="Read the image from here instead of the registry.")
@click.option("--generation", type=int, default=1, metavar="N", help="Another key for the same image, after a leak.")
@click.option("--epoch", type=int, metavar="N", help="Another repository secret for all keys from now on.")
@click.option("--keep-tag", is_flag=True, help="Leave the registry's tag on the plain image.")
@click.option(
    "--key-out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the key for `skopeo --decryption-key` here (PKCS#8, a secret).",
)
@options.meant
@options.waiting
@options.spending
def command(
    call: Call,
    *,
    reference: str,
    layout: str | None,
    generation: int,
    epoch: int | None,
    keep_tag: bool,
    key_out: Path | None,
    genesis: str | None,
    wait: int | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Encrypt a released image, push it, and say on the chain that it is that release's sealed form.

    The key follows from the recovery words. The sealed image can travel over any mirror; it opens with `dockchains
    image pull` for holders, or with skopeo and buildah for whoever has the key.
    """
    from assets.images.reference import ImageReference
    from assets.registry.layout import LayoutReference
    from tui.cli.deeds import Manner
    from tui.cli.sealing import sealed_and_recorded
    from tui.cli.whereabouts import owned
    from tui.verbs.image.requests import Seal

    asked = ImageReference.parse(reference)
    request = Seal(
        genesis=owned(call, asked.name, genesis),
        name=asked.name,
        tag=asked.tag,
        digest=asked.digest,
        layout=LayoutReference.parse(layout) if layout is not None else None,
        generation=generation,
        epoch=epoch,
        keep_tag=keep_tag,
        key_out=key_out,
        rate=fee_rate,
    )
    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, wait=wait)
    return sealed_and_recorded(call, request, manner)
