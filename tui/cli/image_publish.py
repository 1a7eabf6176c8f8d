"""`dockchains image publish`."""

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from wallet.hashes import Txid


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
    from assets.services.owning.publishing import publish_again
    from tui.cli import images
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display, sha256

    session, canonical = call.session(), images.bare_name(name)
    txid = own_genesis(call, session, canonical, genesis)
    document = publish_again(
        txid, canonical, session, images.chain_of(call), call.house.registry, images.definitions_of(call)
    )
    data = {"name": canonical, "genesis": display(txid), "definition": sha256(document).hex()}
    if evidence:
        data["evidence"] = _evidence(call, canonical, txid, document)
    return Output(data=data, text=f"the definition of {data['name']} is published")


def _evidence(call: Call, name: str, genesis: Txid, definition: bytes) -> str:
    """Makes and pushes the evidence, beside the definition; the digest of its manifest."""
    from assets.services.chain.claims import definition_place
    from assets.services.chain.evidence import make_evidence, publish_evidence
    from tui.cli import images

    with call.progress("reading the blocks of its lineage") as progress:
        chain = images.chain_of(call)
        made = make_evidence(genesis, chain, progress, images.revoked_manifests_of(call, chain, genesis, name))
    place = definition_place(name, definition)
    digest = publish_evidence(place, genesis, made, call.house.registry, call.house.network)
    call.note(f"its evidence as of block {made.height} is published, too: {len(made.steps)} transactions")
    return str(digest)
