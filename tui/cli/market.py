"""What the commands about the market share."""

from pathlib import Path

from tui.cli.call import Call
from tui.verbs.image.fields import bare_name
from tui.verbs.image.finding import find, the_one
from tui.verbs.image.reader_requests import Find
from tui.verbs.image.references import genesis
from tui.verbs.market.fields import is_url, place_of
from tui.verbs.market.requests import OnBoard, Where
from wallet.hashes import Txid


def meant(call: Call, name: str, txid: str | None, *, own: bool = False) -> Txid:
    """The repository that a seller means by a canonical name, and its genesis where that was said.

    Whoever does not own it may hold access units of it; `own` is for what only an owner does. Raises
    AmbiguousNameError.
    """
    return the_one(find(Find(name=name, genesis=genesis(txid), own=own), call.workplace)).genesis


def where(call: Call, source: str) -> Where:
    """Where listings are: a file (- is standard input), a shop's URL, else the board of a repository's name."""
    if source == "-" or is_url(source) or Path(source).is_file():
        return place_of(source)
    name = bare_name(source)
    if "/" not in source:
        call.note(f"there is no file {source}, so it is taken for a name: {name}")
    return OnBoard(name)
