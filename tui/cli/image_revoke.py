"""`dockchains image revoke`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(
    needs=Needs.WALLET_AND_NODE,
    example="dockchains image revoke registry.example/acme/app:1.0 --reason compromised",
)
@click.argument("reference", metavar="NAME[:TAG][@DIGEST]")
@click.option("--reason", default="unspecified", metavar="WORD", help="compromised, broken, withdrawn or unspecified.")
@click.option("--platform", metavar="OS/ARCH", help="Revoke one image of a multi-platform one.")
@click.option(
    "--alone/--whole",
    "alone",
    default=None,
    help="Revoke a list's own digest only, or insist on all that it holds; without either: a list with what it holds.",
)
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    reference: str,
    reason: str,
    platform: str | None,
    alone: bool | None,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Say, for ever, that an image must not be used.

    It counts from the mempool on, and nothing undoes it. With a tag, what the tag stands for now is revoked. A list is
    revoked with the images that it holds, as far as they are not released anew; --platform revokes one of them, and
    the list is then as good as its worst image. Every release that goes REVOKED with it is shown before it is signed.
    The manifests of a revoked list are kept beside it in the registry, so that it can be read once it is deleted.
    """
    from assets.images.reference import ImageReference
    from tui.cli.deeds import Manner, carry_out, txids, with_transactions
    from tui.cli.whereabouts import owned
    from tui.verbs.image.fields import reason_of
    from tui.verbs.image.requests import Revoke
    from tui.verbs.image.revoke import Revoked, prepare
    from tui.verbs.review import Outcome

    options.refuse_waiting_for_nothing(wait, psbt)
    asked, why = ImageReference.parse(reference), reason_of(reason)
    request = Revoke(
        genesis=owned(call, asked.name, genesis),
        name=asked.name,
        tag=asked.tag,
        digest=asked.digest,
        reason=why,
        platform=platform,
        alone=alone,
        rate=fee_rate,
    )

    def answer(outcome: Outcome[Revoked]) -> Output:
        return Output(data=with_transactions(outcome), text=txids(outcome))

    manner = Manner(
        yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt, wait=wait
    )
    return carry_out(call, prepare(request, call.workplace), manner, answer)
