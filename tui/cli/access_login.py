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
    from tui.verbs.review import Outcome


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
    from assets.services.read_models.access_views import LoginView
    from tui.cli.deeds import Manner, carry_out
    from tui.cli.logins import login_text
    from tui.cli.review_text import review_text
    from tui.cli.whereabouts import located
    from tui.verbs.access.login import prepare
    from tui.verbs.access.requests import Login
    from tui.verbs.image.references import reference

    call.house.require_wallet()
    call.house.require_node()
    name = reference(image).name
    found = located(call, name, genesis)
    prepared = prepare(Login(genesis=found.genesis, name=name, days=days), call.workplace)
    if dry_run:
        call.note(review_text(prepared.review))
        return Output(data=prepared.review.details, text="")

    def answer(outcome: "Outcome[LoginView]") -> Output:
        return Output(data=outcome.result, text=login_text(outcome.result))

    manner = Manner(yes=yes, dry_run=False, password_file=password_file, password_fd=password_fd)
    return carry_out(call, prepared, manner, answer)


def _listed(call: Call) -> Output:
    from dataclasses import asdict

    from tui.cli.logins import login_text
    from tui.verbs.access.login import listed

    views = listed(call.workplace)
    if not views:
        call.note("nobody is logged in at any gate; say for which IMAGE to log in")
    return Output(data={"logins": [asdict(view) for view in views]}, text=lines(login_text(view) for view in views))
