"""`dockchains image release`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


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
    from assets.services.owning.releasing import ReleaseRequest, check_served, draft_release, release
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.release_digest import chosen_digest, split_tags
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display, parse_txid

    name, tags = split_tags(reference)
    session = call.session()
    request = ReleaseRequest(
        genesis=own_genesis(call, session, name, genesis),
        name=name,
        tags=tags,
        digest=chosen_digest(call, name, tags, digest=digest, layout=layout, metadata_file=metadata_file),
        final=final,
        rate=fee_rate or call.settings.fee_rate,
    )
    if sealed and psbt is not None:
        raise click.UsageError("--sealed signs as it goes: release by --psbt first, then use `image seal`.")
    contents = None
    if not sealed or (digest, layout, metadata_file) == (None, None, None):
        contents = check_served(request, call.house.registry, images.manifests_of(call))
    if sealed:
        from tui.cli.sealing import release_sealed

        output = release_sealed(
            call,
            request,
            layout=layout,
            generation=generation,
            yes=yes,
            dry_run=dry_run,
            password_file=password_file,
            password_fd=password_fd,
        )
        made = () if dry_run else output.data["transactions"]
        wait_for(call, call.session(), [parse_txid(one["txid"]) for one in made], wait)
        return output
    settled = images.reading_confirmations(call)
    draft = draft_release(request, session, images.chain_of(call), confirmations=settled, contents=contents)
    options.refuse_waiting_for_nothing(wait, psbt)
    if psbt is not None and not dry_run:
        return handed_out(call, session, draft.drafts, psbt)
    answer = reviewed(call, session, draft.drafts, yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    sent = Sent(call, session)
    txids = release(draft, unlocker(call, session, password_file, password_fd), session, sent)
    wait_for(call, session, txids, wait)
    data = {
        "name": name,
        "tags": list(tags),
        "digest": str(request.digest),
        "image": f"{name}@{request.digest}",
        "genesis": display(draft.genesis),
        "final": final,
        "transactions": sent.documents,
    }
    return Output(data=data, text=lines(display(txid) for txid in txids))
