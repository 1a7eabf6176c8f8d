"""`dockchains market buy`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from assets.coloring.asks import AskRules
    from assets.images.bid import BidPackage
    from assets.images.offer import Ask
    from assets.registry.endpoint import Origin
    from assets.services.market.buying import BidDraft
    from assets.services.market.offers import Source
    from assets.services.wallets.session import Session
    from wallet.hashes import Txid


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
    from assets.services.market.buying import DEFAULT_BID_BLOCKS, BuyRequest, draft_bid, place_bid
    from assets.services.market.rebidding import draft_rebid
    from tui.cli import images, market
    from tui.cli.sealing import Keys
    from tui.verbs.files import require_new

    if handed is not None:
        if any(one is not None for one in (source, bumped, wanted, genesis, blocks, out, fee_rate)):
            raise click.UsageError("--take-secret buys nothing: it goes with --name and the password alone.")
        from tui.cli.market_secrets import take_secret

        return take_secret(
            call, handed, name=name, dry_run=dry_run, password_file=password_file, password_fd=password_fd
        )
    if asked_about is not None:
        return _outcome(
            call, asked_about, source, alone=not any((resent, bumped, wanted, genesis, blocks, out, fee_rate))
        )
    if resent is not None:
        return _resent(call, resent, source, out, alone=all(one is None for one in (bumped, wanted, blocks, fee_rate)))
    if (source is None) == (bumped is None):
        raise click.UsageError("Say where the listing is, or --bump a bid.")
    require_new(out)
    session, chain = call.session(), images.chain_of(call)
    rate = fee_rate or call.settings.fee_rate
    if bumped is not None:
        drafted = draft_rebid(bumped, session, chain, market.rules(call), rate=rate, blocks=blocks)
    else:
        assert source is not None, "one of the two was given"
        meant = _genesis(call, source, name, genesis)
        rules = market.rules(call, meant)
        ask = _chosen(call, _listings(call, source), wanted, rules)
        request = BuyRequest(
            ask=ask,
            rules=rules,
            rate=rate,
            blocks=DEFAULT_BID_BLOCKS if blocks is None else blocks,
            wants_secret=not no_secret,
        )
        drafted = draft_bid(request, session, chain)
        _compare_pin(call, drafted, meant)
    answer = _reviewed(call, drafted, session, yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    opened = Keys(call, password_file, password_fd).whole if drafted.wants_secret else None
    signer = market.keys(call, session, password_file, password_fd)() if opened is None else opened.signer
    if drafted.ask.sells.has_title:
        _keep_definition(call, drafted, name or source)
    package = place_bid(drafted, signer, session, None if opened is None else opened.secrets)
    known = drafted.report.name if source is None else name or source
    shop = None if no_send else _shop(call, drafted, source, known)
    return _handed_over(call, session, drafted, package, out, shop)


def _outcome(call: Call, about: str, source: str | None, *, alone: bool) -> Output:
    from tui.cli import market
    from tui.cli.market_resend import outcome

    if not alone or (source is not None and not market.is_url(source)):
        raise click.UsageError("--outcome asks and changes nothing: it goes with the URL of a shop, or alone.")
    return outcome(call, about, source)


def _resent(call: Call, resent: str, source: str | None, out: Path | None, *, alone: bool) -> Output:
    from tui.cli import market
    from tui.cli.market_resend import resend

    if not alone or (source is not None and not market.is_url(source)):
        raise click.UsageError("--resend changes nothing: it goes with the URL of a shop, or --out, or alone.")
    return resend(call, resent, source, out)


def _listings(call: Call, source: str) -> "Source":
    from tui.cli import images, market

    if source == "-" or market.is_url(source) or Path(source).is_file():
        return market.asks_from(call, source)
    if "/" not in source:
        call.note(f"there is no file {source}, so it is taken for a name: {images.bare_name(source)}")
    return market.asks_on_board(call, images.bare_name(source))


def _genesis(call: Call, source: str, name: str | None, genesis: str | None) -> "Txid | None":
    """The repository that is meant, where that was said."""
    from tui.cli import images, market
    from tui.cli.whereabouts import locate, session_if_any

    is_name = not (source == "-" or market.is_url(source) or Path(source).is_file())
    named = name or (source if is_name and genesis is None else None)
    if named is None and genesis is None:
        return None
    return locate(call, images.chain_of(call), session_if_any(call), named, genesis).genesis


def _chosen(call: Call, source: "Source", wanted: str | None, rules: "AskRules") -> "Ask":
    """The listing that was asked for, or the cheapest lot that is still there; a title is never chosen among several.

    What is wrong with the only one there is, is said where it is bought; but where another one names its coins too,
    only the one that counts is bought.
    """
    import secrets

    from assets.services.market.offers import Judge, cheapest, gather, refusal_among
    from tui.cli import market
    from wallet.errors import StateError

    where, found = source.where, gather([source])
    judge = Judge(rules=rules, source=call.house.node, colors=market.colors(call))
    matching = [one for one in found if wanted is None or one.ask.id.hex().startswith(wanted)]
    if not matching:
        what = f"no listing that begins with {wanted}" if wanted else "no listing"
        raise StateError(f"{where} has {what}", hint="`dockchains market offers` shows what there is")
    if wanted is not None and len(matching) > 1:
        raise StateError(f"{len(matching)} listings begin with {wanted}", hint="say more digits of the id")
    if len(matching) > 1 and any(one.ask.sells.has_title for one in matching):
        raise StateError(f"{where} has {len(matching)} listings, of a title too", hint="choose one with --ask ID")
    if len(matching) == 1:
        refusal = refusal_among(matching[0], found, judge)
        if refusal is not None:
            raise refusal
        return matching[0].ask
    best = cheapest(matching, judge, secrets.choice)
    if best is None:
        raise StateError(
            f"none of the {len(matching)} listings at {where} can be bought now",
            hint="`dockchains market offers --all` says why, for each",
        )
    return best


def _compare_pin(call: Call, drafted: "BidDraft", meant: "Txid | None") -> None:
    """What the user pinned under this name is what is bought. Raises OfferError otherwise."""
    from assets.services.trust.meant_repository import compare_with_pin

    warning = compare_with_pin(drafted.report.name, drafted.ask.genesis, call.house.pins.load(), meant)
    if warning:
        call.note(f"note: {warning} (--name or --genesis)")


def _reviewed(call: Call, drafted: "BidDraft", session: object, *, yes: bool, dry_run: bool) -> Output | None:
    from dataclasses import asdict

    from assets.services.spending.drafts import view_of
    from assets.services.wallets.session import Session
    from tui.cli.draft_text import draft_text

    assert isinstance(session, Session)
    view = view_of(drafted.draft, session)
    data = {
        "draft": asdict(view),
        "ask": drafted.ask.id.hex(),
        "report": asdict(drafted.report),
        "wants_secret": drafted.wants_secret,
    }
    if dry_run:
        return Output(data=data, text=draft_text(view))
    call.note(draft_text(view))
    call.terminal.confirm("Sign this bid?", yes=yes)
    return None


def _keep_definition(call: Call, drafted: "BidDraft", named: str | None) -> None:
    """A buyer of a title takes the definition along now: once it is bought, the seller can still replace it.

    `named` is what the user called the repository, if it is a name: a long one is not in the records.
    """
    from assets.images.name import canonical_name
    from assets.services.chain.public_places import newest_definition
    from tui.cli import images
    from wallet.errors import WalletError

    chain, documents = images.chain_of(call), images.definitions_of(call)
    for text in (drafted.report.name, named or ""):
        try:
            name = canonical_name(text)
            if newest_definition(drafted.ask.genesis, name, chain, call.house.registry, documents) is not None:
                return
        except WalletError:
            continue
    call.note(
        "warning: the repository's definition is neither on this machine nor at the registry under a name that is known"
        " (--name says it); the chain has only its sha256. Ask the seller for it, or publish a new one afterwards:"
        " dockchains image define --document"
    )


def _say_how_to_pull(call: Call, drafted: "BidDraft") -> None:
    """What a buyer of an access unit does next, where a gate asks for it. The name is outside text."""
    from tui.text import plain

    if drafted.ask.gate is not None and not drafted.ask.sells.has_title:
        name = plain(drafted.report.name) if drafted.report.name else "IMAGE"
        call.note(f"once a block has the sale, the gate lets you in: dockchains access login {name}")


def _shop(call: Call, drafted: "BidDraft", source: str | None, known: str) -> "tuple[str, Origin | None] | None":
    """Where the bid goes, and who named that place, if not the user: the listing names it, or showed it.

    `known` is how the user calls the repository; a listing can claim any name.
    """
    from assets.services.market.buying import namer_of, shop_of
    from tui.cli import market

    asked = source if source is not None and market.is_url(source) else None
    found = shop_of(drafted.ask, known, asked)
    if found is None and drafted.ask.bids_to is not None:
        call.note(f"the listing wants the bid at {drafted.ask.bids_to}, on this machine itself: it is not sent there")
    return None if found is None else (found, namer_of(found, drafted.ask, known, asked))


def _handed_over(
    call: Call,
    session: "Session",
    drafted: "BidDraft",
    package: "BidPackage",
    out: Path | None,
    shop: "tuple[str, Origin | None] | None",
) -> Output:
    from tui.cli.market_resend import to_shop
    from tui.verbs.files import write_new
    from wallet.hashes import display

    document = package.serialize()
    if out is not None:
        write_new(out, document + b"\n")
    data: dict[str, object] = {
        "bid": package.bid.id.hex(),
        "ask": drafted.ask.id.hex(),
        "txid": display(drafted.draft.txid),
        "expires": package.bid.expires,
        "fee": drafted.draft.unsigned.fee,
        "vsize": drafted.draft.unsigned.vsize,
        "package": document.decode("ascii"),
        "secret_to": "" if package.bid.secret_to is None else package.bid.secret_to.hash.hex(),
        "state": "open",
    }
    if shop is not None:
        url, namer = shop
        answer = to_shop(call, session, url, package.bid.id, package.bid.expires, named_by=namer)
        data["state"] = answer.state
        _say_how_to_pull(call, drafted)
        return Output(data=data, text=f"{answer.state} {answer.txid}".strip())
    return Output(data=data, text=package.bid.id.hex() if out is not None else document.decode("ascii"))
