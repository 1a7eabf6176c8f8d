"""`dockchains wallet sign`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from bitcoin.core import CTransaction

    from assets.services.spending.cold_signing import Consent
    from assets.services.spending.wallet_facts import WalletFacts

_PATH = click.Path(path_type=Path)


@verb(needs=Needs.WALLET, node_options=True, example="dockchains wallet sign release.psbt --out release.signed.psbt")
@click.argument("file", type=_PATH, required=False)
@click.option(
    "--out", type=_PATH, metavar="FILE", help="Write the signed PSBT to a new FILE. Default: standard output."
)
@click.option(
    "--broadcast",
    is_flag=True,
    help="Send a PSBT that this wallet left with --psbt and that came back, or a finished transaction.",
)
@click.option("--discard", metavar="TXID", help="Give up a draft that was left with --psbt, and free its coins.")
@click.option(
    "--hand-over",
    is_flag=True,
    help="Accept that a repository's title, or most of the access units that move, leave this wallet.",
)
@click.option(
    "--replaces", metavar="TXID", help="Accept that it takes the place of this transaction of yours, which waits."
)
@click.option("--unjudged", is_flag=True, help="Accept what only a node could tell, where none answers.")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
@options.password
def command(
    call: Call,
    *,
    file: Path | None,
    out: Path | None,
    broadcast: bool,
    discard: str | None,
    hand_over: bool,
    replaces: str | None,
    unjudged: bool,
    yes: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Sign a PSBT, or broadcast one that came back signed.

    FILE holds it in bytes, base64 or hexadecimal.

    The transaction is read and judged as this wallet's own ones are: which inputs and outputs are its own, its keys
    say, and what coins hold, the node or the whole transactions that made them. What is not understood is refused.

    Where the keys are, no node is needed. Then markers are judged by what those transactions gave the coins, and what
    stays unknown is refused without --unjudged. A title, or a single unit that may be one, leaves only with
    --hand-over. Only signatures that commit to the whole transaction are made.

    With --broadcast the PSBT must be exactly a draft that this wallet left with --psbt: only its signatures are taken.
    A finished transaction, whoever made it, is shown, judged where it spends coins of this wallet, and sent as it is.
    """
    if discard is not None:
        if file is not None or broadcast or out is not None:
            raise click.UsageError("--discard takes a TXID and nothing else.")
        return _discard(call, discard)
    if file is None:
        raise click.UsageError("Name the file that holds the PSBT; - is standard input.")
    from assets.services.spending.cold_signing import Consent, replaced

    consent = Consent(hand_over=hand_over, replaces=replaced(replaces or ""), unjudged=unjudged)
    if broadcast:
        if out is not None or unjudged:
            raise click.UsageError("--broadcast sends the transaction: leave --out and --unjudged out.")
        return _broadcast(call, file, consent, yes=yes, password_file=password_file, password_fd=password_fd)
    return _sign(call, file, out, consent, yes=yes, password_file=password_file, password_fd=password_fd)


def _sign(
    call: Call,
    file: Path,
    out: Path | None,
    consent: "Consent",
    *,
    yes: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    from assets.services.spending.cold_signing import is_complete, review, sign
    from tui.cli.cold import STDOUT, read_psbt, require_new, written
    from tui.cli.draft_text import draft_text
    from tui.cli.secrets import password
    from wallet.psbt import to_text

    if out is not None:
        require_new(out)
    call.house.require_keys()
    raw, house = read_psbt(file), call.house
    facts = _facts(call)
    seen = review(raw, facts, consent)
    call.note(draft_text(seen.view))
    call.terminal.confirm("Sign this transaction?" if seen.colored else "Sign it without that check?", yes=yes)
    secret = password(options.source(password_file, password_fd), call.terminal, of=f"wallet {house.wallet_paths.name}")
    signed = sign(raw, seen, facts, consent, house.signer(secret))
    written(out, signed)
    data = {
        "txid": seen.view.txid,
        "signed": list(seen.own),
        "complete": is_complete(signed),
        "checked": seen.colored,
        "psbt": to_text(signed),
        "draft": asdict(seen.view),
    }
    return Output(data=data, text=to_text(signed) if out in (None, STDOUT) else seen.view.txid)


def _facts(call: Call) -> "WalletFacts":
    """What this machine knows: the wallet's own database, and the node where one answers; a note where none does."""
    from assets.services.spending.wallet_facts import WalletFacts
    from wallet.errors import ChainUnavailableError

    try:
        call.house.require_node()
    except ChainUnavailableError as error:
        call.note(f"no node answers here: {error}")
        return call.house.facts_without_node()
    return WalletFacts.of(call.session())


def _broadcast(
    call: Call, file: Path, consent: "Consent", *, yes: bool, password_file: Path | None, password_fd: int | None
) -> Output:
    from assets.services.read_models.wallet_views import SentView
    from assets.services.spending.cold_returning import send_back, take_back
    from assets.services.spending.cold_signing import NOTHING_NAMED
    from assets.services.spending.drafts import view_of
    from tui.cli.cold import read_psbt
    from tui.cli.draft_text import draft_text
    from tui.cli.sending import unlocker
    from wallet.psbt_text import FinishedTransactionError

    try:
        raw = read_psbt(file)
    except FinishedTransactionError as finished:
        return _send_finished(call, finished.tx, consent, yes=yes)
    if consent != NOTHING_NAMED:
        raise click.UsageError("--hand-over and --replaces go with a finished transaction, or without --broadcast.")
    call.house.require_node()
    session = call.session()
    returned = take_back(raw, session)
    view = view_of(returned.draft, session)
    call.note(draft_text(view))
    if returned.missing:
        call.note(f"not signed yet: input {', '.join(map(str, returned.missing))}; the keys of this machine are asked")
    call.terminal.confirm("Send this transaction?", yes=yes)
    send_back(returned, unlocker(call, session, password_file, password_fd), session)
    return Output(data=SentView(kind=view.kind, txid=view.txid, fee=view.fee, vsize=view.vsize), text=view.txid)


def _send_finished(call: Call, tx: "CTransaction", consent: "Consent", *, yes: bool) -> Output:
    """Nothing is signed, so that no password is asked for."""
    from assets.services.read_models.wallet_views import SentView
    from assets.services.spending.finished_sending import look_at_finished, send_finished
    from tui.cli.draft_text import draft_text

    call.house.require_node()
    session = call.session()
    finished = look_at_finished(tx, session, consent)
    view = finished.view
    call.note(draft_text(view))
    call.terminal.confirm("Send this transaction as it is?", yes=yes)
    send_finished(finished, session)
    return Output(data=SentView(kind=view.kind, txid=view.txid, fee=view.fee, vsize=view.vsize), text=view.txid)


def _discard(call: Call, txid: str) -> Output:
    from assets.services.spending.cold_drafts import discard
    from wallet.hashes import display
    from wallet.store.cold_drafts import ColdDrafts

    gone = discard(txid, ColdDrafts(call.house.database))
    call.note("its coins are free again; whoever has it signed can still send it until one of them is spent")
    return Output(data={"txid": display(gone.txid), "kind": gone.kind}, text=display(gone.txid))
