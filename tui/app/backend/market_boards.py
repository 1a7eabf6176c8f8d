"""Putting the wallet's listings on a registry's board. It is rebuilt whole, so that it can be done again."""

from assets.services.market.boards import publish_board
from assets.services.wallets.session import Session
from tui.app.backend.access import Access
from wallet.errors import WalletError
from wallet.hashes import Txid


def publish(name: str, genesis: Txid, session: Session, access: Access) -> str:
    """Puts all open listings of a repository on the board; what was done, in words. Raises RegistryError."""
    board = publish_board(name, genesis, session, access.chain(), access.house.registry, access.definitions)
    left = f"; {board.listings - board.shown:,} older ones found no room" if board.shown < board.listings else ""
    return f"the board in {board.place} shows {board.shown:,} of your listings{left}"


def published(name: str, genesis: Txid, session: Session, access: Access) -> str:
    """The same where something was done before that stands: what went wrong is said, and no error."""
    try:
        return publish(name, genesis, session, access)
    except WalletError as error:
        return f"the board was not published: {error}; publish it again from Market"
