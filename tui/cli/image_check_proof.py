"""`dockchains image check-proof`."""

from pathlib import Path

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.NOTHING, node_options=True, name="check-proof", example="dockchains image check-proof broken.json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layout",
    metavar="oci:DIR[:TAG]",
    help="Read the sealed layer from this copy of the sealed image instead of the registry.",
)
def command(call: Call, *, file: Path, layout: str | None) -> Output:
    """Check a proof that a sealed image is not what its owner promised.

    The proof is what `image pull --proof` wrote. Nothing in it is believed: the SEAL is looked up on the chain, the
    manifests are hashed, the key must be the one that the sealed image commits to, and the layer is opened again. Exit
    code 0 means that the owner is at fault; 3 that nothing is proven.
    """
    from dataclasses import asdict

    from tui.cli.proof_checking import checked, text_of

    view = checked(call, file, layout)
    return Output(data=asdict(view), text=text_of(view))
