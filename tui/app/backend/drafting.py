"""From what a person asks to what is sent: drafts are made by the services, shown, and signed only as they were shown.

Between showing and signing the world moves: a coin is spent elsewhere, the fee estimate jumps, the chain is
reorganised. Then the draft is refused with the reason, and whoever asked makes a new one.
"""

from collections.abc import Callable
from dataclasses import replace

from assets.errors import GuardError, OfferError
from assets.services.read_models.wallet_views import SentView
from assets.services.spending.bumping import draft_bump
from assets.services.spending.cancelling import draft_cancel
from assets.services.spending.drafts import FEE_TARGET, Draft, view_of
from assets.services.spending.paying import draft_payment, draft_sweep
from assets.services.spending.signing import broken_off
from assets.services.wallets.session import Session
from tui.app.access_asks import Seal, SendSigned
from tui.app.access_views import LeftPsbt
from tui.app.asks import Ask, Bump, CancelIssue, Define, Grant, HandOver, Issue, Release, Revoke, Send
from tui.app.backend.access import Access
from tui.app.backend.access_seals import prepare_seal
from tui.app.backend.cold import leave, prepare_returned
from tui.app.backend.image_drafts import (
    Ready,
    prepare_define,
    prepare_grant,
    prepare_handover,
    prepare_issue,
    prepare_release,
    prepare_revoke,
)
from tui.app.backend.market_drafts import MarketDrafts
from tui.app.backend.opening import Opening
from tui.app.backend.prepared import Finished, Prepared, Shown, one_by_one
from tui.app.services import StaleDraftError
from tui.app.views import Outcome, Review
from wallet.errors import AlreadySignedError, FeeError, StateError, WalletError
from wallet.fees import FeeRate
from wallet.hashes import display, parse_txid

MOVED = 2
"""A fee estimate that rose or fell by this factor since a draft was shown makes the draft stale."""


_MAY_WAIT = (Send, Release, Revoke, HandOver, Define, Grant)
"""What may be left for a cold key, as on the command line."""


