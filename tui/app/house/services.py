"""The services of one open wallet: each is a verb that the command line has as well."""

from assets.services.read_models.wallet_views import WalletCard
from tui.app.access_services import AccessServices
from tui.app.house.access import HouseAccess
from tui.app.house.chain import HouseChain
from tui.app.house.checks import check
from tui.app.house.deeds import HouseDrafts
from tui.app.house.images import HouseImages
from tui.app.house.market import HouseMarket
from tui.app.house.news import News
from tui.app.house.wallet import HouseKeys, HouseMachine, HouseMoney
from tui.app.kinds import Kind
from tui.app.views import WalletChoice
from tui.bootstrap import House
from tui.verbs.wallet.show import card
from tui.verbs.workplace import Workplace


class HouseServices:
    """Implements `Services`."""

    def __init__(self, choice: WalletChoice, house: House) -> None:
        self._house = house
        self.choice = choice
        self.news = News()
        self.place = place = Workplace(house=house, exact=True, note=self.news.heard, fell_out=self.news.fell_out)
        self.chain = HouseChain(place)
        self.images = HouseImages(place)
        self.money = HouseMoney(place, self.news, self.images)
        self.market = HouseMarket(place, self.news)
        self.access: AccessServices = HouseAccess(place)
        self.keys = HouseKeys(place)
        self.drafts = HouseDrafts(place)
        self.machine = HouseMachine(place)

    def check(self, kind: Kind, text: str) -> str:
        """Whether a text may stand in a field."""
        return check(kind, text, self._house.network)

    def unlock(self, password: str) -> WalletCard:
        """Opens the keystore and lets the keys go again; a wallet that only watches has none, and is open to all."""
        self._house.require_wallet()
        if not self._house.wallet_paths.watches_only:
            self._house.signer(password)
        return card(self.place)

    def close(self) -> None:
        """Closes the wallet's database."""
        self._house.database.close()
