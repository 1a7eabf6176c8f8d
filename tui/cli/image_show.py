"""`dockchains image show`."""

import click

from assets.services.read_models.image_views import RepositoryView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, fields, table
from tui.cli.remedies import words
from tui.cli.verification_text import place, records_table
from tui.text import lines, plain


@verb(needs=Needs.NODE, new_wallet=True, example="dockchains image show registry.example/acme/app")
@click.argument("name", required=False)
@click.option("--genesis", metavar="TXID", help="The repository with this genesis, whatever its name.")
def command(call: Call, *, name: str | None, genesis: str | None) -> Output:
    """Show the repository NAME: genesis, owner, tags, what is pending.

    NAME is looked up in your pins, in this wallet, and then at the registry.
    """
    from tui.cli.whereabouts import located
    from tui.verbs.image.show import repository

    found = located(call, name, genesis)
    view = repository(found.genesis, call.workplace, note=found.note)
    return Output(data=view, text=repository_text(view))


def repository_text(view: RepositoryView) -> str:
    """A repository for people."""
    parts: list[str] = [
        fields(
            [
                ("name", plain(view.name)),
                ("genesis", f"{view.genesis} {place(view.height)}"),
                ("asset", view.asset),
                ("state", view.state + (", owned by this wallet" if view.owned else "")),
                ("owner", view.owner_address or view.owner),
                ("title", f"{view.title}, {view.title_sats:,} sat"),
                ("access units", f"{view.access_units:,}"),
                ("definition", f"sha256:{view.definition}"),
            ]
        )
    ]
    if view.tags:
        rows = [
            (
                plain(one.tag) + (" (final)" if one.final else ""),
                one.digest,
                "revoked" if one.revoked else "perhaps revoked" if one.unsure else "",
                str(one.height),
            )
            for one in view.tags
        ]
        parts.append(table(("tag", "digest", "", "block"), rows, right=frozenset({3})))
    if view.pending:
        parts += ["pending:", records_table(view.pending)]
    parts += [f"rival: genesis {rival.genesis} {place(rival.height)} claims this name too" for rival in view.rivals]
    parts += [f"note: {plain(words(note))}" for note in view.notes]
    return lines(parts)
