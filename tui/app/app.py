"""The application: which wallet is open, where a person is in it, and what all screens share.

Screens do their own work; what concerns more than one of them comes here as a message.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePath
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import Screen

from assets.services.read_models.wallet_views import WalletCard
from tui.app.commands import COMMANDS, DIALOG, EVERYWHERE, bindings
from tui.app.dialogs.help import HelpDialog
from tui.app.dialogs.review import SEND, ReviewDialog
from tui.app.dialogs.trouble import TroubleDialog
from tui.app.dialogs.unfinished import Unfinished
from tui.app.following import POLL_JOB, SYNC, Following
from tui.app.messages import (
    Banner,
    Broke,
    ChainSeen,
    NewWalletWanted,
    NodeLost,
    OffersWanted,
    Opened,
    Progressed,
    Refused,
    ReviewWanted,
    Spent,
    Synced,
    Trouble,
    Unlocked,
    WalletMade,
)
from tui.app.places import FIRST, places
from tui.app.screens.first_run import FirstRun
from tui.app.screens.market import MarketScreen
from tui.app.screens.page import Page
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.services import Lobby, Services
from tui.app.status import Status
from tui.app.text import shown, told
from tui.app.theme import DARK, THEMES, other
from tui.app.underway import Underway
from tui.app.views import WalletChoice
from tui.app.widgets.frame import NavBar
from tui.app.widgets.work import Working
from tui.verbs.review import Outcome
from wallet.errors import WalletError

_log = logging.getLogger(__name__)

POLL = 3.0
"""Seconds between two looks at the node's tip."""

IDLE_LOCK = 600.0
"""Seconds without a key or the mouse after which the app locks itself, unless the settings say otherwise."""

_GATE = "gate"
"""The mode before a wallet is open, and while it is locked."""


