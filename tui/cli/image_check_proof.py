"""`dockchains image check-proof`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields

if TYPE_CHECKING:
    from tui.verbs.image.seal_proofs import ProofView


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
    from tui.verbs.image.reader_requests import CheckProof
    from tui.verbs.image.seal_proofs import check

    view = check(CheckProof(file=file, layout=layout), call.workplace)
    return Output(data=view, text=_text(view))


def _text(view: "ProofView") -> str:
    where = "waits for a block" if view.height is None else f"block {view.height}"
    return fields(
        [
            ("proven", view.reason),
            ("name", view.name),
            ("genesis", f"{view.genesis} on {view.network}"),
            ("sealed by", view.author),
            ("in", f"{view.seal} ({where})"),
            ("plain image", view.plaintext + ("" if view.released else " (never released)")),
            ("sealed form", view.ciphertext),
        ]
    )
