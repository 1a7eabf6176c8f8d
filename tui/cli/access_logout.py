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

    from tui.cli.exits import ExitCode
    from tui.verbs.access.logout import logout, said
    from tui.verbs.access.requests import Logout
    from tui.verbs.image.references import reference

    if (image is None) != everywhere:
        raise click.UsageError("Give either IMAGE or --all.")
    name = None if image is None else reference(image).name
    views = logout(Logout(name=name, everywhere=everywhere), call.workplace)
    for line in (line for view in views for line in said(view)):
        call.note(line)
    failed = any(view.failed for view in views)
    return Output(
        data={"logouts": [asdict(view) for view in views]},
        text=lines(view.host for view in views),
        code=ExitCode.REFUSED if failed else ExitCode.OK,
    )