class DockchainsApp(App[None]):
    """The terminal app."""

    TITLE: str | None = "Dockchains"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(EVERYWHERE)]

    status: reactive[Status] = reactive(Status(), init=False)

    def __init__(
        self,
        lobby: Lobby,
        *,
        poll: float = POLL,
        idle_lock: float = IDLE_LOCK,
        clock: Callable[[], float] = time.monotonic,
        signals: Iterable[signal.Signals] = (),
    ) -> None:
        """`signals` are those by which the system asks the app to end; there is nobody to be asked then."""
        super().__init__()
        self.underway = Underway()
        self._signals = tuple(signals)
        self._asking = False
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, DARK.name)
        self.lobby = lobby
        self.following: Following | None = None
        self._poll = poll
        self._idle_lock = idle_lock
        self._clock = clock
        self._touched = clock()
        self._places: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Timers, and the first screen."""
        self.add_mode(_GATE, Screen)
        self.set_interval(self._poll, self._look_at_chain)
        self.set_interval(min(5.0, self._idle_lock), self._lock_if_idle)
        for one in self._signals:
            asyncio.get_running_loop().add_signal_handler(one, self._end_by_signal)
        self._open_gate()

    async def on_event(self, event: events.Event) -> None:
        """Every key and every click shows that somebody is there."""
        if isinstance(event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp):
            self._touched = self._clock()
            if not self._asking:
                self.underway.seen()
        await super().on_event(event)

    def _fatal_error(self) -> None:
        """A bug outside of all workers ends the app with a sentence, and goes to the log.

        Textual's own report prints the values of variables, and a password can be among them.
        """
        _log.exception("the app broke off")
        error = f": {type(self._exception).__name__}" if self._exception is not None else ""
        self._exit_renderables.append(Text(f"dockchains: this is a bug in the program{error}"))
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the commands of this place, then those of everywhere."""
        here = _place_of(screen)
        for one in COMMANDS:
            if one.place == here or (one.place == EVERYWHERE and (self.services or one.name in ("help", "quit"))):
                action = one.action
                yield SystemCommand(one.label, one.help, lambda action=action: self._run_command(screen, action))

    @property
    def services(self) -> Services | None:
        """Those of the open wallet."""
        return self.following.services if self.following is not None else None

    def watch_status(self, status: Status) -> None:
        """All screens of the wallet show the same."""
        for page in self._pages():
            page.status = status

    # Where a person is

    def action_go(self, place: str) -> None:
        """To a place."""
        if self.services is not None and place in self._places:
            self.switch_mode(place)
            page = self.screen
            if isinstance(page, Page):
                page.status = self.status

    def action_step(self, direction: int) -> None:
        """To the next place, or the one before."""
        if self.services is not None and self.current_mode in self._places:
            at = self._places.index(self.current_mode)
            self.action_go(self._places[(at + direction) % len(self._places)])

    @on(NavBar.Wanted)
    def _place_wanted(self, message: NavBar.Wanted) -> None:
        self.action_go(message.place)

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        if self.services is None:
            return
        page: Page = (
            RepositoryScreen(self.services, message.genesis)
            if message.genesis
            else TransactionScreen(self.services, message.txid)
        )
        page.set_reactive(Page.status, self.status)
        self.push_screen(page)

    @on(OffersWanted)
    def _offers_wanted(self, message: OffersWanted) -> None:
        self.action_go("market")
        self.call_later(self._look_for_offers, message.genesis, message.repository)

    def _look_for_offers(self, genesis: str, repository: str) -> None:
        """Forms over the market are left behind."""
        page = next((one for one in self.screen_stack if isinstance(one, MarketScreen)), None)
        if page is not None:
            while self.screen is not page:
                self.pop_screen()
            page.look_at(genesis, repository)

    def action_help(self) -> None:
        """All keys; the same key closes them again."""
        if isinstance(self.screen, HelpDialog):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpDialog(_places_of(self.screen)))

    def action_toggle_theme(self) -> None:
        """Light or dark."""
        self.theme = other(self.theme)

    # Leaving

    async def action_quit(self) -> None:
        """Ends the app; while something is being signed or sent it asks first."""
        self._unless_sending("Leave", lambda: self.exit(message=shown(self.underway.words, limit=4_000) or None))

    def _end_by_signal(self) -> None:
        """The terminal was closed, or the system ends: what is being signed or sent comes to its end before."""
        if self._is_sending():
            self.set_timer(0.1, self._end_by_signal)
        else:
            self.exit()

    def _unless_sending(self, deed: str, go: Callable[[], object]) -> None:
        """Does it at once, or asks where something is being signed or sent; then it is done after the answer."""

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            self._asking = False
            if yes:
                go()

        if not self._is_sending():
            go()
        elif not self._asking:
            self._asking = True
            self.push_screen(Unfinished(self.underway, self._is_sending, deed), answered)

    # Wallets

    def action_wallets(self) -> None:
        """Closes this wallet and offers all of them."""
        self._unless_sending("Close the wallet", lambda: self._leave(""))

    def action_lock(self) -> None:
        """Hides everything until the password is given."""
        self._unless_sending("Lock", lambda: self._leave("locked"))

    @on(WalletMade)
    def _wallet_made(self, message: WalletMade) -> None:
        self._open_gate(first=message.choice)

    @on(NewWalletWanted)
    def _new_wallet_wanted(self) -> None:
        self.push_screen(FirstRun(self.lobby, may_leave=True))

    @on(Unlocked)
    def _unlocked(self, message: Unlocked) -> None:
        choice = message.services.choice
        self.following = Following(message.services, self)
        self.status = Status(wallet=choice.name, network=choice.network)
        self._add_places(message.services, message.card)
        self.action_go(FIRST)
        self._look_at_chain()

    def _add_places(self, services: Services, card: WalletCard) -> None:
        made = places(services, card)
        for place, make in made.items():
            self.add_mode(place, make)
        self._places = tuple(made)

    def _leave(self, why: str) -> None:
        """Closes the wallet's screens, with whatever was typed into them, and goes to the gate."""
        if self.following is None or self._is_sending():
            return
        said = self.underway.words
        self.underway.seen()
        why = f"{why}; {shown(said, limit=4_000)}" if why and said else why
        following, self.following = self.following, None
        following.stop()
        choice = following.services.choice
        self._open_gate(first=choice if why else None, why=why)
        for place in self._places:
            self.remove_mode(place)
        self._places = ()
        self.status = Status()
        self.run_worker(following.services.close, thread=True, exit_on_error=False, group="close")

    def _open_gate(self, *, first: WalletChoice | None = None, why: str = "") -> None:
        """The screen before a wallet is open."""
        self.switch_mode(_GATE)

        def read() -> None:
            try:
                wallets = self.lobby.wallets()
            except (WalletError, OSError) as error:
                _log.warning("the wallets cannot be listed: %s", error)
                self.call_from_thread(self._show_gate, (), "", f"the wallets cannot be listed: {told(error)}")
                return
            ordered = sorted(wallets, key=lambda one: one != first)
            self.call_from_thread(self._show_gate, tuple(ordered), why)

        self.run_worker(read, thread=True, exclusive=True, group=_GATE, exit_on_error=False)

    def _show_gate(self, wallets: tuple[WalletChoice, ...], why: str, trouble: str = "") -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if trouble:
            self.push_screen(TroubleDialog(trouble, heading="Nothing can be opened"), lambda _: self._open_gate())
        elif wallets:
            self.push_screen(UnlockScreen(self.lobby, wallets, why))
        else:
            self.push_screen(FirstRun(self.lobby, may_leave=False))

    def _lock_if_idle(self) -> None:
        if self.following is not None and self._clock() - self._touched >= self._idle_lock:
            self._leave("locked, since nobody was here")

    def _is_sending(self) -> bool:
        return self.underway.is_busy or any(one.group == SEND and not one.is_finished for one in self.workers)

    # Chain

    def _look_at_chain(self) -> None:
        if self.following is not None:
            self.run_worker(self.following.poll, thread=True, exit_on_error=False, group="poll")

    def action_sync(self) -> None:
        """Brings the index to the tip now."""
        if self.following is not None:
            self.run_worker(self.following.sync, thread=True, exit_on_error=False, group=SYNC)

    def action_cancel_work(self) -> None:
        """Ends early what the screen does, and a sync."""
        if isinstance(self.screen, Page):
            self.screen.cancel()
        if self.following is not None:
            self.following.stop()

    @on(ChainSeen)
    def _chain_seen(self, message: ChainSeen) -> None:
        if self.following is None or message.services is not self.services:
            return
        status = replace(self.status, chain=message.chain).with_banner(Trouble.NODE, "").with_banner(Trouble.BUG, "")
        came_back = status.banners != self.status.banners
        self.status = status
        if self.following.is_new(message.chain.tip) or came_back:
            self.action_sync()

    @on(NodeLost)
    def _node_lost(self, message: NodeLost) -> None:
        if message.services is self.services:
            self.status = self.status.with_banner(Trouble.NODE, shown(message.text, limit=400))

    @on(Progressed)
    def _progressed(self, message: Progressed) -> None:
        if self.following is not None:
            self.status = replace(self.status, progress=message.progress)

    @on(Synced)
    def _synced(self, message: Synced) -> None:
        if message.services is not self.services:
            return
        report = message.report
        self.status = replace(self.status, progress=None).with_banner(Trouble.REFUSED, "")
        for one in report.fell_out:
            text = f"the chain was reorganised: {one.what} of {one.name} is in no block now"
            self.notify(shown(text), severity="warning", markup=False, timeout=30)
        self._look_at_chain()
        self._outdate()

    @on(Broke)
    def _broke(self, message: Broke) -> None:
        self.push_screen(TroubleDialog(message.text))

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        """Work of the app itself failed. What is refused, such as by a busy index, is tried again by the next poll."""
        self.status = replace(self.status, progress=None)
        if message.trouble is Trouble.BUG and message.job == POLL_JOB:
            self.status = self.status.with_banner(Trouble.BUG, shown(message.text, limit=400))
        elif message.trouble is Trouble.BUG:
            self.post_message(Broke(message.text))
        elif message.trouble is Trouble.STOPPED:
            self.notify(shown(message.text), markup=False)
        else:
            self.status = self.status.with_banner(message.trouble, shown(message.text, limit=400))
            if self.following is not None:
                self.following.forget()

    @on(Banner)
    def _banner(self, message: Banner) -> None:
        self.status = self.status.with_banner(message.about, message.text)

    # Spending

    @on(ReviewWanted)
    def _review_wanted(self, message: ReviewWanted) -> None:
        if self.services is None:
            return
        form = self.screen

        def ended(outcome: Outcome[Any] | None) -> None:
            if outcome is None:
                return
            if isinstance(form, Page) and form.is_attached:
                form.ended(outcome)
            self._outdate()
            self._look_at_chain()

        self.push_screen(ReviewDialog(self.services, message.offered), ended)

    @on(Spent)
    def _spent(self) -> None:
        self._outdate()

    def _outdate(self) -> None:
        for page in self._pages():
            page.outdated()

    def _pages(self) -> Iterable[Page]:
        stacks = self._screen_stacks.values()
        return tuple(screen for stack in stacks for screen in stack if isinstance(screen, Page))

    async def _run_command(self, screen: Screen[object], action: str) -> None:
        await self.run_action(action, None if action.startswith("app.") else screen)


def _place_of(screen: Screen[object]) -> str:
    """Under which name a screen's own commands stand in the list."""
    return screen.keys if isinstance(screen, Working) else EVERYWHERE


def _places_of(screen: Screen[object]) -> tuple[str, ...]:
    """The names of all whose keys a screen has: its own, then those of what it is built on."""
    if not isinstance(screen, Working):
        return (DIALOG,)
    names = (kind.__dict__.get("keys", EVERYWHERE) for kind in type(screen).__mro__)
    return tuple(dict.fromkeys(name for name in names if name != EVERYWHERE))
