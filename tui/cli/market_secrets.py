"""After the sale of a repository whose images are sealed: its secret goes from the seller to the buyer."""

from pathlib import Path
from typing import TYPE_CHECKING

from assets.images.bid import PACKAGE_LIMIT, BidPackage
from assets.services.repository_secrets.secret_forms import ReadManifest, reader_of
from assets.services.repository_secrets.secret_handing import accepted_bid, hand_over, require_same_sale, settled_sale
from assets.services.repository_secrets.secret_receiving import (
    DOCUMENT_LIMIT,
    Received,
    bought_titles,
    check_handed,
    keep,
    open_handed,
    parse_handed,
)
from tui.cli import images
from tui.cli.call import Call
from tui.cli.output import Output
from tui.cli.sealing import ACCESS_IS_ACCESS, Keys
from tui.text import lines, plain
from tui.verbs.files import read_given, write_new
from wallet.hashes import display, parse_txid
from wallet.keys.message import message_flaw

if TYPE_CHECKING:
    from assets.images.repository import RepositoryState


def hand_secret(
    call: Call,
    txid: str,
    *,
    bid: Path | None,
    out: Path | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """The seller's side: checks the sale, encrypts the secret to the buyer's key, prints it or writes it to a file."""
    session, chain, sale_id = call.session(), images.chain_of(call), parse_txid(txid)
    package = (
        BidPackage.parse(read_given(bid, PACKAGE_LIMIT + 2)) if bid is not None else accepted_bid(sale_id, session)
    )
    require_same_sale(package, sale_id)
    confirmations = images.settling_confirmations(call)
    sale = settled_sale(package, session, chain, message_flaw, confirmations=confirmations)
    genesis = display(sale.state.genesis.txid)
    data: dict[str, object] = {
        "genesis": genesis,
        "sale": display(sale_id),
        "secret_to": sale.to.hash.hex(),
        "sealed_forms": len(sale.sealings),
    }
    about = (
        f"the repository's secret of genesis {genesis} goes to the buyer's key {sale.to.hash.hex()[:16]}, which the bid"
        f" for {display(sale_id)} names; sealed forms until then: {len(sale.sealings)}"
    )
    if dry_run:
        return Output(data=data, text=about)
    call.note(about)
    call.terminal.confirm("Hand the secret over?", yes=yes)
    ring = Keys(call, password_file, password_fd).ring
    handed = hand_over(sale, ring, _reader(call, sale.state, None))
    for note in handed.notes:
        call.note(f"note: {plain(note)}")
    if out is not None:
        write_new(out, handed.document.encode("ascii") + b"\n")
    if session.handovers is not None:
        session.handovers.mark_handed(sale_id)
    call.note("only the buyer can open it: dockchains market buy --take-secret FILE")
    data |= {"secrets": [one.hex() for one in handed.ids], "document": handed.document, "notes": list(handed.notes)}
    return Output(data=data, text=lines(handed.document.split("\n")) if out is None else str(out))


def take_secret(
    call: Call,
    file: Path,
    *,
    name: str | None,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """The buyer's side: opens what was handed over, checks it against the sealed forms, and keeps it."""
    handed = parse_handed(read_given(file, DOCUMENT_LIMIT))
    session, chain = call.session(), images.chain_of(call)
    titles = bought_titles(session, chain)
    secrets = Keys(call, password_file, password_fd).whole.secrets
    state, opened = open_handed(handed, titles, secrets)
    received = check_handed(state, opened, _reader(call, state, name))
    if not dry_run:
        keep(received, session)
        call.note(
            "kept, encrypted, in this wallet's database and from now on in `dockchains wallet backup`; the words alone"
            " do not bring it back, so keep what the seller sent as well"
        )
        call.note(
            "your next sealed release uses a secret of your own; where holders get keys from a gate, export its bundle"
            " anew"
        )
    call.note(ACCESS_IS_ACCESS)
    return _taken(received, kept=not dry_run)


def _taken(received: Received, *, kept: bool) -> Output:
    data = {
        "genesis": display(received.state.genesis.txid),
        "secrets": [one.secret.id.hex() for one in received.secrets],
        "opens": [str(digest) for digest in received.opens],
        "closed": [{"digest": str(digest), "why": why} for digest, why in received.closed],
        "kept": kept,
    }
    told = [f"opens   {digest}" for digest in received.opens]
    told.extend(f"closed  {digest}: {plain(why)}" for digest, why in received.closed)
    return Output(data=data, text=lines(told))


def _reader(call: Call, state: "RepositoryState", name: str | None) -> ReadManifest:
    given = () if name is None else (images.bare_name(name),)
    pinned = (pin.name for pin in call.house.pins.load().pins)
    return reader_of(call.house.registry, state, (*given, *images.names_of(call).names(), *pinned))
