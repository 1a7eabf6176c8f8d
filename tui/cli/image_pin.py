"""`dockchains image pin`."""

from pathlib import Path

import click

from assets.services.read_models.image_views import PinProposalView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.image_pins import owners_text
from tui.cli.output import Output, fields
from tui.cli.remedies import words
from tui.text import lines, plain


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
    from tui.verbs.image import references
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.pin import propose
    from tui.verbs.image.reader_requests import Pin

    request = Pin(
        name=bare_name(name),
        genesis=references.genesis(genesis),
        accept_owner=accept_owner,
        accept_authors=authors,
        lock=lock,
        evidence=evidence,
    )
    proposed = propose(request, call.workplace)
    call.note(proposal_text(proposed.view))
    if not proposed.view.known:
        call.terminal.confirm("Let this genesis, held by this owner, speak for the name?", yes=yes)
    pinned = proposed.take(call.workplace)
    text = lines(f"{pinned.name} is pinned to genesis {pinned.genesis}")
    if lock is not None:
        call.note(f"keep {lock} with the code; verify with: dockchains image verify --lock {lock} {pinned.name}:TAG")
        text = lines(text, f"{lock} vouches for it")
    return Output(data=pinned, text=text)


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
