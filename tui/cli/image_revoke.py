"""`dockchains image revoke`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    needs=Needs.WALLET_AND_NODE,
    example="dockchains image revoke registry.example/acme/app:1.0 --reason compromised",
)
@click.argument("reference", metavar="NAME[:TAG][@DIGEST]")
@click.option("--reason", default="unspecified", metavar="WORD", help="compromised, broken, withdrawn or unspecified.")
@click.option("--platform", metavar="OS/ARCH", help="Revoke one image of a multi-platform one.")
@click.option(
    "--alone/--whole",
    "alone",
    default=None,
    help="Revoke a list's own digest only, or insist on all that it holds; without either: a list with what it holds.",
)
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    reference: str,
    reason: str,
    platform: str | None,
    alone: bool | None,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Say, for ever, that an image must not be used.

    It counts from the mempool on, and nothing undoes it. With a tag, what the tag stands for now is revoked. A list is
    revoked with the images that it holds, as far as they are not released anew; --platform revokes one of them, and
    the list is then as good as its worst image. Every release that goes REVOKED with it is shown before it is signed.
    The manifests of a revoked list are kept beside it in the registry, so that it can be read once it is deleted.
    """
    from assets.images.reference import ImageReference
    from assets.services.owning.revoking import RevokeRequest, draft_revoke, keep_manifests, parse_reason
    from assets.services.spending.signing import sign_and_broadcast
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display

    asked = ImageReference.parse(reference)
    session = call.session()
    request = RevokeRequest(
        genesis=own_genesis(call, session, asked.name, genesis),
        name=asked.name,
        tag=asked.tag,
        digest=asked.digest,
        reason=parse_reason(reason),
        rate=fee_rate or call.settings.fee_rate,
        platform=platform,
        alone=alone,
    )
    registry = call.house.registry
    with call.progress("reading manifests") as progress:
        revoked = draft_revoke(
            request,
            session,
            images.chain_of(call),
            registry,
            images.manifests_of(call),
            confirmations=images.reading_confirmations(call),
            progress=progress,
        )
    options.refuse_waiting_for_nothing(wait, psbt)
    if psbt is not None and not dry_run:
        for note in keep_manifests(revoked, registry, session.network):
            call.note(f"warning: {note}")
        return handed_out(call, session, (revoked.draft,), psbt)
    answer = reviewed(call, session, (revoked.draft,), yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    sent = Sent(call, session)
    txid = sign_and_broadcast(revoked.draft, unlocker(call, session, password_file, password_fd), session, sent)
    for note in keep_manifests(revoked, registry, session.network):
        call.note(f"warning: {note}")
    wait_for(call, session, (txid,), wait)
    data = {
        "name": request.name,
        "genesis": display(request.genesis),
        "digest": str(revoked.digest),
        "alone": revoked.alone,
        "reason": request.reason.name.lower(),
        "tags": list(revoked.tags),
        "released": revoked.released,
        "taken_along": list(revoked.taken_along),
        "transactions": sent.documents,
    }
    return Output(data=data, text=display(txid))
