"""Putting this wallet's listings on a registry's board. It is rebuilt whole, so that it can be done again."""

from dataclasses import dataclass

from assets.services.market.boards import publish_board
from assets.services.wallets.session import Session
from tui.verbs.market.naming import names_of
from tui.verbs.market.requests import Publish
from tui.verbs.market.views import Published
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.advice import Prose
from wallet.errors import StateError, WalletError
from wallet.hashes import Txid, display


def publish(request: Publish, place: Workplace) -> Published:
    """All open listings of a repository, on its board. Raises RegistryError, and StateError where no name is known."""
    name = request.name or names_of(place)(request.genesis)
    if "/" not in name:
        raise StateError(
            f"nobody told this wallet what genesis {display(request.genesis)} is called",
            hint="look the repository up by its name",
        )
    with place.session() as session:
        return published(name, request.genesis, session, place)


def published(name: str, genesis: Txid, session: Session, place: Reading) -> Published:
    """The board as the listings are now. Raises RegistryError."""
    board = publish_board(name, genesis, session, place.chain(), place.registry, place.definitions)
    return Published(name=name, board=str(board.digest), place=board.place, listings=board.listings, shown=board.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A board at the end of a deed that stands: its digest, or None where it was not wanted or could not be written.

    `notes` say what was done, `to_do` what is left.
    """

    digest: str | None = None
    notes: tuple[Prose, ...] = ()
    to_do: tuple[Prose, ...] = ()


def renewed(name: str, genesis: Txid, session: Session, place: Reading, *, wanted: bool = True) -> Renewed:
    """Writes the board where that is wanted. What goes wrong is said, and no error: what was done before stands."""
    if not wanted:
        return Renewed()
    try:
        board = published(name, genesis, session, place)
    except WalletError as error:
        why: Prose = f"{error}; " + error.advice if error.advice else str(error)
        return Renewed(to_do=(f"the board of {name} was not published: " + why + ". Publish it again",))
    return Renewed(digest=board.board, notes=(board.words,))
