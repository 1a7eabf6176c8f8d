"""`dockchains image history`."""

from pathlib import Path

import click

from assets.services.chain.chain_access import ChainAccess
from assets.services.read_models.image_views import LineageView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.verification_text import records_table
from tui.text import lines, plain
from wallet.hashes import Txid


@verb(needs=Needs.NODE, new_wallet=True, example="dockchains image history registry.example/acme/app")
@click.argument("name", required=False)
@click.option("--genesis", metavar="TXID", help="The repository with this genesis, whatever its name.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the evidence to a new FILE, by which others verify without an index.",
)
def command(call: Call, *, name: str | None, genesis: str | None, evidence: Path | None) -> Output:
    """Show everything that happened to the title of the repository NAME, oldest first."""
    from assets.services.wallets.repositories import show_history
    from tui.cli import images
    from tui.cli.whereabouts import locate, session_if_any

    chain = images.chain_of(call)
    found = locate(call, chain, session_if_any(call), name, genesis)
    if evidence is not None:
        _write_evidence(call, found.genesis, chain, evidence, name and images.bare_name(name))
    covers = images.covers_of(call, by_registry=True)
    view = show_history(found.genesis, chain, covers, confirmations=images.reading_confirmations(call))
    return Output(data=view, text=history_text(view))


def _write_evidence(call: Call, genesis: Txid, chain: ChainAccess, file: Path, name: str | None) -> None:
    from assets.services.chain.evidence import make_evidence
    from tui.verbs.files import require_new, write_new
    from tui.verbs.image.evidence import revoked_manifests_of

    require_new(file)
    with call.progress("reading the blocks of its lineage") as progress:
        made = make_evidence(genesis, chain, progress, revoked_manifests_of(call.workplace, chain, genesis, name))
    write_new(file, made.serialize())
    call.note(f"the evidence as of block {made.height} is in {file}: {len(made.steps)} transactions")


def history_text(view: LineageView) -> str:
    """A title's history for people."""
    return lines(f"{plain(view.name)}, genesis {view.genesis}", records_table(view.records, view.network))
