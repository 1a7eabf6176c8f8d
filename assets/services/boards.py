"""The registry's board: the owner's asks under the tag `dockchains-asks`, replaced whole, and rebuilt from the wallet.

Only whoever may push can write it, so it carries the owner's asks alone; whoever runs the registry can hide or reorder
them. Nothing on it is believed before it was checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from assets.images.canonical import ASKS_LIMIT
from assets.images.digest import Digest
from assets.images.offer import Ask
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.port import ImageRegistry
from wallet.errors import EncodingError
from wallet.hashes import Txid, display
from wallet.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAnswer:
    """The well-formed asks of a board, and notes for people about what was left out."""

    asks: tuple[Ask, ...]
    notes: tuple[str, ...] = ()


def publish_board(
    name: str, asks: Sequence[Ask], genesis: Txid, registry: ImageRegistry, network: Network
) -> tuple[Digest, int]:
    """Puts asks on the board of a repository, the newest first; the digest, and how many fit. Raises RegistryError."""
    board = Board.of(reversed(asks))
    annotations = {GENESIS_ANNOTATION: display(genesis), NETWORK_ANNOTATION: display(network.genesis)}
    return registry.push_artifact(name, BOARD_TAG, BOARD_TYPE, board.serialize(), annotations), len(board.asks)


def read_board(name: str, registry: ImageRegistry) -> BoardAnswer:
    """What the board of a repository says. Raises RegistryError where the registry cannot be asked."""
    notes: list[str] = []
    artifact = registry.fetch_artifact(name, BOARD_TAG, BOARD_TYPE, ASKS_LIMIT, notes.append)
    if artifact is None:
        return BoardAnswer(asks=(), notes=tuple(notes))
    try:
        board = Board.parse(artifact.data)
    except EncodingError as error:
        return BoardAnswer(asks=(), notes=(*notes, f"the board of {name} cannot be read: {error}"))
    flaws = [f"entry {number} of the board of {name}: {flaw}" for number, flaw in board.flaws]
    return BoardAnswer(asks=board.asks, notes=(*notes, *flaws))
