"""`dockchains market cancel`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assets.coloring.plan import Recipient
    from assets.services.market.withdrawing import Withdrawal
    from assets.services.wallets.session import Session
    from wallet.hashes import Txid
    from wallet.signer import OfferSigner
    from wallet.store.offers import OfferEntry


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains market cancel 3f9a60c1")
@click.argument("target", metavar="ID|NAME")
@click.option("--lots", is_flag=True, help="Bring the lots of NAME back into one coin, also those at a shop.")
@click.option("--publish", is_flag=True, help="Put what is left of the listings of NAME on the registry's board.")
@options.meant
@options.spending
def command(
    call: Call,
    *,
    target: str,
    lots: bool,
    publish: bool,
    genesis: str | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Take back a bid or a listing by its ID, or all listings of the repository NAME.

    A bid is taken back by a transaction that spends one of its coins. A listing commits nobody, so taking it back moves
    nothing; lots whose keys are at a shop must move, with --lots.
    """
    from assets.services.market.withdrawing import draft_bid_cancel, draft_recall, find_offer
    from tui.cli import images, market
    from wallet.store.offers import OfferKind

    name = images.bare_name(target) if "/" in target else None
    if (lots or publish or genesis is not None) and name is None:
        raise click.UsageError("--lots, --publish and --genesis go with the NAME of a repository.")
    session = call.session()
    rate = fee_rate or call.settings.fee_rate
    step = _Step(call=call, session=session, yes=yes, dry_run=dry_run, board=name if publish else None)
    unlock = market.keys(call, session, password_file, password_fd)
    if name is None:
        entry = find_offer(target, session)
        if entry.kind is OfferKind.ASK:
            return _forget(step, (entry,))
        return _move(step, draft_bid_cancel(entry, session, rate=rate), unlock)
    if not lots:
        return _forget(step, _listings_of(call, session, name, genesis))
    txid, to = _treasury(call, session, name, genesis)
    return _move(step, draft_recall(txid, to, session, rate=rate), unlock)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What the last steps work with. `board` is the repository whose board is published anew, or None."""

    call: Call
    session: "Session"
    yes: bool
    dry_run: bool
    board: str | None


def _move(step: _Step, withdrawal: "Withdrawal", unlock: "Callable[[], OfferSigner]") -> Output:
    """What takes a transaction."""
    from assets.services.market.withdrawing import carry_out
    from tui.cli.sending import Sent, reviewed

    shown = reviewed(step.call, step.session, [withdrawal.draft], yes=step.yes, dry_run=step.dry_run)
    if shown is not None:
        return shown
    sent = Sent(step.call, step.session)
    carry_out(withdrawal, unlock, step.session, sent)
    genesis = withdrawal.draft.about.genesis
    assert genesis is not None, "a withdrawal is about a repository"
    return _closed(step, [entry.id for entry in withdrawal.entries], genesis, sent.documents)


def _forget(step: _Step, entries: "Sequence[OfferEntry]") -> Output:
    """What takes none."""
    from assets.services.market.withdrawing import withdraw_asks

    names = lines(entry.id.hex() for entry in entries)
    if step.dry_run:
        return Output(data={"withdraws": names.split()}, text=names)
    step.call.note(names)
    step.call.terminal.confirm(f"Withdraw {len(entries)} listing{'s' if len(entries) != 1 else ''}?", yes=step.yes)
    withdraw_asks(entries, step.session)
    return _closed(step, [entry.id for entry in entries], entries[0].subject, [])


def _closed(step: _Step, ids: "Sequence[bytes]", genesis: "Txid", transactions: "Sequence[object]") -> Output:
    from tui.cli.market_board import publish

    board = None if step.board is None else publish(step.call, step.session, step.board, genesis)
    closed = [one.hex() for one in ids]
    return Output(data={"withdrawn": closed, "transactions": list(transactions), "board": board}, text=lines(closed))


def _listings_of(call: Call, session: "Session", name: str, genesis: str | None) -> "tuple[OfferEntry, ...]":
    """The open listings of a repository whose coins are there: what was sold has nothing to take back."""
    from assets.services.market.listing import offers_of
    from tui.cli import images
    from tui.cli.whereabouts import locate
    from wallet.errors import StateError
    from wallet.store.offers import OfferKind, OfferState

    chain = images.chain_of(call)
    meant = locate(call, chain, session, name, genesis).genesis
    entries = offers_of(session).entries(OfferKind.ASK, state=OfferState.OPEN)
    present = {coin.outpoint for coin in session.coins.coins()}
    found = tuple(entry for entry in entries if entry.subject == meant and present.issuperset(entry.coins))
    if not found:
        raise StateError(f"this wallet has no open listing of {name}", hint="`dockchains market offers` shows all")
    return found


def _treasury(call: Call, session: "Session", name: str, genesis: str | None) -> "tuple[Txid, Recipient | None]":
    """The repository, and the title's script where this wallet still owns it: there lots come back to."""
    from assets.coloring.plan import Recipient
    from tui.cli import market

    txid, owned = market.repository_of(call, session, name, genesis)
    if owned is None:
        return txid, None
    prevout = owned.coin.prevout
    return txid, Recipient(script=prevout.txout.scriptPubKey, path=prevout.path)
