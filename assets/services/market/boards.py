"""The registry's board: the owner's asks under the tag `dockchains-asks`, replaced whole, and rebuilt from the wallet.

Only whoever may push can write it, so it carries the owner's asks alone; whoever runs the registry can hide or reorder
them. Nothing on it is believed before it was checked. The board of a gated repository is in its public sibling, where
whoever has no access yet can read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.errors import RegistryError
from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from assets.images.canonical import ASKS_LIMIT
from assets.images.digest import Digest
from assets.images.offer import Ask
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.port import ArtifactSource, ImageRegistry
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Whether a board must be written anew, because listings on it are about to be void, and that in words."""

    needed: bool
    words: str = ""


def renewal(voided: Sequence[Ask], name: str, registry: ArtifactSource) -> Renewal:
    """What listings that are about to be void ask of the boards of a repository.

    Where no board can be read they may stand on one, so that it must be written, too.
    """
    if not voided:
        return Renewal(needed=False)
    ids = {ask.id for ask in voided}
    ended = f"{_counted(len(ids))} void: whoever was sent one sees bids on it refused"
    try:
        shown = sum(ask.id in ids for ask in read_board(name, registry).asks)
    except RegistryError as error:
        return Renewal(needed=True, words=f"{ended}; the board cannot be read ({error}), and is to be written anew")
    if not shown:
        return Renewal(needed=False, words=f"{ended}; the board shows none of them")
    return Renewal(needed=True, words=f"{ended}; the board shows {shown:,} of them, and is written anew")


def _counted(count: int) -> str:
    return "1 earlier listing becomes" if count == 1 else f"{count:,} earlier listings become"


def read_board(name: str, registry: ArtifactSource) -> BoardAnswer:
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
