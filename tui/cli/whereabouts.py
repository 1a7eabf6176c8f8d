"""Finding the repository that a command is about."""

import click

from tui.cli.call import Call
from tui.verbs.image import references
from tui.verbs.image.fields import bare_name
from tui.verbs.image.finding import Whereabouts, find, the_one
from tui.verbs.image.reader_requests import Find
from wallet.hashes import Txid


def located(call: Call, name: str | None, genesis: str | None) -> Whereabouts:
    """The repository that is looked at: by its name, by its genesis, or by both, which must then belong together."""
    if name is None and genesis is None:
        raise click.UsageError("Give NAME, --genesis, or both.")
    request = Find(name=None if name is None else bare_name(name), genesis=references.genesis(genesis))
    return the_one(find(request, call.workplace))


def owned(call: Call, name: str, genesis: str | None) -> Txid:
    """The repository that an owner's command is about: one that this wallet has to do with, by its canonical name.

    Raises AmbiguousNameError where the name fits several and `--genesis` does not say which.
    """
    request = Find(name=name, genesis=references.genesis(genesis), own=True)
    return the_one(find(request, call.workplace)).genesis
