"""`dockchains market sell`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assets.images.offer import Ask
    from assets.services.market.listing import Listing, Terms
    from assets.services.market.stock import Stock
    from assets.services.wallets.session import Session
    from wallet.hashes import Txid
    from wallet.signer import OfferSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """What was typed, and what the command works with."""

    call: Call
    session: "Session"
    name: str
    genesis: "Txid"
    unlock: "Callable[[], OfferSigner]"
    yes: bool
    dry_run: bool
    out: Path | None
    publish: bool


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
    from assets.services.market.listing import list_lots
    from assets.services.market.stock import exact_coins
    from tui.cli import images, market
    from tui.verbs.files import require_new

    given = (sells_title, sells_access, relist, no_treasury, keep_lots, price, copies, out, blocks)
    if publish and not any(given):
        return _publish_again(call, images.bare_name(name), genesis)
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
    require_new(out)
    canonical = images.bare_name(name)
    session = call.session()
    stock = _stock(call, session, canonical, genesis, title=sells_title)
    sale = _Sale(
        call=call,
        session=session,
        name=canonical,
        genesis=stock.genesis,
        unlock=market.keys(call, session, password_file, password_fd),
        yes=yes,
        dry_run=dry_run,
        out=out,
        publish=publish,
    )
    asked = {"price": price, "blocks": blocks, "pay_to": pay_to, "terms": terms, "gate": gate, "bids_to": bids_to}
    wanted = _terms(sale, asked, sells_title=sells_title, relist=relist)
    if sells_title:
        return _sell_title(sale, wanted, with_treasury=not no_treasury, keep_lots=keep_lots)
    if relist:
        return _relist_lots(sale, wanted)
    assert copies is not None, "checked above"
    exact = exact_coins(stock, copies)
    if exact:
        return _listed(sale, list_lots(exact, wanted, session))
    return _sell_lots(sale, stock, wanted, copies, fee_rate or call.settings.fee_rate)


def _publish_again(call: Call, name: str, genesis: str | None) -> Output:
    """The board as this wallet's listings are now. Raises RegistryError."""
    from assets.services.market.boards import publish_board
    from tui.cli import images, market

    session = call.session()
    txid, _ = market.repository_of(call, session, name, genesis)
    chain, documents = images.chain_of(call), images.definitions_of(call)
    board = publish_board(name, txid, session, chain, call.house.registry, documents)
    data = {"name": name, "board": str(board.digest), "place": board.place, "listings": board.listings}
    return Output(data=data, text=str(board.digest))


def _stock(call: Call, session: "Session", name: str, genesis: str | None, *, title: bool) -> "Stock":
    """What this wallet can sell of a repository. Raises NotOwnerError where a title is asked for that it lacks."""
    from assets.services.market.stock import holders_stock, owners_stock
    from tui.cli import market
    from tui.cli.whereabouts import own_genesis

    if title:
        return owners_stock(market.owned(call, session, name, own_genesis(call, session, name, genesis)), session)
    txid, owned = market.repository_of(call, session, name, genesis)
    return holders_stock(txid, session) if owned is None else owners_stock(owned, session)


def _terms(sale: _Sale, asked: dict[str, Any], *, sells_title: bool, relist: bool) -> "Terms":
    from assets.images.digest import Digest
    from assets.images.offer import Sells
    from assets.images.origin import parse_origin
    from assets.images.service_url import parse_service_url
    from assets.services.market.listing import DEFAULT_BLOCKS, Terms, last_terms
    from wallet.amount import Sats, parse_btc
    from wallet.keys.address import parse_address

    price = asked["price"]
    blocks = DEFAULT_BLOCKS if asked["blocks"] is None else asked["blocks"]
    given = Terms(price=parse_btc(price) if price is not None else Sats(0), blocks=blocks)
    if relist:
        kinds = [kind for kind in Sells if kind.has_title == sells_title]
        last, _ = last_terms(sale.session, sale.genesis, kinds)
        given = replace(last, price=given.price if price is not None else last.price, blocks=given.blocks)
    return replace(
        given,
        pay_to=given.pay_to if asked["pay_to"] is None else parse_address(asked["pay_to"], sale.session.network),
        terms=given.terms if asked["terms"] is None else Digest.parse(asked["terms"]),
        gate=given.gate if asked["gate"] is None else parse_origin(asked["gate"]),
        bids_to=given.bids_to if asked["bids_to"] is None else parse_service_url(asked["bids_to"]),
    )


