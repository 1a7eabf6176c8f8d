"""From what a person asks in the app to what is sent, over the deeds that both front ends share."""

from collections.abc import Callable
from typing import Any

from assets.errors import GuardError, OfferError
from assets.services.read_models.wallet_views import SentView
from assets.services.spending.drafts import Draft
from assets.services.wallets.session import Session
from tui.app.access_asks import Seal, SendSigned
from tui.app.asks import Ask, Define, Grant, HandOver, Issue, Release, Revoke
from tui.app.backend.access import Access
from tui.app.backend.access_seals import prepare_seal
from tui.app.backend.cold import prepare_returned
from tui.app.backend.image_drafts import (
    Ready as Pair,
)
from tui.app.backend.image_drafts import (
    prepare_define,
    prepare_grant,
    prepare_handover,
    prepare_issue,
    prepare_release,
    prepare_revoke,
)
from tui.app.backend.market_drafts import MarketDrafts
from tui.app.backend.prepared import Finished, Shown
from tui.verbs.deeds import DEEDS, prepare
from tui.verbs.files import whole_path
from tui.verbs.keys import Keys, Opening
from tui.verbs.prepared import Done, Ended, Prepared, Ready, StaleDraftError, prepared
from tui.verbs.review import KeysFirst, LeftPsbt, Outcome
from wallet.errors import StateError
from wallet.hashes import display

_MAY_WAIT = (Release, Revoke, HandOver, Define, Grant)
"""What may be left for a cold key, as on the command line."""


class _KeysFirstError(Exception):
    """Nothing can be shown before the keys are open."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown.needs_keys)
        self.shown = shown


class HouseDrafts:
    """Implements `DraftServices`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._market = MarketDrafts(access)

    def draft(self, request: Ask) -> Prepared[Any] | KeysFirst:
        """What would be signed, guarded and complete. Nothing is written but names that were typed."""
        if type(request) in DEEDS:
            return prepare(request, self._access.place)

        def make(session: Session) -> Ready[None]:
            found = self._prepared(request, session)
            shown = found if isinstance(found, Shown) else Shown(drafts=found[0], finish=found[1])
            if shown.needs_keys:
                raise _KeysFirstError(shown)
            return _ready(shown, may_wait=isinstance(request, _MAY_WAIT))

        try:
            return prepared(request, self._access.place, make, rate=(request.rate or "").strip() or None)
        except _KeysFirstError as first:
            return KeysFirst(request=request, why=first.shown.needs_keys, deed=first.shown.deed)

    def opened(self, asked: KeysFirst, password: str) -> Prepared[Any] | KeysFirst:
        """What would be signed, once the keys have said what only they know. They are forgotten at once."""
        request: Any = asked.request
        self._market.learn(request, self._access.house.signer(password))
        return self.draft(request)

    def send(self, prepared: Prepared[Any], password: str, told: Callable[[SentView], None]) -> Outcome[Any]:
        """Signs and sends what was reviewed, and nothing else."""
        keys = Opening(self._access.house, lambda: password)

        def done(draft: Draft) -> None:
            fee, vsize = draft.unsigned.fee, draft.unsigned.vsize
            told(SentView(kind=draft.about.kind, txid=display(draft.txid), fee=fee, vsize=vsize))

        try:
            return prepared.finish(self._access.place, keys, done)
        except (GuardError, OfferError) as error:
            raise StaleDraftError(f"it would no longer do what was shown: {error}", hint=error.advice) from error
        except StateError as error:
            raise StaleDraftError(str(error), hint=error.advice) from error

    def leave(self, prepared: Prepared[Any], file: str) -> LeftPsbt:
        """Leaves what was reviewed for a cold key, and nothing else."""
        path = whole_path(file) if file.strip() else None
        try:
            return prepared.leave(self._access.place, path)
        except (GuardError, StateError) as error:
            raise StaleDraftError(str(error), hint=error.advice) from error

    def _prepared(self, ask: Any, session: Session) -> Pair | Shown:
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
            case _:
                return self._market.prepared(ask, session)


def _ready(shown: Shown, *, may_wait: bool) -> Ready[None]:
    def ending(keys: Keys, now: Session, done: Done) -> Ended[None]:
        ended = shown.finish(keys, now, done)
        finished = ended if isinstance(ended, Finished) else Finished(notes=ended)
        return Ended(result=None, notes=finished.notes, papers=finished.papers)

    return Ready(
        drafts=shown.drafts,
        ending=ending,
        heading=shown.heading,
        facts=shown.facts,
        warnings=shown.warnings,
        deed=shown.deed or "Sign and send",
        fee_is_set=shown.fee_is_set,
        signed=shown.signed,
        may_wait=may_wait,
    )
