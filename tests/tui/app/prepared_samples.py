"""Deeds that are prepared without a chain: what a screen shows of them, and nothing behind it."""

from dataclasses import replace
from typing import Any, cast

from assets.services.read_models.wallet_views import DraftView
from tui.verbs.prepared import Ended, Prepared, Ready
from tui.verbs.review import Review


def prepared_of(request: object, *drafts: DraftView, **said: Any) -> Prepared[None]:
    """A request with the drafts that it would end in, and what is said beside them."""
    return Prepared(
        request=request,
        review=Review(drafts=drafts, **said),
        ready=Ready(ending=lambda keys, now, done: Ended(result=None)),
        tip=cast("Any", None),
        estimate=None,
    )


def said_otherwise(prepared: object, **said: Any) -> Prepared[None]:
    """The same, with something else in its review."""
    assert isinstance(prepared, Prepared)
    return replace(prepared, review=replace(prepared.review, **said))
