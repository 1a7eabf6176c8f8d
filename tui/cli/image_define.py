"""`dockchains image define`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


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
    from assets.services.owning.publishing import publish_definition
    from assets.services.owning.redefining import RedefineRequest, draft_redefine
    from assets.services.spending.signing import sign_and_broadcast
    from tui.cli import images
    from tui.cli.cold import handed_out
    from tui.cli.sending import Sent, reviewed, unlocker
    from tui.cli.waiting import wait_for
    from tui.cli.whereabouts import own_genesis
    from wallet.hashes import display

    links = {"gate": gate, "terms": terms, "source": source_link, "magnet": magnet}
    session, canonical = call.session(), images.bare_name(name)
    request = RedefineRequest(
        genesis=own_genesis(call, session, canonical, genesis),
        name=canonical,
        new_name=images.bare_name(new_name) if new_name is not None else None,
        issuer=issuer,
        description=description,
        links={key: text for key, text in links.items() if text is not None},
        document=images.document_in(document) if document is not None else None,
        rate=fee_rate or call.settings.fee_rate,
    )
    registry, documents = call.house.registry, images.definitions_of(call)
    redefined = draft_redefine(
        request,
        session,
        images.chain_of(call),
        registry,
        documents,
        confirmations=images.reading_confirmations(call),
    )
    options.refuse_waiting_for_nothing(wait, psbt)
    again = f"dockchains image publish {redefined.new_name} --genesis {display(redefined.genesis)}"
    if psbt is not None and not dry_run:
        documents.save(redefined.definition.document)
        call.note(f"once it is sent, publish the definition: {again}")
        return handed_out(call, session, (redefined.draft,), psbt)
    answer = reviewed(call, session, (redefined.draft,), yes=yes, dry_run=dry_run)
    if answer is not None:
        return answer
    documents.save(redefined.definition.document)
    sent = Sent(call, session)
    txid = sign_and_broadcast(redefined.draft, unlocker(call, session, password_file, password_fd), session, sent)
    published = not no_publish and images.quietly(
        lambda why: call.note(
            lines(
                "the record is sent, but the definition could not be published:",
                why,
                f"  try again with: {again}",
            )
        ),
        lambda: publish_definition(
            redefined.new_name, redefined.genesis, redefined.definition.document, registry, session.network
        ),
    )
    wait_for(call, session, (txid,), wait)
    data = {
        "name": redefined.new_name,
        "old_name": redefined.old_name,
        "genesis": display(redefined.genesis),
        "definition": redefined.definition.hash.hex(),
        "published": published,
        "transactions": sent.documents,
    }
    return Output(data=data, text=display(txid))
