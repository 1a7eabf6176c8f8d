"""The places of an open wallet: which screen each of them is. A new place is a line here and one in `commands`."""

from collections.abc import Callable, Mapping

from assets.services.read_models.wallet_views import WalletCard
from tui.app.screens.access import AccessScreen
from tui.app.screens.coins import CoinsScreen
from tui.app.screens.log import LogScreen
from tui.app.screens.market import MarketScreen
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.page import Page
from tui.app.screens.receive import ReceiveScreen
from tui.app.screens.repositories import RepositoriesScreen
from tui.app.screens.send import SendScreen
from tui.app.screens.settings import SettingsScreen
from tui.app.screens.transactions import TransactionsScreen
from tui.app.screens.verify import VerifyScreen
from tui.app.services import Services

FIRST = "overview"


def places(services: Services, card: WalletCard) -> Mapping[str, Callable[[], Page]]:
    """How each place's screen is made, in the order in which they stand at the top."""
    return {
        "overview": lambda: OverviewScreen(services),
        "repositories": lambda: RepositoriesScreen(services),
        "verify": lambda: VerifyScreen(services),
        "coins": lambda: CoinsScreen(services),
        "transactions": lambda: TransactionsScreen(services),
        "receive": lambda: ReceiveScreen(services),
        "send": lambda: SendScreen(services),
        "market": lambda: MarketScreen(services),
        "access": lambda: AccessScreen(services),
        "settings": lambda: SettingsScreen(services, card),
        "log": lambda: LogScreen(services),
    }
