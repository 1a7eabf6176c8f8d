"""`dockchains image list`."""

from assets.services.read_models.image_views import RepositoriesView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import plain


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image list")
def command(call: Call) -> Output:
    """List the repositories whose title this wallet holds, or held."""
    from tui.verbs.image.show import repositories

    view = repositories(call.workplace)
    return Output(data=view, text=repositories_text(view))


def repositories_text(view: RepositoriesView) -> str:
    """A wallet's repositories for people."""
    if not view.repositories:
        return "no repositories; issue one with: dockchains image issue NAME"
    rows = [
        (
            plain(one.name),
            one.state,
            "yes" if one.owned else "no",
            str(len(one.tags)) + (f" ({revoked} revoked)" if (revoked := sum(tag.revoked for tag in one.tags)) else ""),
            f"{one.title_sats:,}",
            one.genesis,
        )
        for one in view.repositories
    ]
    return table(("name", "state", "owned", "tags", "title sat", "genesis"), rows, right=frozenset({3, 4}))
