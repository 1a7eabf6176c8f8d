"""`dockchains image forget`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.NOTHING, node_options=True, example="dockchains image forget registry.example/acme/app:1.0")
@click.argument("references", nargs=-1, metavar="[NAME[:TAG][@DIGEST]]...")
@click.option("--unfinished", is_flag=True, help="Drop what interrupted pulls left behind.")
@click.option("--all", "everything", is_flag=True, help="Drop all that was pulled.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and drop nothing.")
def command(call: Call, *, references: tuple[str, ...], unfinished: bool, everything: bool, dry_run: bool) -> Output:
    """Drop images that were pulled and are kept here, and their blobs.

    A blob stays as long as another kept image needs it. What was handed over (image pull --to) is not touched, and all
    that goes can be pulled again.
    """
    from tui.verbs.image.forget import prepare
    from tui.verbs.image.reader_requests import Forget
    from tui.verbs.image.references import reference

    asked = tuple(reference(text) for text in references)
    going = prepare(Forget(references=asked, unfinished=unfinished, everything=everything), call.workplace)
    view = going.view if dry_run else going.finish()
    freed = "freed" if view.forgotten else "would free"
    told = [f"{'forgot' if view.forgotten else 'would forget'} {image}" for image in view.images]
    return Output(data=view, text=lines(told, f"{freed} {view.bytes / 1_000_000:,.1f} MB"))
