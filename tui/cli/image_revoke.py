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
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    reference: str,
    reason: str,
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

    It counts from the mempool on, and nothing undoes it. With a tag, what the tag stands for now is revoked. Leave the
    revoked manifest in the registry: without it nobody can tell which images it held.
    """
    from assets.images.reference import ImageReference
    from assets.services.owning.revoking import RevokeRequest, draft_revoke, parse_reason
    from assets.services.spending.signing import sign_and_broadcast
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from wallet.hashes import display

    asked = ImageReference.parse(reference)
    request = RevokeRequest(
        name=asked.name,
        tag=asked.tag,
        digest=asked.digest,
        reason=parse_reason(reason),
        rate=fee_rate or call.settings.fee_rate,
        genesis=images.genesis_of(genesis),
    )
    session = call.session()
    revoked = draft_revoke(request, session, images.chain_of(call), confirmations=images.reading_confirmations(call))
    options.refuse_waiting_for_nothing(wait, psbt)
    if psbt is not None and not dry_run:
        return handed_out(call, session, (revoked.draft,), psbt)
    answer = reviewed(call, session, (revoked.draft,), yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    sent = Sent(call, session)
    txid = sign_and_broadcast(revoked.draft, unlocker(call, session, password_file, password_fd), session, sent)
    wait_for(call, session, (txid,), wait)
    data = {
        "name": request.name,
        "digest": str(revoked.digest),
        "reason": request.reason.name.lower(),
        "tags": list(revoked.tags),
        "released": revoked.released,
        "transactions": sent.documents,
    }
    return Output(data=data, text=display(txid))
