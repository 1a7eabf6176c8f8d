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
    from assets.services.read_models.wallet_views import SentView
    from tui.verbs.review import Outcome
    from tui.verbs.wallet.requests import GivenPsbt

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
    from tui.verbs.wallet.requests import GivenPsbt
    from wallet.hashes import parse_txid

    instead = parse_txid(replaces.strip().lower()) if replaces else None
    given = GivenPsbt(file=file, hand_over=hand_over, replaces=instead, unjudged=unjudged)
    if broadcast:
        if out is not None or unjudged:
            raise click.UsageError("--broadcast sends the transaction: leave --out and --unjudged out.")
        return _broadcast(call, given, yes=yes, password_file=password_file, password_fd=password_fd)
    return _sign(call, given, out, yes=yes, password_file=password_file, password_fd=password_fd)


def _sign(
    call: Call, given: "GivenPsbt", out: Path | None, *, yes: bool, password_file: Path | None, password_fd: int | None
) -> Output:
    from tui.cli.deeds import STDOUT
    from tui.cli.draft_text import draft_text
    from tui.verbs.files import require_new
    from tui.verbs.wallet import sign_psbt

    if out is not None and out != STDOUT:
        require_new(out)
    call.house.require_keys()
    place = call.workplace
    seen = sign_psbt.look(given, place, finished=False)
    call.note(draft_text(seen.draft))
    call.terminal.confirm("Sign this transaction?" if seen.checked else "Sign it without that check?", yes=yes)
    signed = sign_psbt.sign(given, seen, place, call.keys(password_file, password_fd))
    if out is not None and out != STDOUT:
        sign_psbt.write(signed.psbt, out)
    data = {
        "txid": signed.txid,
        "signed": list(seen.signs),
        "complete": signed.complete,
        "checked": seen.checked,
        "psbt": signed.psbt,
        "draft": asdict(seen.draft),
    }
    return Output(data=data, text=signed.psbt if out in (None, STDOUT) else signed.txid)


def _broadcast(
    call: Call, given: "GivenPsbt", *, yes: bool, password_file: Path | None, password_fd: int | None
) -> Output:
    """What came back, or a finished transaction, for which no password is asked."""
    from tui.cli.deeds import Manner, carry_out
    from tui.verbs.wallet.requests import SendSigned
    from tui.verbs.wallet.send_signed import prepare

    def answer(outcome: "Outcome[SentView]") -> Output:
        return Output(data=outcome.result, text=outcome.result.txid)

    manner = Manner(yes=yes, dry_run=False, password_file=password_file, password_fd=password_fd)
    return carry_out(call, prepare(SendSigned(given=given), call.workplace), manner, answer, told=False)


def _discard(call: Call, txid: str) -> Output:
    from tui.verbs.wallet import sign_psbt

    gone = sign_psbt.discard(txid, call.workplace)
    call.note("its coins are free again; whoever has it signed can still send it until one of them is spent")
    return Output(data={"txid": gone.txid, "kind": gone.kind}, text=gone.txid)
