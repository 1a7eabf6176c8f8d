"""The services of one open wallet, over the same house as the command line."""

from assets.services.read_models.wallet_views import WalletCard
from assets.services.wallets.opening import card_of
from tui.app.access_services import AccessServices
from tui.app.asks import Kind
from tui.app.backend.access import Access
from tui.app.backend.checks import check
from tui.app.backend.drafting import HouseDrafts
from tui.app.house_access import HouseAccess
from tui.app.house_chain import HouseChain
from tui.app.house_images import HouseImages
from tui.app.house_market import HouseMarket
from tui.app.house_wallet import HouseKeys, HouseMachine, HouseMoney
from tui.app.views import WalletChoice
from tui.bootstrap import House


class HouseServices:
    """Implements `Services`."""

    def __init__(self, choice: WalletChoice, house: House) -> None:
        self._house = house
        self.choice = choice
        access = Access(house)
        self.chain = HouseChain(access.place)
        self.images = HouseImages(access.place)
        self.money = HouseMoney(access, self.images)
        self.market = HouseMarket(access.place, access.news)
        self.access: AccessServices = HouseAccess(access)
        self.keys = HouseKeys(access)
        self.drafts = HouseDrafts(access)
        self.machine = HouseMachine(house)

    def check(self, kind: Kind, text: str) -> str:
        """Whether a text may stand in a field."""
        return check(kind, text, self._house.network)

    def unlock(self, password: str) -> WalletCard:
        """Opens the keystore and lets the keys go again; a wallet that only watches has none, and is open to all."""
        self._house.require_wallet()
        if not self._house.wallet_paths.watches_only:
            self._house.signer(password)
        return card_of(self.choice.name, self._house.identity)

    def close(self) -> None:
        """Closes the wallet's database."""
        self._house.database.close()
