"""Putting the wallet's listings on the registry's board, as several commands do at their end."""

from assets.services.session import Session
from tui.cli import images
from tui.cli.call import Call
from wallet.hashes import Txid


def publish(call: Call, session: Session, name: str, genesis: Txid) -> str | None:
    """The digest of the board with all open listings of a repository; None, and a note, where that failed.

    What was done before stands: the board is rebuilt by the next command that publishes it.
    """
    from assets.services.boards import publish_board
    from assets.services.listing import open_asks

    asks = open_asks(session, genesis)
    published: list[str] = []

    def attempt() -> None:
        digest, fitting = publish_board(name, asks, genesis, call.house.registry, session.network)
        published.append(str(digest))
        if fitting < len(asks):
            call.note(f"the board holds {fitting} of {len(asks)} listings; the newest ones are on it")

    images.quietly(call.note, attempt)
    return published[0] if published else None
