"""`dockchains image publish`."""

from dataclasses import asdict

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image publish registry.example/acme/app")
@click.argument("name")
@click.option("--evidence", is_flag=True, help="Also push the evidence of all settled releases so far.")
@options.meant
def command(call: Call, *, name: str, evidence: bool, genesis: str | None) -> Output:
    """Push the definition of the repository NAME to its registry again.

    For a registry that could not be reached when the asset was issued, or that lost or replaced the document.

    With --evidence consumers can verify without an index (`image verify --evidence registry`). Push it again after
    each release, once that is in a block.
    """
    from tui.cli.whereabouts import owned
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.publish import publish
    from tui.verbs.image.requests import Publish

    canonical = bare_name(name)
    txid = owned(call, canonical, genesis)
    done = publish(Publish(genesis=txid, name=canonical, evidence=evidence), call.workplace)
    data = {key: value for key, value in asdict(done).items() if value is not None}
    return Output(data=data, text=f"the definition of {done.name} is published")
