"""What a verb works with where it needs a wallet: a reading, and one session for all who use this wallet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from tui.verbs.progress import counted
from tui.verbs.reading import Reading

if TYPE_CHECKING:
    from assets.services.wallets.session import Session
    from wallet.rebroadcast import Rebroadcast


class _Shared:
    """The session of one wallet, and the lock under which one thread at a time uses it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.session: Session | None = None


@dataclass(frozen=True, kw_only=True)
class Workplace(Reading):
    """One wallet and one node, for many threads.

    `again` says that what was signed before, and was never told to be sent, may be done a second time; `exact` that
    what is signed spends the very coins that were shown, or nothing.
    """

    again: bool = False
    exact: bool = False
    _shared: _Shared = field(default_factory=_Shared, repr=False, compare=False)

    @contextmanager
    def session(self) -> "Iterator[Session]":
        """The session, for one thread at a time.

        It is opened when it is first needed, since the node may search the chain then; what was signed and never
        arrived is sent again, and said so.
        """
        shared = self._shared
        with shared.lock:
            if shared.session is None:
                self.house.require_wallet()
                searched = counted(self.report, "searching the chain for this wallet")
                shared.session = self.house.session(lambda share: searched(int(share * 100), 100))
                self.settle()
            yield replace(shared.session, again=self.again)

    def broken_off(self, error: BaseException) -> BaseException:
        """The error to tell where `error` came after something was signed here: that stands, and is named."""
        from assets.services.spending.signing import broken_off

        session = self._shared.session
        return error if session is None else broken_off(error, session)

    @contextmanager
    def session_if_any(self) -> "Iterator[Session | None]":
        """The session, where there is a wallet and it is clear which: looking at a repository needs none."""
        is_clear = self.settings.wallet is not None or len(self.house.paths.wallet_names(self.network.name)) == 1
        if not is_clear or not self.house.wallet_paths.exists:
            yield None
            return
        with self.session() as session:
            yield session

    def on(self, network: str) -> Self:
        """The same user on another network, with a session of its own."""
        return replace(super().on(network), _shared=_Shared())

    def settle(self) -> None:
        """Sends again what was signed and never arrived, notes what was confirmed, frees coins of bids that ended."""
        from assets.services.spending.settling import settle

        with self.session() as session:
            for outcome in settle(session):
                if (words := _words(outcome, session)) is not None:
                    self.note(words)
            self.expire_bids()

    def expire_bids(self) -> None:
        """Frees the coins of bids that ended, and notes what became of each."""
        from wallet.store.offers import OfferKind, OfferState

        with self.session() as session:
            if session.offers is not None and session.offers.entries(OfferKind.BID, state=OfferState.OPEN):
                from assets.services.market.own_bids import expire

                for note in expire(session):
                    self.note(note)

    def know_lots(self) -> None:
        """Begins anew where the wallet has come to know lots since: made here, found again, or made elsewhere."""
        shared = self._shared
        with shared.lock:
            session = shared.session
            if session is not None and dict(session.store.shop_keys()) != dict(session.account.lots):
                vars(self.house).pop("account", None)
                shared.session = None

    def rate(self, given: str | None) -> str | None:
        """The fee rate that was given, or set; None for the node's estimate."""
        return given or self.settings.fee_rate


def _words(outcome: "Rebroadcast", session: "Session") -> str | None:
    """What became of a transaction that was signed before, where a person should know."""
    from wallet.hashes import display
    from wallet.rebroadcast import Outcome

    txid, why = display(outcome.txid), outcome.reason
    match outcome.outcome:
        case Outcome.SENT:
            own = session.journal.entry(outcome.txid) is not None
            return f"sent again: {txid}, which " + (
                "was signed before and had not arrived" if own else "touches this wallet and had fallen out"
            )
        case Outcome.KEPT:
            return f"still kept, and not yet sent: {txid}: {why}"
        case Outcome.REFUSED:
            return f"the node refuses {txid}, which was signed before: {why}"
        case Outcome.LOST | Outcome.CONFLICTED:
            return f"{txid} is void: {outcome.outcome}, or it was built on one that is void"
        case _:
            return None
