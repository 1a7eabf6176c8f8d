"""`dockchains image define`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image define old.example/app --name registry.example/acme/app")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="The new name: another host, another path.")
@click.option("--issuer", metavar="TEXT", help="Who issues it, for people.")
@click.option("--description", metavar="TEXT", help="What the image is, for people.")
@click.option("--gate", metavar="ORIGIN", help="Where holders get tokens; empty takes it away.")
@click.option("--terms", metavar="DIGEST", help="The sha256 digest of the terms of use; empty takes it away.")
@click.option("--source", "source_link", metavar="URL", help="Where the source code is; empty takes it away.")
@click.option("--magnet", metavar="LINK", help="A magnet link to the images; empty takes it away.")
@click.option("--document", type=click.Path(path_type=Path), metavar="FILE", help="A whole definition to use as it is.")
@click.option("--no-publish", is_flag=True, help="Do not push the definition to the registry.")
@options.meant
@options.waiting
@options.psbt
@options.spending
def command(
    call: Call,
    *,
    name: str,
    new_name: str | None,
    issuer: str | None,
    description: str | None,
    gate: str | None,
    terms: str | None,
    source_link: str | None,
    magnet: str | None,
    document: Path | None,
    no_publish: bool,
    genesis: str | None,
    wait: int | None,
    psbt: Path | None,
    fee_rate: str | None,
    yes: bool,
    dry_run: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Give the repository NAME a new definition: name, host, terms, links.

    What ties the definition to its genesis stays. After a rename consumers pin the new name; the old pin goes on and
    sees a note.
    """
    from tui.cli import given_files
    from tui.cli.deeds import Manner, carry_out, txids, with_transactions
    from tui.cli.whereabouts import owned
    from tui.verbs.image.define import Defined, prepare
    from tui.verbs.image.fields import bare_name
    from tui.verbs.image.requests import Define
    from tui.verbs.review import Outcome

    options.refuse_waiting_for_nothing(wait, psbt)
    links = {"gate": gate, "terms": terms, "source": source_link, "magnet": magnet}
    canonical = bare_name(name)
    request = Define(
        genesis=owned(call, canonical, genesis),
        name=canonical,
        new_name=bare_name(new_name) if new_name is not None else None,
        issuer=issuer,
        description=description,
        links={key: text for key, text in links.items() if text is not None},
        document=given_files.document_in(document) if document is not None else None,
        publish=not no_publish,
        rate=fee_rate,
    )

    def answer(outcome: Outcome[Defined]) -> Output:
        return Output(data=with_transactions(outcome), text=txids(outcome))

    manner = Manner(
        yes=yes, dry_run=dry_run, password_file=password_file, password_fd=password_fd, psbt=psbt, wait=wait
    )
    return carry_out(call, prepare(request, call.workplace), manner, answer)
