"""Putting the wallet's listings on the registry's board, as several commands do at their end."""

from assets.services.wallets.session import Session
from tui.cli import images
from tui.cli.call import Call
from wallet.hashes import Txid


def publish(call: Call, session: Session, name: str, genesis: Txid) -> str | None:
    """The digest of the board with all open listings of a repository; None, and a note, where that failed.

    What was done before stands: the board is rebuilt by the next command that publishes it.
    """
    from assets.services.market.boards import publish_board

    published: list[str] = []

    def attempt() -> None:
        chain, documents = images.chain_of(call), images.definitions_of(call)
        board = publish_board(name, genesis, session, chain, call.house.registry, documents)
        published.append(str(board.digest))
        if board.place != name:
            call.note(f"the board is in {board.place}, where whoever has no access yet can read it")
        if board.shown < board.listings:
            call.note(f"the board holds {board.shown} of {board.listings} listings; the newest ones are on it")

    images.quietly(call.note, attempt)
    return published[0] if published else None
