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
    from assets.images.reference import ImageReference
    from assets.images.verdict import parse_allowed
    from assets.services.trust.verification_view import verification_view
    from assets.services.trust.verifying import Question, verify
    from tui.cli import images
    from tui.cli.verification_text import verification_text
    from wallet.hashes import parse_txid

    asked = ImageReference.parse(reference)
    pins = images.locked(lock)
    call = images.verifying_call(call, asked.name, pins)
    house, confirmations = call.house, images.reading_confirmations(call)
    question = Question(
        reference=asked,
        pins=house.pins.load(),
        lock=pins.require(house.network) if pins is not None else None,
        genesis=parse_txid(genesis) if genesis is not None else None,
        confirmations=confirmations,
        allow=parse_allowed(allow) if allow is not None else frozenset(),
        platform=platform,
    )
    with call.progress("reading manifests") as progress, images.judging_by(call, evidence, asked.name) as chain:
        answer = verify(question, chain, house.registry, images.manifests_of(call), progress)
    view = verification_view(answer, house.network, confirmations=confirmations, now=house.now())
    if not call.as_json:
        call.note(verification_text(view))
    return answered(view)


def answered(view: VerificationView) -> Output:
    """Standard output names the image on exit 0 and is empty on every other."""
    return Output(data=view, text=view.image if view.exit_code == 0 else "", code=view.exit_code)
