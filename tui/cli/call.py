"""One run of one command: what was typed, the terminal, and the house that it may ask for things."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui import log
from tui.bootstrap import House
from tui.cli.progress import Progress
from tui.cli.terminal import Terminal
from tui.paths import Paths
from tui.settings import Settings, load
from tui.sweeping import sweep_home

if TYPE_CHECKING:
    from assets.services.wallets.session import Session

HouseFactory = Callable[[Settings, Paths], House]


class Call:
    """What a command works with beside its own arguments."""

    def __init__(self, house: House, terminal: Terminal, *, as_json: bool, again: bool = False) -> None:
        self.house = house
        self.terminal = terminal
        self.as_json = as_json
        self._again = again
        self._session: Session | None = None

    @classmethod
    def opened(cls, shared: Mapping[str, Any], build: HouseFactory) -> "Call":
        """What killed runs left is removed, settings are merged, the log is started; nothing else is touched.

        Raises EncodingError for settings that are not right.
        """
        paths = Paths.of(os.environ)
        sweep_home(paths)
        flags = {key: shared.get(key) for key in ("network", "wallet", "node_url", "node_cookie")}
        settings = load(flags, os.environ, paths.settings_file)
        log.start(paths.log_file)
        house, again = build(settings, paths), bool(shared.get("again"))
        return cls(house, Terminal(), as_json=bool(shared.get("as_json")), again=again)

    @property
    def settings(self) -> Settings:
        """What the user chose."""
        return self.house.settings

    def session(self) -> "Session":
        """Wallet and node together. What was signed and never arrived is sent again, and said so."""
        from assets.services.spending.settling import settle
        from wallet.hashes import display
        from wallet.rebroadcast import Outcome
        from wallet.store.offers import OfferKind, OfferState

        searching = self.progress("searching the chain for this wallet")
        session = self.house.session(lambda share: searching(int(share * 100), 100))
        signed = {} if self._session is None else self._session.signed
        self._session = session = replace(session, again=self._again, signed=signed)
        for outcome in settle(session):
            if outcome.outcome is Outcome.SENT:
                own = session.journal.entry(outcome.txid) is not None
                why = "was signed before and had not arrived" if own else "touches this wallet and had fallen out"
                self.note(f"sent again: {display(outcome.txid)}, which {why}")
            elif outcome.outcome is Outcome.KEPT:
                self.note(f"still kept, and not yet sent: {display(outcome.txid)}: {outcome.reason}")
            elif outcome.outcome is Outcome.REFUSED:
                self.note(f"the node refuses {display(outcome.txid)}, which was signed before: {outcome.reason}")
            elif outcome.outcome in (Outcome.LOST, Outcome.CONFLICTED):
                self.note(f"{display(outcome.txid)} is void: {outcome.outcome}, or it was built on one that is void")
        if session.offers is not None and session.offers.entries(OfferKind.BID, state=OfferState.OPEN):
            from assets.services.market.own_bids import expire

            for note in expire(session):
                self.note(note)
        return session

    def broken_off(self, error: BaseException) -> BaseException:
        """The error to tell where `error` came after this command signed something: that stands, and is named."""
        from assets.services.spending.signing import broken_off

        return error if self._session is None else broken_off(error, self._session)

    def progress(self, what: str) -> Progress:
        """A progress display on standard error for work that may take long; use it in a `with`."""
        return Progress(what, self.terminal)

    def note(self, text: str) -> None:
        """Tells something that is not the answer."""
        self.terminal.note(text)
