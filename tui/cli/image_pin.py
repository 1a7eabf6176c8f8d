"""`dockchains image pin`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assets.services.read_models.image_views import PinProposalView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.image_pins import owners_text
from tui.cli.output import Output, fields
from tui.cli.remedies import words
from tui.text import lines, plain

if TYPE_CHECKING:
    from assets.images.pin import Pin


@verb(needs=Needs.NODE, example="dockchains image pin registry.example/acme/app --lock dockchains.lock")
@click.argument("name")
@click.option("--genesis", metavar="TXID", help="Pin this genesis, whatever the registry claims.")
@click.option("--accept-owner", is_flag=True, help="Accept the present owner of a repository that is pinned or locked.")
@click.option(
    "--accept-author",
    "authors",
    multiple=True,
    metavar="ADDRESS",
    help="Accept what an earlier owner released; may be given several times.",
)
@click.option(
    "--lock",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the pin into this lock file as well, beside what it holds; it is made if need be.",
)
@click.option(
    "--evidence",
    metavar="FILE",
    help="Judge by a repository's evidence instead of an index; `registry` takes the registry's.",
)
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
def command(
    call: Call,
    *,
    name: str,
    genesis: str | None,
    accept_owner: bool,
    authors: tuple[str, ...],
    lock: Path | None,
    evidence: str | None,
    yes: bool,
) -> Output:
    """Decide which genesis speaks for the repository NAME, held by its present owner.

    From then on your pin vouches for it. Compare the genesis with what the publisher tells you by another way than the
    registry: whoever stole push rights can place a claim there, too. A lock file vouches for those who name it with
    `image verify --lock FILE`; keep it beside the code that uses the image.
    """
    from assets.services.chain.image_words import pin_view
    from assets.services.trust.pin_view import proposal_view
    from assets.services.trust.pinning import propose_pin
    from assets.store.lock_file import locked_pin, require_agreeing
    from tui.cli import images
    from wallet.hashes import parse_txid
    from wallet.keys.address import parse_address

    house, canonical = call.house, images.bare_name(name)
    locked = None if lock is None else locked_pin(lock, house.network, canonical)
    with images.judging_by(call, evidence, canonical) as chain:
        proposal = propose_pin(
            canonical,
            chain,
            house.registry,
            house.pins.load(),
            genesis=parse_txid(genesis) if genesis is not None else None,
            confirmations=images.settling_confirmations(call),
            accept_owner=accept_owner,
            accept_authors=tuple(parse_address(author, house.network) for author in authors),
            locked=locked,
        )
    if lock is not None:
        require_agreeing(lock, house.network, proposal.pin)
    view = proposal_view(proposal, house.network)
    call.note(proposal_text(view))
    if not proposal.is_known:
        call.terminal.confirm("Let this genesis, held by this owner, speak for the name?", yes=yes)
    if proposal.pin != proposal.known:
        house.pins.pin(proposal.pin)
    pinned = pin_view(proposal.pin, house.network)
    text = lines(f"{pinned.name} is pinned to genesis {pinned.genesis}")
    if lock is not None:
        _lock(call, lock, proposal.pin)
        text = lines(text, f"{lock} vouches for it")
    return Output(data=pinned, text=text)


def _lock(call: Call, lock: Path, pin: "Pin") -> None:
    from assets.store.lock_file import put_in_lock

    put_in_lock(lock, call.house.network, (pin,))
    call.note(f"keep {lock} with the code; verify with: dockchains image verify --lock {lock} {pin.name}:TAG")


def proposal_text(view: PinProposalView) -> str:
    """What a person should see before saying yes."""
    pin = view.pin
    facts = [
        ("name", pin.name),
        ("genesis", pin.genesis),
        ("block", f"{pin.height}, {view.confirmations} confirmation{'' if view.confirmations == 1 else 's'}"),
        ("accepted owners", owners_text(pin)),
        ("asset", view.asset),
        ("access units", f"{view.access_units:,}"),
        ("tags", plain(", ".join(view.tags)) or "none yet"),
    ]
    facts += [(label, plain(text)) for label, text in (("issuer", view.issuer), ("about", view.description)) if text]
    parts = [fields(facts), *(f"warning: {plain(words(warning))}" for warning in view.warnings)]
    parts += [f"rival: genesis {rival.genesis} claims this name too" for rival in view.rivals]
    return lines(parts)
