"""`dockchains access grant`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains access grant registry.example/acme/app dc1q...=5 dc1q...")
@click.argument("name")
@click.argument("shares", nargs=-1, metavar="[UNIT_ADDRESS[=QUANTITY]]...")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE", help="A line each: UNIT_ADDRESS QUANTITY.")
@click.option("--plain-address", is_flag=True, help="Accept Bitcoin addresses; their wallets may burn what they get.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    name: str,
    shares: tuple[str, ...],
    file: Path | None,
    plain_address: bool,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Give access units of the treasury of NAME to one holder or to many.

    One unit each unless told otherwise. Many recipients take several transactions, which are all shown first.
    Access is access: whoever has pulled an image can keep it, also after the unit was sold on.
    """
    from assets.services.owning.granting import GrantRequest, draft_grant, grant
    from assets.services.owning.shares import parse_share, parse_shares
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display

    options.refuse_waiting_for_nothing(wait, psbt)
    if not shares and file is None:
        raise click.UsageError("Name recipients, or a file of them with --file.")
    session = call.session()
    listed = parse_shares(images.text_in(file), session, plain=plain_address) if file is not None else ()
    named = tuple(parse_share(text, session, plain=plain_address) for text in shares)
    canonical = images.bare_name(name)
    request = GrantRequest(
        genesis=own_genesis(call, session, canonical, genesis),
        name=canonical,
        shares=(*named, *listed),
        rate=fee_rate or call.settings.fee_rate,
    )
    draft = draft_grant(request, session, images.chain_of(call), confirmations=images.reading_confirmations(call))
    if psbt is not None and not dry_run:
        return handed_out(call, session, draft.drafts, psbt)
    answer = reviewed(call, session, draft.drafts, yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    sent = Sent(call, session)
    txids = grant(draft, unlocker(call, session, password_file, password_fd), session, sent)
    wait_for(call, session, txids, wait)
    data = {
        "name": request.name,
        "genesis": display(draft.genesis),
        "given": draft.given,
        "left": draft.left,
        "transactions": sent.documents,
    }
    return Output(data=data, text=lines(display(txid) for txid in txids))
