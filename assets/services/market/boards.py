"""The registry's board: the owner's asks under the tag `dockchains-asks`, replaced whole, and rebuilt from the wallet.

Only whoever may push can write it, so it carries the owner's asks alone; whoever runs the registry can hide or reorder
them. Nothing on it is believed before it was checked. The board of a gated repository is in its public sibling, where
whoever has no access yet can read it.
"""

from dataclasses import dataclass

from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from assets.images.canonical import ASKS_LIMIT
from assets.images.digest import Digest
from assets.images.offer import Ask
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.port import ImageRegistry
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.public_places import artifacts, board_place
from assets.services.market.listing import open_asks
from assets.services.wallets.session import Session
from wallet.errors import EncodingError
from wallet.hashes import Txid, display


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAnswer:
    """The well-formed asks of a board, and notes for people about what was left out."""

    asks: tuple[Ask, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBoard:
    """A board that was written: in which repository, its digest, and how many of the listings found room."""

    place: str
    digest: Digest
    shown: int
    listings: int


def publish_board(
    name: str, genesis: Txid, session: Session, chain: ChainAccess, registry: ImageRegistry, documents: Documents
) -> PublishedBoard:
    """Puts all open listings of a repository on its board, the newest first. Raises RegistryError."""
    asks = open_asks(session, genesis)
    board = Board.of(reversed(asks))
    place = board_place(genesis, name, chain, registry, documents)
    annotations = {GENESIS_ANNOTATION: display(genesis), NETWORK_ANNOTATION: display(session.network.genesis)}
    digest = registry.push_artifact(place, BOARD_TAG, BOARD_TYPE, board.serialize(), annotations)
    return PublishedBoard(place=place, digest=digest, shown=len(board.asks), listings=len(asks))


def read_board(name: str, registry: ImageRegistry) -> BoardAnswer:
    """What the boards of a repository and of its public sibling say.

    Raises RegistryError where the registry cannot be asked.
    """
    notes: list[str] = []
    asks: dict[bytes, Ask] = {}
    for place, artifact in artifacts(name, BOARD_TAG, BOARD_TYPE, ASKS_LIMIT, registry, notes.append):
        try:
            board = Board.parse(artifact.data)
        except EncodingError as error:
            notes.append(f"the board of {place} cannot be read: {error}")
            continue
        notes.extend(f"entry {number} of the board of {place}: {flaw}" for number, flaw in board.flaws)
        for ask in board.asks:
            asks.setdefault(ask.id, ask)
    return BoardAnswer(asks=tuple(asks.values()), notes=tuple(notes))
