"""`dockchains image issue`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from tui.cli.deeds import Manner


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image issue registry.example/acme/app --issuer 'Acme Ltd'")
@click.argument("name", required=False)
@click.option("--units", type=click.IntRange(1, 2**53 - 1), default=1_000_000, show_default=True, help="Access units.")
@click.option(
    "--title-value",
    type=click.IntRange(546, 10_000_000),
    default=10_000,
    show_default=True,
    metavar="SAT",
    help="What the title's coin holds; releases are paid from it.",
)
@click.option("--issuer", default="", metavar="TEXT", help="Who issues it, for people.")
@click.option("--description", default="", metavar="TEXT", help="What the image is, for people.")
@click.option("--gate", metavar="ORIGIN", help="Where holders of access units get tokens (closed images).")
@click.option("--terms", metavar="DIGEST", help="The sha256 digest of the terms of use.")
@click.option("--source", "source_link", metavar="URL", help="Where the source code is.")
@click.option("--magnet", metavar="LINK", help="A magnet link to the images.")
@click.option("--cancel", is_flag=True, help="Take back what was set apart for a genesis that was not finished.")
@click.option(
    "--rival",
    is_flag=True,
    help="Issue it although this wallet holds a repository of that name, which somebody else issued and gave to it.",
)
@click.option("--no-publish", is_flag=True, help="Do not push the definition to the registry.")
@options.spending
def command(
    call: Call,
    *,
    name: str | None,
    units: int,
    title_value: int,
    issuer: str,
    description: str,
    gate: str | None,
    terms: str | None,
    source_link: str | None,
    magnet: str | None,
    cancel: bool,
    rival: bool,
    no_publish: bool,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Issue the asset of the image repository NAME: its title, and its access units.

    Two transactions: the first sets a coin apart, the second is the genesis. The definition is then pushed to the
    registry under the tag `dockchains`, where consumers find it. Where the first was sent and the second was not, issue
    again to go on from there, or take the coin back with --cancel and no NAME.
    """
    if (name is None) != cancel:
        raise click.UsageError("Give either NAME or --cancel.")
    from tui.cli.deeds import Manner, carry_out, with_transactions
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.issue import Issued, RivalHeld, prepare
    from tui.verbs.image.requests import Issue
    from tui.verbs.review import Outcome
    from wallet.amount import Sats
    from wallet.errors import StateError

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    if name is None:
        return _cancelled(call, manner, fee_rate)
    links = {"gate": gate, "terms": terms, "source": source_link, "magnet": magnet}
    request = Issue(
        name=bare_name(name),
        units=units,
        title_value=Sats(title_value),
        issuer=issuer,
        description=description,
        links={key: text for key, text in links.items() if text is not None},
        publish=not no_publish,
        rival=rival,
        rate=fee_rate,
    )
    offered = prepare(request, call.workplace)
    if isinstance(offered, RivalHeld):
        raise StateError(
            offered.why,
            hint=f"somebody else issued that one, and a second one is its rival; see: dockchains image show"
            f" {request.name} --genesis {offered.repositories[0].genesis}; to issue yours all the same:"
            f" dockchains image issue {request.name} --rival",
        )

    def answer(outcome: Outcome[Issued]) -> Output:
        return Output(data=with_transactions(outcome), text=outcome.result.genesis)

    return carry_out(call, offered, manner, answer)


def _cancelled(call: Call, manner: "Manner", rate: str | None) -> Output:
    """Issuing coins go back to bitcoin."""
    from tui.cli.deeds import carry_out, sent_alone
    from tui.verbs.wallet.cancel_issue import prepare
    from tui.verbs.wallet.requests import CancelIssue

    return carry_out(call, prepare(CancelIssue(rate=rate), call.workplace), manner, sent_alone, one=True, told=False)
