"""`dockchains image list`."""

from assets.services.read_models.image_views import RepositoriesView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import plain


@verb(needs=Needs.WALLET_AND_NODE, example="dockchains image list")
def command(call: Call) -> Output:
    """List the repositories whose title this wallet holds, or held."""
    from assets.services.wallets.repositories import own_repositories
    from tui.cli import images

    session = call.session()
    covers, settled = images.covers_of(call, by_registry=False), images.reading_confirmations(call)
    found = own_repositories(session, images.chain_of(call), covers, confirmations=settled)
    found = tuple(images.shown_by_name(call, one) for one in found)
    view = RepositoriesView(network=session.network.name, wallet=session.name, repositories=found)
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
