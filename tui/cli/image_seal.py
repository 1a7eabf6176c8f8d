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
    from assets.services.owning.seal_records import sealable
    from tui.cli import images
    from tui.cli.sealing import Keys, SealOrder, content_secret, seal
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import parse_txid

    asked = ImageReference.parse(reference)
    session = call.session()
    found = sealable(
        own_genesis(call, session, asked.name, genesis),
        asked.name,
        asked.tag,
        asked.digest,
        session,
        images.chain_of(call),
        confirmations=images.reading_confirmations(call),
    )
    keys = Keys(call, password_file, password_fd)
    order = SealOrder(
        name=asked.name,
        digest=found.digest,
        owned=found.owned,
        layout=layout,
        content=content_secret(call, session, keys, asked.name, found.owned, epoch=epoch, generation=generation),
        tags=(asked.tag,) if asked.tag is not None and not keep_tag else (),
        before=(),
        rate=fee_rate or call.settings.fee_rate,
        key_out=key_out,
        yes=yes,
        dry_run=dry_run,
    )
    output = seal(call, session, order, keys.unlock)
    made = () if dry_run else output.data["transactions"]
    wait_for(call, session, [parse_txid(one["txid"]) for one in made], wait)
    return output
