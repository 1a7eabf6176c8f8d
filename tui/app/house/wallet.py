"""The services of an open wallet's money, keys and settings, each one a verb of both front ends."""

from pathlib import Path

from assets.services.read_models.trace_views import TraceView
from assets.services.read_models.transaction_views import OverviewView, TransactionView
from assets.services.read_models.wallet_views import BalanceView, CoinsView, HistoryView, MessageView, ReceiveView
from tui.app.house.images import HouseImages
from tui.app.house.news import News
from tui.app.views import SettingsView
from tui.settings_file import value_of
from tui.verbs import settings
from tui.verbs.files import whole_path
from tui.verbs.glance import glance
from tui.verbs.image.pin import pins
from tui.verbs.keys import Opening
from tui.verbs.settings import LogView
from tui.verbs.wallet import keep, label, messages, money, sign_psbt
from tui.verbs.wallet.requests import GivenPsbt, ReceiveBitcoin, ReceiveUnits
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft
from tui.verbs.workplace import Workplace
from wallet.advice import Prose
from wallet.hashes import parse_outpoint, parse_txid


class HouseMoney:
    """Implements `MoneyServices`."""

    def __init__(self, place: Workplace, news: News, images: HouseImages) -> None:
        self._place = place
        self._news = news
        self._images = images

    def overview(self) -> OverviewView:
        """The wallet at a glance."""
        return glance(self._images.repositories().repositories, self._news.fallen(self._place), self._place)

    def balance(self) -> BalanceView:
        """Sums of what the wallet holds."""
        return money.balance(self._place)

    def coins(self) -> CoinsView:
        """Every coin."""
        return money.coins(self._place)

    def label_coin(self, outpoint: str, text: str) -> None:
        """Writes on a coin what it is; an empty label is taken off."""
        label.put_or_take_off(outpoint, text, self._place)

    def freeze_coin(self, outpoint: str, *, frozen: bool, risk: str = "") -> None:
        """Keeps a coin out of every payment, or lets it in again at the risk that was accepted."""
        coin = parse_outpoint(outpoint)
        if frozen:
            money.freeze((coin,), self._place)
        else:
            money.unfreeze({coin: risk}, self._place)

    def history(self) -> HistoryView:
        """The wallet's transactions."""
        return money.history(self._place)

    def transaction(self, txid: str) -> TransactionView:
        """One transaction."""
        return money.transaction(parse_txid(txid), self._place)

    def trace(self, outpoint: str) -> TraceView:
        """Where the units on a coin come from."""
        return money.trace(outpoint, self._place)

    def receive(self, request: ReceiveBitcoin | ReceiveUnits) -> ReceiveView:
        """A new address."""
        return money.receive(request, self._place)


class HouseKeys:
    """Implements `KeyServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def backup(self, file: str) -> str:
        """Writes the wallet into a new file."""
        return keep.back_up(whole_path(file), self._place).file

    def renew_password(self, old: str, new: str, *, keep_old: bool) -> None:
        """Seals the keystore under another password."""
        keep.change_password(old, new, self._place, keep_old=keep_old)

    def own_address(self, address: str) -> str:
        """The path of the key behind an address of this wallet."""
        return messages.own_address(address, self._place)

    def sign_message(self, address: str, message: str, password: str) -> str:
        """A signature over exactly this text."""
        return messages.sign(address, message, self._place, self._keys(password))

    def judge_message(self, address: str, message: str, signature: str) -> MessageView:
        """Whether the holder of an address signed a text."""
        return messages.judge(address, message, signature)

    def look(self, given: GivenPsbt) -> LookedAt:
        """What a PSBT would do."""
        return sign_psbt.look(given, self._place)

    def sign_psbt(self, given: GivenPsbt, seen: LookedAt, password: str) -> SignedPsbt:
        """Signs the PSBT that was looked at."""
        return sign_psbt.sign(given, seen, self._place, self._keys(password))

    def write_psbt(self, psbt: str, file: str) -> str:
        """Writes a PSBT into a new file."""
        return sign_psbt.write(psbt, whole_path(file))

    def waiting(self) -> tuple[WaitingDraft, ...]:
        """The drafts that wait for a cold key."""
        return sign_psbt.waiting(self._place)

    def discard(self, txid: str) -> None:
        """Gives a waiting draft up."""
        sign_psbt.discard(txid, self._place)

    def _keys(self, password: str) -> Opening:
        return Opening(self._place.house, lambda: password)


class HouseMachine:
    """Implements `MachineServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def settings(self) -> SettingsView:
        """What is set, where that comes from, and what is pinned."""
        house = self._place.house
        lines = settings.settings_of(house.settings)
        return SettingsView(file=str(house.paths.settings_file), settings=lines, pins=pins(self._place))

    def set_setting(self, key: str, value: str) -> tuple[Prose, ...]:
        """Changes one line of the settings file; what a person should know of it."""
        return settings.change({key: value_of(key, value) if value else None}, self._place.house.paths)

    def log(self) -> LogView:
        """The end of the log file."""
        return settings.log_of(Path(self._place.house.paths.log_file))
