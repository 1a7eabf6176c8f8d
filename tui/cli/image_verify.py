"""`dockchains image verify`."""

from pathlib import Path

import click

from assets.services.read_models.image_views import VerificationView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    needs=Needs.NOTHING,
    node_options=True,
    example='docker run "$(dockchains image verify registry.example/acme/app:1.0)"',
)
@click.argument("reference")
@click.option("--genesis", metavar="TXID", help="Vouch for this genesis, held by the owner that it names.")
@click.option(
    "--lock",
    type=click.Path(path_type=Path),
    envvar="DOCKCHAINS_LOCK",
    metavar="FILE",
    help="A lock file that vouches. Never searched for; DOCKCHAINS_LOCK names one too.",
)
@click.option("--allow", metavar="VERDICTS", help="Accept: pending, superseded, new-owner, frozen, unpinned.")
@click.option("--platform", metavar="OS/ARCH", help="Pick one manifest of a multi-platform image.")
@click.option(
    "--evidence",
    metavar="FILE",
    help="Judge by a repository's evidence instead of an index; `registry` takes the registry's.",
)
def command(
    call: Call,
    *,
    reference: str,
    genesis: str | None,
    lock: Path | None,
    allow: str | None,
    platform: str | None,
    evidence: str | None,
) -> Output:
    """Ask the chain whether REFERENCE is what its owner released.

    Prints name@sha256:... on exit 0 and nothing otherwise; the verdict and its reasons go to standard error. The exit
    codes are in `dockchains --help`. A reference without tag and digest means the tag `latest`.

    With --evidence no index is needed, and a pruned node is enough: every step is proven against its headers. Other
    geneses that claim the name are not seen then.
    """
    from tui.cli.verification_text import verification_text
    from tui.verbs.image import references
    from tui.verbs.image.reader_requests import Verify
    from tui.verbs.image.verify import verify

    request = Verify(
        reference=references.reference(reference),
        genesis=references.genesis(genesis),
        lock=lock,
        allow=references.allowed(allow),
        platform=platform,
        evidence=evidence,
    )
    view = verify(request, call.workplace)
    if not call.as_json:
        call.note(verification_text(view))
    return answered(view)


def answered(view: VerificationView) -> Output:
    """Standard output names the image on exit 0 and is empty on every other."""
    return Output(data=view, text=view.image if view.exit_code == 0 else "", code=view.exit_code)
