"""`dockchains image release`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    needs=Needs.WALLET_AND_NODE,
    example="dockchains image release registry.example/acme/app:1.0,latest --metadata-file build.json",
)
@click.argument("reference", metavar="NAME:TAG[,TAG...]")
@click.option("--digest", metavar="DIGEST", help="The digest that the builder printed.")
@click.option("--layout", metavar="oci:DIR[:TAG]", help="An OCI layout that the builder wrote.")
@click.option(
    "--metadata-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What `docker buildx build --metadata-file` wrote.",
)
@click.option("--final", is_flag=True, help="Bind the tags for ever: no later release can move them.")
@click.option("--sealed", is_flag=True, help="Encrypt the image, push it sealed, and say so on the chain as well.")
@click.option("--generation", type=int, default=1, metavar="N", help="With --sealed: which key for this image.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    reference: str,
    digest: str | None,
    layout: str | None,
    metadata_file: Path | None,
    final: bool,
    sealed: bool,
    generation: int,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Bind the digest of an image to one or more tags of NAME.

    The digest comes from whoever built the image; the registry must serve it under each tag. Without --digest, --layout
    or --metadata-file the digests of the registry and of the local engine are shown and you are asked.

    With --sealed the plain image need not be in the registry: it is read from --layout, encrypted, and the tags in the
    registry stand for its sealed form.
    """
    from assets.images.digest import Digest
    from assets.registry.layout import LayoutReference
    from tui.cli.deeds import Manner, carry_out, txids, with_transactions
    from tui.cli.release_digest import compared, require_somebody
    from tui.cli.sealing import sealed_and_recorded
    from tui.cli.whereabouts import owned
    from tui.verbs.image.fields import named_tags
    from tui.verbs.image.release import Released, WhichDigest, prepare
    from tui.verbs.image.requests import Release, ReleaseSealed
    from tui.verbs.review import Outcome

    options.refuse_waiting_for_nothing(wait, psbt)
    if sealed and psbt is not None:
        raise click.UsageError("--sealed signs as it goes: release by --psbt first, then use `image seal`.")
    manner = Manner(
        yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt, wait=wait
    )
    name, tags = named_tags(reference)
    built = (
        *((Digest.parse(digest),) if digest is not None else ()),
        *((LayoutReference.parse(layout),) if layout is not None else ()),
        *((metadata_file,) if metadata_file is not None else ()),
    )
    if not built:
        require_somebody(call.terminal)
    found = owned(call, name, genesis)
    request = Release(genesis=found, name=name, tags=tags, built=built, final=final, rate=fee_rate)
    if sealed:
        return sealed_and_recorded(call, ReleaseSealed(release=request, generation=generation), manner)
    offered = prepare(request, call.workplace)
    if isinstance(offered, WhichDigest):
        offered = prepare(compared(call.terminal, offered), call.workplace)
        assert not isinstance(offered, WhichDigest), "it was answered"

    def answer(outcome: Outcome[Released]) -> Output:
        return Output(data=with_transactions(outcome), text=txids(outcome))

    return carry_out(call, offered, manner, answer)