class HouseDrafts:
    """Implements `DraftServices`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._market = MarketDrafts(access)

    def draft(self, ask: Ask) -> Review:
        """What would be signed, guarded and complete. Nothing is written but names that were typed."""
        self._access.know_lots()
        with self._access.session() as session:
            tip = session.source.tip()
            estimate = None if self._access.rate(ask.rate) is not None else _estimate(session)
            ready, twice = self._drafted(ask, session)
            shown = ready if isinstance(ready, Shown) else Shown(drafts=ready[0], finish=ready[1])
            prepared = Prepared(
                drafts=shown.drafts, finish=shown.finish, tip=tip, estimate=None if shown.fee_is_set else estimate
            )
            return Review(
                ask=ask,
                drafts=tuple(view_of(one, session) for one in shown.drafts),
                heading=shown.heading,
                facts=shown.facts,
                warnings=shown.warnings,
                deed=shown.deed or "Sign and send",
                needs_keys=shown.needs_keys,
                signed=shown.signed,
                may_wait=isinstance(ask, _MAY_WAIT) and len(shown.drafts) == 1,
                twice=twice,
                handle=prepared,
            )

    def opened(self, review: Review, password: str) -> Review:
        """What would be signed, once the keys have said what only they know. They are forgotten at once."""
        self._market.learn(review.ask, self._access.house.signer(password))
        return self.draft(review.ask)

    def send(self, review: Review, password: str, told: Callable[[SentView], None]) -> Outcome:
        """Signs and sends what was reviewed, and nothing else."""
        prepared = review.handle
        assert isinstance(prepared, Prepared), "a review comes from `draft`"
        sent: list[SentView] = []

        def done(draft: Draft) -> None:
            fee, vsize = draft.unsigned.fee, draft.unsigned.vsize
            view = SentView(kind=draft.about.kind, txid=display(draft.txid), fee=fee, vsize=vsize)
            sent.append(view)
            told(view)

        with self._access.session() as session:
            self._require_fresh(prepared, session)
            before, exact = frozenset(session.signed), replace(session, exact=True)
            try:
                ended = prepared.finish(Opening(self._access.house, password), exact, done)
            except Exception as error:
                if (broken := broken_off(error, session, earlier=before)) is not error:
                    raise broken from error
                if isinstance(error, GuardError | OfferError):
                    raise StaleDraftError(f"it would no longer do what was shown: {error}", hint=error.hint) from error
                if isinstance(error, StateError):
                    raise StaleDraftError(str(error), hint=error.hint) from error
                raise
        finished = ended if isinstance(ended, Finished) else Finished(notes=ended)
        return Outcome(sent=tuple(sent), notes=finished.notes, papers=finished.papers)

    def leave(self, review: Review, file: str) -> LeftPsbt:
        """Leaves what was reviewed for a cold key, and nothing else."""
        prepared = review.handle
        assert isinstance(prepared, Prepared), "a review comes from `draft`"
        with self._access.session() as session:
            self._require_fresh(prepared, session)
            try:
                return leave(prepared.drafts, session, file)
            except (GuardError, StateError) as error:
                raise StaleDraftError(str(error), hint=error.hint) from error

    def _drafted(self, ask: Ask, session: Session) -> tuple[Ready | Shown, str]:
        """What would be signed; and where the same is signed already, that it would be a second time."""
        try:
            return self._prepared(ask, session), ""
        except AlreadySignedError as twin:
            try:
                return self._prepared(ask, replace(session, again=True)), str(twin)
            except WalletError:
                raise twin from None

    def _prepared(self, ask: Ask, session: Session) -> Ready | Shown:
        access = self._access
        match ask:
            case Issue():
                return prepare_issue(ask, session, access)
            case Release():
                return prepare_release(ask, session, access)
            case Revoke():
                return prepare_revoke(ask, session, access)
            case HandOver():
                return prepare_handover(ask, session, access)
            case Define():
                return prepare_define(ask, session, access)
            case Grant():
                return prepare_grant(ask, session, access)
            case Seal():
                return prepare_seal(ask, session, access)
            case SendSigned():
                return prepare_returned(ask, session)
            case Send() | Bump() | CancelIssue():
                drafts = (self._alone(ask, session),)
                return drafts, one_by_one(drafts)
            case _:
                return self._market.prepared(ask, session)

    def _alone(self, ask: Send | Bump | CancelIssue, session: Session) -> Draft:
        """A draft that stands alone."""
        rate = self._access.rate(ask.rate)
        match ask:
            case Send(everything=True):
                return draft_sweep(session, ask.to, rate=rate)
            case Send():
                return draft_payment(session, ask.to, ask.amount.strip() or None, rate=rate)
            case Bump():
                usual = self._access.house.settings.fee_rate
                return draft_bump(parse_txid(ask.txid), session, rate=ask.rate.strip() or None, usual=usual)
            case CancelIssue():
                return draft_cancel(session, rate=rate)

    def _require_fresh(self, prepared: Prepared, session: Session) -> None:
        """The block on which the draft was made still stands, and the fee is still about right."""
        tip = prepared.tip
        if self._access.house.node.block_hash(tip.height) != tip.hash:
            raise StaleDraftError("the chain was reorganised since this draft was made", hint="nothing was signed")
        if prepared.estimate is None:
            return
        now = _estimate(session)
        if now is not None and _moved(prepared.estimate, now):
            raise StaleDraftError(
                f"the usual fee rate went from {prepared.estimate} to {now} since this draft was made",
                hint="nothing was signed",
            )


def _estimate(session: Session) -> FeeRate | None:
    try:
        return session.source.fee_estimate(FEE_TARGET).rate
    except FeeError:
        return None


def _moved(before: FeeRate, now: FeeRate) -> bool:
    low, high = sorted((before.sats_per_kvb, now.sats_per_kvb))
    return high >= MOVED * low
