"""`dockchains image history`."""

from pathlib import Path

import click

from assets.services.read_models.image_views import LineageView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.verification_text import records_table
from tui.text import lines, plain


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
    from tui.cli.whereabouts import located
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.show import history, write_evidence

    found = located(call, name, genesis)
    if evidence is not None:
        known_as = None if name is None else bare_name(name)
        made = write_evidence(found.genesis, evidence, call.workplace, name=known_as)
        call.note(f"the evidence as of block {made.height} is in {made.file}: {made.steps} transactions")
    view = history(found.genesis, call.workplace)
    return Output(data=view, text=history_text(view))


def history_text(view: LineageView) -> str:
    """A title's history for people."""
    return lines(f"{plain(view.name)}, genesis {view.genesis}", records_table(view.records, view.network))
