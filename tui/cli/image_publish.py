"""`dockchains image publish`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image publish registry.example/acme/app")
@click.argument("name")
def command(call: Call, *, name: str) -> Output:
    """Push the definition of the repository NAME to its registry again.

    For a registry that could not be reached when the asset was issued, or that lost or replaced the document.
    """
    from assets.services.publishing import publish_again
    from tui.cli import images
    from wallet.hashes import display, sha256

    session = call.session()
    genesis, document = publish_again(
        images.bare_name(name), session, images.chain_of(call), call.house.registry, images.definitions_of(call)
    )
    data = {"name": images.bare_name(name), "genesis": display(genesis), "definition": sha256(document).hex()}
    return Output(data=data, text=f"the definition of {data['name']} is published")