def _sell_title(sale: _Sale, terms: "Terms", *, with_treasury: bool, keep_lots: bool) -> Output:
    from assets.services.market.listing import list_title
    from tui.cli import images

    listing = list_title(
        sale.genesis,
        sale.name,
        terms,
        sale.session,
        images.chain_of(sale.call),
        with_treasury=with_treasury,
        keep_lots=keep_lots,
        confirmations=images.reading_confirmations(sale.call),
    )
    return _listed(sale, listing)


def _relist_lots(sale: _Sale, terms: "Terms") -> Output:
    from assets.services.market.listing import list_lots
    from assets.services.market.stock import free_lots

    return _listed(sale, list_lots(free_lots(sale.genesis, sale.session), terms, sale.session))


def _sell_lots(sale: _Sale, stock: "Stock", terms: "Terms", copies: int, rate: str | None) -> Output:
    from assets.services.market.listing import list_lots, send_lots, sign_listing
    from assets.services.market.lots import draft_lots, forgotten_keys, remember_keys
    from assets.services.spending.drafts import fee_rate
    from tui.cli.sending import Sent, reviewed

    signer, session = sale.unlock(), sale.session
    with sale.call.house.index.snapshot() as reader:
        again = forgotten_keys(session, reader, signer)
    if again:
        sale.call.note(
            f"found {len(again)} keys of lots that were made before; once these lots are made, the next command shows"
            " what is left on them"
        )
    lots = draft_lots(stock.coins, copies, session, signer, fee_rate(session, rate), name=sale.name, found=again)
    answer = reviewed(sale.call, lots.session, lots.drafts, yes=sale.yes, dry_run=sale.dry_run)
    if answer is not None:
        return answer
    remember_keys(lots, session)
    asks = sign_listing(list_lots(lots.lots, terms, lots.session), signer, lots.session)
    sent = Sent(sale.call, lots.session)
    send_lots(lots, asks, sale.unlock, sent)
    return _answer(sale, asks, transactions=sent.documents)


def _listed(sale: _Sale, listing: "Listing") -> Output:
    """Shows what is about to be signed, asks, signs and writes it down."""
    from assets.services.market.listing import sign_listing
    from tui.cli.market_text import listing_text

    text = listing_text(listing)
    if sale.dry_run:
        return Output(data={"asks": [ask.document() for ask in listing.asks]}, text=text)
    sale.call.note(text)
    _note_replaced(sale, listing)
    what = "this listing" if len(listing.asks) == 1 else f"these {len(listing.asks)} listings"
    sale.call.terminal.confirm(f"Sign {what}?", yes=sale.yes)
    return _answer(sale, sign_listing(listing, sale.unlock(), sale.session), transactions=[])


def _note_replaced(sale: _Sale, listing: "Listing") -> None:
    from assets.services.market.listing import offers_of

    coins = [outpoint for ask in listing.asks for outpoint in ask.outpoints]
    earlier = {entry.id for coin in coins for entry in offers_of(sale.session).on(coin)}
    if earlier and not sale.publish:
        which = "an earlier listing" if len(earlier) == 1 else f"{len(earlier)} earlier listings"
        sale.call.note(f"this replaces {which}; whoever was sent one sees it refused, and --publish renews the board")


def _answer(sale: _Sale, asks: "Sequence[Ask]", *, transactions: "Sequence[object]") -> Output:
    from assets.images.board import Board
    from tui.cli.market_board import publish
    from tui.verbs.files import write_new
    from wallet.hashes import display

    genesis = asks[0].genesis
    paper = Board.of(asks)
    if len(paper.asks) < len(asks):
        sale.call.note(f"the document holds {len(paper.asks)} of {len(asks)} listings: it takes no more")
    document = asks[0].serialize() if len(asks) == 1 else paper.serialize()
    if sale.out is not None:
        write_new(sale.out, document + b"\n")
    board = publish(sale.call, sale.session, sale.name, genesis) if sale.publish else None
    data = {
        "name": sale.name,
        "genesis": display(genesis),
        "asks": [{**ask.document(), "id": ask.id.hex()} for ask in asks],
        "transactions": list(transactions),
        "board": board,
    }
    ids = lines(ask.id.hex() for ask in asks)
    return Output(data=data, text=ids if sale.out is not None or sale.publish else document.decode("ascii"))
