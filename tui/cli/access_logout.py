"""`dockchains access logout`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.NOTHING, example="dockchains access logout registry.example/acme/app")
@click.argument("image", required=False)
@click.option("--all", "everywhere", is_flag=True, help="End every login.")
def command(call: Call, *, image: str | None, everywhere: bool) -> Output:
    """End the login at the gate of IMAGE, and undo what it told docker and podman.

    The gate forgets the session, the entries in container tools' files are taken out, the session key is removed. It
    works without the gate too: a session whose key is gone is worth nothing, and ends by itself.
    """
    from dataclasses import asdict

    from assets.images.reference import ImageReference
    from assets.services.access.logging_out import log_out, logins_for
    from tui.cli.exits import ExitCode
    from tui.cli.logins import gates_of, tools_of

    if (image is None) != everywhere:
        raise click.UsageError("Give either IMAGE or --all.")
    store, now = call.house.sessions, call.house.now()
    sessions = store.all() if image is None else logins_for(store, ImageReference.parse(image).name)
    views = tuple(log_out(session, gates_of(call), store, tools_of(), now) for session in sessions)
    for view in views:
        call.note(f"{view.host}: {view.at_gate}")
        for path, done in view.files:
            call.note(f"{path}: the entry for {view.host} is {done}")
        for path, why in view.failed:
            call.note(f"take the entry for {view.host} out of {path} yourself: {why}")
    failed = any(view.failed for view in views)
    return Output(
        data={"logouts": [asdict(view) for view in views]},
        text=lines(view.host for view in views),
        code=ExitCode.REFUSED if failed else ExitCode.OK,
    )
