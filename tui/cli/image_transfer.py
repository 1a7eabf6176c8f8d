"""`dockchains image transfer`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image transfer registry.example/acme/app dc1q...")
@click.argument("name")
@click.argument("to", metavar="UNIT_ADDRESS")
@click.option("--treasury/--no-treasury", default=True, help="Whether the access units not given yet go along.")
@click.option("--plain-address", is_flag=True, help="Accept a Bitcoin address; its wallet may burn what it gets.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    name: str,
    to: str,
    treasury: bool,
    genesis: str | None,
    plain_address: bool,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Hand the repository NAME over to a new owner.

    The title goes to a unit address of the new owner, by default with the treasury. Nobody can undo it. Whoever pinned
    the repository sees NEW_OWNER until they accept it. Push rights at the registry are handed over apart.
    """
    from assets.services.owning.handing_over import HandoverRequest, draft_handover
    from assets.services.owning.recipients import parse_recipient
    from assets.services.spending.signing import sign_and_broadcast
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display

    session = call.session()
    canonical = images.bare_name(name)
    request = HandoverRequest(
        genesis=own_genesis(call, session, canonical, genesis),
        name=canonical,
        to=parse_recipient(to, session, plain=plain_address),
        with_treasury=treasury,
        rate=fee_rate or call.settings.fee_rate,
    )
    handover = draft_handover(request, session, images.chain_of(call), confirmations=images.reading_confirmations(call))
    options.refuse_waiting_for_nothing(wait, psbt)
    if psbt is not None and not dry_run:
        return handed_out(call, session, (handover.draft,), psbt)
    answer = reviewed(call, session, (handover.draft,), yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    sent = Sent(call, session)
    txid = sign_and_broadcast(handover.draft, unlocker(call, session, password_file, password_fd), session, sent)
    wait_for(call, session, (txid,), wait)
    data = {
        "name": request.name,
        "genesis": display(request.genesis),
        "to": handover.address,
        "access_units": handover.units,
        "transactions": sent.documents,
    }
    return Output(data=data, text=display(txid))
