"""`dockchains market sell`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from tui.cli.deeds import Manner
    from tui.verbs.market.requests import Publish, Sell
    from tui.verbs.market.views import Listed
    from tui.verbs.review import Outcome


@verb(
    needs=Needs.WALLET_AND_NODE,
    example="dockchains market sell registry.example/acme/app --access --copies 100 --price 0.0005",
)
@click.argument("name")
@click.option("--title", "sells_title", is_flag=True, help="Sell the repository itself.")
@click.option("--access", "sells_access", is_flag=True, help="Sell access units, one to a lot.")
@click.option("--price", metavar="BTC", help="For the title, or for each lot, on top of the sats in the coins.")
@click.option("--copies", type=int, metavar="N", help="How many lots to make out of the treasury.")
@click.option("--relist", is_flag=True, help="List what is there again: the same price, unless --price is given.")
@click.option("--no-treasury", is_flag=True, help="Sell the title alone; the treasury's access units stay with you.")
@click.option("--keep-lots", is_flag=True, help="Sell the title although lots of yours are still for sale.")
@click.option("--expires", "blocks", type=int, metavar="BLOCKS", help="Void after so many blocks. Default: 4320.")
@click.option("--pay-to", metavar="ADDRESS", help="Where the price goes. Default: the next address of this wallet.")
@click.option("--terms", metavar="DIGEST", help="sha256:... of the terms of the sale.")
@click.option("--gate", metavar="ORIGIN", help="Where access is honoured.")
@click.option("--bids-to", metavar="URL", help="The shop that takes bids.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the listing to a new file.")
@click.option("--publish", is_flag=True, help="Put all your listings on the registry's board.")
@options.meant
@options.spending
def command(
    call: Call,
    *,
    name: str,
    sells_title: bool,
    sells_access: bool,
    price: str | None,
    copies: int | None,
    relist: bool,
    no_treasury: bool,
    keep_lots: bool,
    blocks: int | None,
    pay_to: str | None,
    terms: str | None,
    gate: str | None,
    bids_to: str | None,
    out: Path | None,
    publish: bool,
    genesis: str | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """List the repository NAME, or access to it, for sale.

    A listing is signed and moves nothing: it ends with the coins that it names, so a release ends a title's listing.
    --access splits the treasury into lots, exact coins of one unit, each on a key of its own; that is a transaction.
    Whoever holds access units and not the title sells those; coins of exactly one unit are listed as they are.
    Without --publish or --out the listing is printed, to be pasted to a buyer. --publish alone signs nothing: it puts
    the listings that are there on the registry's board again.
    Access is access: whoever has pulled an image can keep it, also after the unit was sold on.
    """
    from assets.images.digest import Digest
    from tui.cli import market
    from tui.cli.deeds import Manner
    from tui.verbs.image.fields import bare_name
    from tui.verbs.market.fields import origin_of, service_of
    from tui.verbs.market.requests import Publish, Sell, What
    from wallet.amount import parse_btc

    given = (sells_title, sells_access, relist, no_treasury, keep_lots, price, copies, out, blocks)
    if publish and not any(given):
        canonical = bare_name(name)
        return _publish_again(call, Publish(genesis=market.meant(call, canonical, genesis), name=canonical))
    if sells_title == sells_access:
        raise click.UsageError("Say either --title or --access.")
    if not relist and price is None:
        raise click.UsageError("Say the --price.")
    if sells_access and (copies is None) != relist:
        raise click.UsageError("--access takes --copies for new lots, or --relist for the lots that are there.")
    if sells_title and copies is not None:
        raise click.UsageError("--copies goes with --access.")
    if sells_access and (no_treasury or keep_lots):
        raise click.UsageError("--no-treasury and --keep-lots go with --title.")
    canonical = bare_name(name)
    request = Sell(
        genesis=market.meant(call, canonical, genesis, own=sells_title),
        name=canonical,
        what=What.ACCESS if sells_access else What.TITLE if no_treasury else What.TITLE_AND_TREASURY,
        price=None if price is None else parse_btc(price),
        copies=copies,
        again=relist,
        keep_lots=keep_lots,
        publish=publish,
        blocks=blocks,
        pay_to=pay_to,
        terms=None if terms is None else Digest.parse(terms),
        gate=None if gate is None else origin_of(gate),
        bids_to=None if bids_to is None else service_of(bids_to),
        out=out,
        rate=fee_rate,
    )
    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    return _sell(call, request, manner)


def _sell(call: Call, request: "Sell", manner: "Manner") -> Output:
    """Where new lots are made, their keys say theirs before anything can be shown."""
    from tui.cli.deeds import carry_out, with_transactions
    from tui.verbs.market.sell import prepare, with_keys
    from tui.verbs.review import KeysFirst

    keys = call.keys(manner.password_file, manner.password_fd)
    offered = prepare(request, call.workplace)
    if isinstance(offered, KeysFirst):
        offered = prepare(with_keys(request, call.workplace, keys), call.workplace)
    assert not isinstance(offered, KeysFirst), "the keys were asked"

    def answer(outcome: "Outcome[Listed]") -> Output:
        listed = with_transactions(outcome)
        document = str(listed.pop("document"))
        return Output(data=listed, text=lines(outcome.result.ids) if request.out or request.publish else document)

    return carry_out(call, offered, manner, answer, keys=keys)


def _publish_again(call: Call, request: "Publish") -> Output:
    """The board as this wallet's listings are now. Raises RegistryError."""
    from tui.verbs.market.boards import publish

    board = publish(request, call.workplace)
    data = {"name": board.name, "board": board.board, "place": board.place, "listings": board.listings}
    return Output(data=data, text=board.board)
