"""A deed between being shown and being done: every verb that signs answers one.

Between showing and signing the world moves: a coin is spent elsewhere, the fee estimate jumps, the chain is
reorganised. Then it is refused with the reason, and whoever asked prepares it anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from tui.verbs.files import require_new
from tui.verbs.review import SIGN_AND_SEND, LeftPsbt, Outcome, Review, SignedPaper
from wallet.advice import Prose
from wallet.errors import AlreadySignedError, FeeError, StateError, WalletError

if TYPE_CHECKING:
    from assets.services.read_models.wallet_views import DraftView, SentView
    from assets.services.spending.drafts import Draft
    from assets.services.wallets.session import Session
    from tui.verbs.keys import Keys
    from tui.verbs.workplace import Workplace
    from wallet.chain.source import Tip
    from wallet.fees import FeeRate

R = TypeVar("R")

MOVED = 2
"""A fee estimate that rose or fell by this factor since a draft was shown makes the draft stale."""

Done = Callable[["Draft"], None]
"""Is told each draft that a node took, as it was sent."""


class StaleDraftError(StateError):
    """What a draft rests on has changed since it was shown. Nothing was signed; it has to be made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[R]):
    """What came of a deed beside its drafts; see `Outcome`. `sent` are transactions that were no drafts of ours."""

    result: R
    sent: tuple["SentView", ...] = ()
    notes: tuple[Prose, ...] = ()
    papers: tuple[SignedPaper, ...] = ()
    to_do: tuple[Prose, ...] = ()
    failure: WalletError | None = None


Ending = Callable[["Keys", "Session", Done], Ended[R]]
"""Signs, sends and does what belongs to it, in a session of its own; tells each draft that went out."""


def _nothing() -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Generic[R]):
    """What a verb made of a request: the drafts, how the deed ends, and what is said beside them; see `Review`.

    `others` are transactions that are sent as they are and are no drafts of this wallet. `leaving` does what has to be
    done before a draft is left for a cold key, and answers notes for a person.
    """

    drafts: "tuple[Draft, ...]" = ()
    others: "tuple[DraftView, ...]" = ()
    ending: Ending[R]
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Prose, ...] = ()
    deed: str = SIGN_AND_SEND
    fee_is_set: bool = False
    signed: bool = False
    may_wait: bool = False
    leaving: Callable[[], tuple[str, ...]] = _nothing
    details: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Generic[R]):
    """What was asked, what would be done, and the world in which that was found out.

    `estimate` is the node's fee rate then, None where the user set one. `twin` is the error of a deed that is signed
    already, where `review.twice` says so.
    """

    request: object
    review: Review
    ready: Ready[R] = field(repr=False, compare=False)
    tip: "Tip" = field(repr=False, compare=False)
    estimate: "FeeRate | None" = field(repr=False, compare=False)
    twin: AlreadySignedError | None = field(default=None, repr=False, compare=False)

    def finish(self, place: "Workplace", keys: "Keys", told: "Callable[[SentView], None]") -> Outcome[R]:
        """Signs and sends what was reviewed, and nothing else; `told` hears of each transaction that went out.

        Raises StaleDraftError where the world has moved, what signing raises where nothing was signed, and KeptError or
        UnfinishedError for anything that comes after a signature which stands.
        """
        from assets.services.read_models.wallet_views import SentView
        from assets.services.spending.signing import broken_off
        from wallet.hashes import display

        sent: list[SentView] = []

        def done(draft: "Draft") -> None:
            unsigned = draft.unsigned
            kind, txid = draft.about.kind, display(draft.txid)
            sent.append(SentView(kind=kind, txid=txid, fee=unsigned.fee, vsize=unsigned.vsize))
            told(sent[-1])

        with place.session() as session:
            self._require_fresh(session)
            before = frozenset(session.signed)
            now = replace(session, exact=place.exact, again=place.again or self.twin is not None)
            try:
                ended = self.ready.ending(keys, now, done)
            except (Exception, KeyboardInterrupt) as error:
                broken = broken_off(error, session, earlier=before)
                if broken is error:
                    raise
                raise broken from error
        return Outcome(
            result=ended.result,
            sent=(*sent, *ended.sent),
            notes=ended.notes,
            papers=ended.papers,
            to_do=ended.to_do,
            failure=ended.failure,
        )

    def leave(self, place: "Workplace", file: Path | None) -> LeftPsbt:
        """Leaves the one draft for a cold key, in a new file where one is named; its coins are reserved for it.

        Where it cannot be written, nothing is reserved. Raises StateError where there are several drafts, StoreError.
        """
        from assets.services.spending.cold_drafts import only_one
        from tui.verbs.leaving import leave

        only_one(self.ready.drafts)
        require_new(file)
        with place.session() as session:
            self._require_fresh(session)
            notes = self.ready.leaving()
            return replace(leave(self.ready.drafts, session, file), notes=notes)

    def _require_fresh(self, session: "Session") -> None:
        """The block on which it was prepared still stands, and the fee is still about right."""
        if session.source.block_hash(self.tip.height) != self.tip.hash:
            raise StaleDraftError("the chain was reorganised since this draft was made", hint="nothing was signed")
        now = None if self.estimate is None else estimated(session)
        if self.estimate is not None and now is not None and _moved(self.estimate, now):
            raise StaleDraftError(
                f"the usual fee rate went from {self.estimate} to {now} since this draft was made",
                hint="nothing was signed",
            )


def prepared(
    request: object, place: "Workplace", make: "Callable[[Session], Ready[R]]", *, rate: str | None = None
) -> Prepared[R]:
    """What `make` drafts in a session, to be looked at. `rate` is the fee rate that was asked for, if any.

    Where the same is signed already, it says so and is drafted a second time; a `place` that does things `again` asks
    nobody.
    """
    from assets.services.spending.drafts import view_of

    place.know_lots()
    with place.session() as session:
        tip = session.source.tip()
        estimate = None if place.rate(rate) is not None else estimated(session)
        ready, twin = _drafted(make, session)
        review = Review(
            drafts=(*(view_of(one, session) for one in ready.drafts), *ready.others),
            heading=ready.heading,
            facts=ready.facts,
            warnings=ready.warnings,
            deed=ready.deed,
            signed=ready.signed,
            may_wait=ready.may_wait and len(ready.drafts) == 1,
            twice="" if twin is None else str(twin),
            fee_is_set=ready.fee_is_set,
            details=ready.details,
        )
    return Prepared(
        request=request,
        review=review,
        ready=ready,
        tip=tip,
        estimate=None if ready.fee_is_set else estimate,
        twin=twin,
    )


def _drafted(make: "Callable[[Session], Ready[R]]", session: "Session") -> tuple[Ready[R], AlreadySignedError | None]:
    try:
        return make(session), None
    except AlreadySignedError as twin:
        try:
            return make(replace(session, again=True)), twin
        except WalletError:
            raise twin from None


def estimated(session: "Session") -> "FeeRate | None":
    """The node's fee rate, or None where it has none."""
    from assets.services.spending.drafts import FEE_TARGET

    try:
        return session.source.fee_estimate(FEE_TARGET).rate
    except FeeError:
        return None


def _moved(before: "FeeRate", now: "FeeRate") -> bool:
    low, high = sorted((before.sats_per_kvb, now.sats_per_kvb))
    return high >= MOVED * low
