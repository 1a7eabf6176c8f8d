"""`dockchains market buy`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines, plain

if TYPE_CHECKING:
    from tui.cli.deeds import Manner
    from tui.verbs.market.requests import AskOutcome, Resend
    from tui.verbs.market.views import Placed, Taken
    from tui.verbs.prepared import Prepared
    from tui.verbs.review import Outcome


@verb(
    needs=Needs.WALLET_AND_NODE, example="dockchains market buy https://shop.example --name registry.example/acme/app"
)
@click.argument("source", metavar="FILE|URL|NAME", required=False)
@click.option("--ask", "wanted", metavar="ID", help="Which listing, by the beginning of its id.")
@click.option("--name", metavar="NAME", help="The repository that is meant; a listing of another is refused.")
@click.option("--genesis", metavar="TXID", help="The same, by its genesis.")
@click.option("--expires", "blocks", type=int, metavar="BLOCKS", help="How long the bid stands. Default: 36.")
@click.option("--bump", "bumped", metavar="BID", help="Bid again for the same coins, at a higher fee.")
@click.option("--resend", "resent", metavar="BID", help="Hand over an open bid of yours again, as it is.")
@click.option("--outcome", "asked_about", metavar="BID", help="Ask the shop what became of an open bid of yours.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the bid to a new file.")
@click.option("--no-secret", is_flag=True, help="Do not ask for the secret with which sealed images open.")
@click.option(
    "--take-secret",
    "handed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take in the repository's secret that the seller handed over (- is standard input).",
)
@click.option("--no-send", is_flag=True, help="Do not hand the bid to a shop.")
@options.spending
def command(
    call: Call,
    *,
    source: str | None,
    wanted: str | None,
    name: str | None,
    genesis: str | None,
    blocks: int | None,
    bumped: str | None,
    resent: str | None,
    asked_about: str | None,
    out: Path | None,
    no_secret: bool,
    handed: Path | None,
    no_send: bool,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Buy from a listing: in a FILE (- is standard input), at a shop's URL, or on the board of the repository NAME.

    Of several lots the cheapest that is still there is bought, unless --ask says which. The listing and its coins are
    checked against the chain, and the whole transaction is shown, before anything is signed. The bid is a signed
    transaction that only the seller can complete; your coins are reserved until it expires. It goes to the shop that
    the listing names or that showed it, else it is printed, to be passed to the seller.

    A bid for a repository whose images are sealed names a key of yours, to which the seller hands the repository's
    secret over once the sale has its confirmations; --take-secret checks and keeps it.

    A shop that gives no answer has perhaps taken the bid: that is an exit code of its own (7), the bid's coins stay
    reserved, and --outcome asks the shop, --resend hands the same bid over again, `market cancel` takes it back.
    """
    from tui.cli import market
    from tui.cli.deeds import Manner
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.references import genesis as genesis_of
    from tui.verbs.market.buy import prepare as prepare_buy
    from tui.verbs.market.buy import the_one
    from tui.verbs.market.fields import is_url
    from tui.verbs.market.rebid import prepare as prepare_rebid
    from tui.verbs.market.requests import AskOutcome, Buy, Rebid, Resend

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    changes = (bumped, wanted, blocks, fee_rate)
    if handed is not None:
        if any(one is not None for one in (source, genesis, out, *changes)):
            raise click.UsageError("--take-secret buys nothing: it goes with --name and the password alone.")
        return _take_secret(call, handed, name, manner)
    is_place = source is None or is_url(source)
    if asked_about is not None:
        if any((resent, genesis, out, *changes)) or not is_place:
            raise click.UsageError("--outcome asks and changes nothing: it goes with the URL of a shop, or alone.")
        return _outcome(call, AskOutcome(bid=asked_about, shop=source))
    if resent is not None:
        if any(one is not None for one in changes) or not is_place:
            raise click.UsageError("--resend changes nothing: it goes with the URL of a shop, or --out, or alone.")
        return _resend(call, Resend(bid=resent, shop=source, out=out))
    if (source is None) == (bumped is None):
        raise click.UsageError("Say where the listing is, or --bump a bid.")
    named, shop = None if name is None else bare_name(name), "" if no_send else None
    if bumped is not None:
        rebid = Rebid(bid=bumped, name=named, blocks=blocks, shop=shop, out=out, rate=fee_rate)
        return _bid(call, prepare_rebid(rebid, call.workplace), out, manner)
    assert source is not None, "one of the two was given"
    request = Buy(
        place=market.where(call, source),
        wanted=wanted,
        name=named,
        genesis=genesis_of(genesis),
        blocks=blocks,
        shop=shop,
        wants_secret=not no_secret,
        out=out,
        rate=fee_rate,
    )
    return _bid(call, the_one(prepare_buy(request, call.workplace)), out, manner)


def _bid(call: Call, prepared: "Prepared[Placed]", out: Path | None, manner: "Manner") -> Output:
    """A bid, printed where nothing else has it."""
    from tui.cli.deeds import carry_out

    def answer(outcome: "Outcome[Placed]") -> Output:
        placed = outcome.result
        return Output(data=placed, text=placed.reply or (placed.bid if out is not None else placed.package))

    return carry_out(call, prepared, manner, answer, one=True)


def _resend(call: Call, request: "Resend") -> Output:
    from tui.verbs.market.delivering import resend

    again = resend(request, call.workplace)
    data = {"bid": again.bid, "txid": again.txid, "expires": again.expires, "package": again.package}
    if again.shop:
        call.note(f"bid {again.bid} went to {again.shop}")
    text = again.reply or (again.bid if request.out is not None else again.package)
    return Output(data={**data, "state": again.state}, text=text)


def _outcome(call: Call, request: "AskOutcome") -> Output:
    from tui.verbs.market.delivering import ask_outcome

    found = ask_outcome(request, call.workplace)
    data = {"bid": found.bid, "txid": found.txid, "expires": found.expires, "state": found.state}
    return Output(data=data, text=found.reply)


def _take_secret(call: Call, file: Path, name: str | None, manner: "Manner") -> Output:
    """What a seller handed over. A dry run needs the keys too: it says what would open, and keeps nothing."""
    from tui.cli.deeds import carry_out
    from tui.verbs.image.fields import bare_name
    from tui.verbs.market.fields import secret_in
    from tui.verbs.market.requests import TakeSecret
    from tui.verbs.market.take_secret import prepare

    def answer(outcome: "Outcome[Taken]") -> Output:
        taken = outcome.result
        told = [f"opens   {digest}" for digest in taken.opens]
        told.extend(f"closed  {one.digest}: {plain(one.why)}" for one in taken.closed)
        return Output(data=taken, text=lines(told))

    named = None if name is None else bare_name(name)
    request = TakeSecret(document=secret_in(file), name=named, keep=not manner.dry_run)
    manner = replace(manner, yes=True, dry_run=False)
    return carry_out(call, prepare(request, call.workplace), manner, answer)
