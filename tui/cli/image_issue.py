"""`dockchains image issue`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


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
    rate = fee_rate or call.settings.fee_rate
    if name is None:
        return _cancelled(
            call, rate=rate, yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd
        )
    from assets.services.chain.known_names import is_hidden
    from assets.services.owning.issuing import IssueRequest, draft_issue, issue, require_push
    from assets.services.owning.publishing import publish_definition
    from tui.cli import images
    from tui.cli.sending import Sent, reviewed, unlocker
    from wallet.amount import Sats
    from wallet.hashes import display

    links = {"gate": gate, "terms": terms, "source": source_link, "magnet": magnet}
    request = IssueRequest(
        name=images.bare_name(name),
        units=units,
        title_value=Sats(title_value),
        issuer=issuer,
        description=description,
        rate=rate,
        links={key: text for key, text in links.items() if text is not None},
    )
    if is_hidden(request.name):
        images.names_of(call).remember(request.name)
    session = call.session()
    registry = None if no_publish else call.house.registry
    draft = draft_issue(request, session, images.chain_of(call), registry)
    answer = reviewed(call, session, draft.drafts, yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    if registry is not None:
        require_push(request.name, registry)
    sent = Sent(call, session)
    unlock = unlocker(call, session, password_file, password_fd)
    issued = issue(draft, unlock, session, images.definitions_of(call), sent)
    genesis = issued.genesis.txid
    published = registry is not None and images.quietly(
        lambda why: call.note(
            lines(
                "the genesis is sent, but its definition could not be published:",
                why,
                f"  try again with: dockchains image publish {request.name} --genesis {display(genesis)}",
            )
        ),
        lambda: publish_definition(request.name, genesis, issued.definition.document, registry, session.network),
    )
    data = {
        "name": request.name,
        "genesis": display(genesis),
        "asset": issued.definition.fields.asset_id,
        "definition": issued.definition.hash.hex(),
        "published": published,
        "transactions": sent.documents,
    }
    return Output(data=data, text=display(genesis))


def _cancelled(
    call: Call,
    *,
    rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Issuing coins go back to bitcoin."""
    from tui.cli.deeds import Manner, carry_out, sent_alone
    from tui.verbs.wallet.cancel_issue import prepare
    from tui.verbs.wallet.requests import CancelIssue

    manner = Manner(yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd)
    request = CancelIssue(rate=rate)
    return carry_out(call, prepare(request, call.workplace), manner, sent_alone, one=True, told=False)
