"""Deeds for the app: what a person asks is prepared, signed and sent by the verbs that both front ends share."""

from collections.abc import Callable
from typing import Any

from assets.errors import GuardError, OfferError
from assets.services.read_models.wallet_views import SentView
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.deeds import Answer, Offered, prepare, prepare_with
from tui.verbs.files import whole_path
from tui.verbs.keys import Opening
from tui.verbs.market.choosing import WhichListing
from tui.verbs.prepared import Prepared, StaleDraftError
from tui.verbs.review import KeysFirst, LeftPsbt, Outcome
from tui.verbs.workplace import Workplace
from wallet.errors import StateError


class HouseDrafts:
    """Implements `DraftServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def draft(self, request: DeedRequest) -> Offered:
        """What would be signed, guarded and complete. Nothing is written but names that were typed."""
        return _named(prepare(request, self._place))

    def opened(self, asked: KeysFirst, password: str) -> Offered:
        """What would be signed, once the keys have said what only they know. They are forgotten at once."""
        return _named(prepare_with(asked, self._place, Opening(self._place.house, lambda: password)))

    def send(self, prepared: Prepared[Any], password: str, told: Callable[[SentView], None]) -> Outcome[Any]:
        """Signs and sends what was reviewed, and nothing else."""
        try:
            outcome = prepared.finish(self._place, Opening(self._place.house, lambda: password), told)
        except (GuardError, OfferError) as error:
            raise StaleDraftError(f"it would no longer do what was shown: {error}", hint=error.advice) from error
        except StateError as error:
            raise StaleDraftError(str(error), hint=error.advice) from error
        self._place.know_lots()
        return outcome

    def leave(self, prepared: Prepared[Any], file: str) -> LeftPsbt:
        """Leaves what was reviewed for a cold key, and nothing else."""
        path = whole_path(file) if file.strip() else None
        try:
            return prepared.leave(self._place, path)
        except (GuardError, StateError) as error:
            raise StaleDraftError(str(error), hint=error.advice) from error


def _named(answer: Answer) -> Offered:
    """What a screen can show; it names the listing that it means. Raises StateError where it did not."""
    if isinstance(answer, WhichListing):
        raise answer.refusal
    return answer
