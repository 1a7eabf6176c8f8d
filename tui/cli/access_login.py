"""`dockchains access login`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines

if TYPE_CHECKING:
    from assets.services.access.logging_in import LoginDraft
    from assets.services.wallets.session import Session

SESSION_KEY_BYTES = 32


@verb(
    needs=Needs.NOTHING,
    node_options=True,
    new_wallet=True,
    example="dockchains access login registry.example/acme/app",
)
@click.argument("image", required=False)
@click.option("--genesis", metavar="TXID", help="The repository by its genesis, where two go by the name of IMAGE.")
@click.option("--days", type=int, default=30, metavar="N", help="How long it holds: 1 to 30 days. Default: 30.")
@click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")
@click.option("--dry-run", is_flag=True, help="Show what the gate would learn, and sign nothing.")
@options.password
def command(
    call: Call,
    *,
    image: str | None,
    genesis: str | None,
    days: int,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Log in at the gate of IMAGE with this wallet, for docker, podman, skopeo and `image pull`.

    The keys that hold access units or the title sign once which session key speaks for them; it lies in a file of its
    own. docker and podman are told to ask docker-credential-dockchains, which needs neither password nor words. The
    gate looks up what the keys hold at each pull. Log in again after buying more. Without IMAGE: list the logins.
    """
    if image is None:
        return _listed(call)
    from secrets import token_bytes

    from assets.services.access.logging_in import log_in
    from assets.services.access.logging_out import login_view
    from tui.cli.logins import gates_of, login_text, note_about_helper, tools_of
    from tui.cli.secrets import password

    house = call.house
    house.require_wallet()
    house.require_node()
    draft, session = _drafted(call, image, genesis, days)
    call.note(_draft_text(draft))
    earlier = house.sessions.load_at(draft.host, draft.gate)
    if earlier is not None and not earlier.is_over(house.now()):
        call.note(f"this replaces the login for {earlier.image} (scripts that it proved: {earlier.scripts})")
    if dry_run:
        return Output(data=_draft_data(draft), text="")
    house.require_keys()
    call.terminal.confirm(f"Log in at {draft.gate}?", yes=yes)
    secret = password(options.source(password_file, password_fd), call.terminal, of=f"wallet {session.name}")
    signer = house.signer(secret)
    kept = log_in(
        draft, session, signer, gates_of(call), house.sessions, tools_of(), new_key=token_bytes(SESSION_KEY_BYTES)
    )
    view = login_view(kept, house.now())
    if view.files:
        note_about_helper(call)
    return Output(data=view, text=login_text(view))


def _listed(call: Call) -> Output:
    from dataclasses import asdict

    from assets.services.access.logging_out import logins
    from tui.cli.logins import login_text

    views = logins(call.house.sessions, call.house.now())
    if not views:
        call.note("nobody is logged in at any gate; say for which IMAGE to log in")
    return Output(data={"logins": [asdict(view) for view in views]}, text=lines(login_text(view) for view in views))


def _drafted(call: Call, image: str, genesis: str | None, days: int) -> "tuple[LoginDraft, Session]":
    """The repository, found as every command finds it, and what is to be signed for it."""
    from assets.images.reference import ImageReference
    from assets.services.access.logging_in import draft_login
    from tui.cli import images
    from tui.cli.logins import gates_of
    from tui.cli.whereabouts import locate

    house = call.house
    name = ImageReference.parse(image).name
    session, chain = call.session(), images.chain_of(call)
    pins, found = house.pins.load(), locate(call, chain, session, name, genesis).genesis
    draft = draft_login(
        name,
        found,
        session,
        chain,
        house.registry,
        gates_of(call),
        images.definitions_of(call),
        known_names=(*images.names_of(call).names(), *(pin.name for pin in pins.pins)),
        days=days,
    )
    return draft, session


def _draft_text(draft: "LoginDraft") -> str:
    names = ", ".join(draft.repositories)
    told = (
        f"the gate {draft.gate}, which the definition of {draft.name} on the chain names, will learn which scripts of"
        f" yours hold the title or access units of {names} ({len(draft.scripts)} in all)"
    )
    return lines(told, draft.notes)


def _draft_data(draft: "LoginDraft") -> dict[str, object]:
    from wallet.hashes import display

    return {
        "name": draft.name,
        "host": draft.host,
        "gate": draft.gate,
        "genesis": display(draft.genesis),
        "scripts": [one.script.hex() for one in draft.scripts],
        "repositories": list(draft.repositories),
        "since": draft.since,
        "until": draft.until,
        "for_tools": draft.for_tools,
        "notes": list(draft.notes),
    }
