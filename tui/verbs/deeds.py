"""The deed behind each request, for whoever has a request and does not know its verb: the app."""

from collections.abc import Callable, Mapping
from typing import Any

from tui.verbs.access import grant, login
from tui.verbs.access.requests import Grant, Login
from tui.verbs.image import define, issue, release, revoke, seal, transfer
from tui.verbs.image.issue import RivalHeld
from tui.verbs.image.release import WhichDigest
from tui.verbs.image.requests import Define, HandOver, Issue, RecordSeal, Release, Revoke
from tui.verbs.keys import Keys
from tui.verbs.market import accept, buy, cancel, export_shop, hand_secret, rebid, sell, speed_up, take_secret
from tui.verbs.market.choosing import WhichListing
from tui.verbs.market.requests import (
    Accept,
    Buy,
    ExportShop,
    HandSecret,
    Rebid,
    Recall,
    Sell,
    SpeedUp,
    TakeBack,
    TakeSecret,
    Withdraw,
)
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from tui.verbs.wallet import bump, cancel_issue, send, send_signed
from tui.verbs.wallet.requests import Bump, CancelIssue, Send, SendSigned
from tui.verbs.workplace import Workplace

Offered = Prepared[Any] | KeysFirst | RivalHeld | WhichDigest
"""What has a review: what a deed is prepared to, or a question about it."""

Answer = Offered | WhichListing
"""What a deed is prepared to, or what has to be answered first."""

Prepare = Callable[[Any, Workplace], Answer]

DEEDS: Mapping[type, Prepare] = {
    Send: send.prepare,
    Bump: bump.prepare,
    CancelIssue: cancel_issue.prepare,
    SendSigned: send_signed.prepare,
    Issue: issue.prepare,
    Release: release.prepare,
    RecordSeal: seal.prepare,
    Revoke: revoke.prepare,
    Define: define.prepare,
    HandOver: transfer.prepare,
    Grant: grant.prepare,
    Sell: sell.prepare,
    Buy: buy.prepare,
    Rebid: rebid.prepare,
    Accept: accept.prepare,
    SpeedUp: speed_up.prepare,
    TakeBack: cancel.prepare,
    Withdraw: cancel.prepare,
    Recall: cancel.prepare,
    ExportShop: export_shop.prepare,
    HandSecret: hand_secret.prepare,
    TakeSecret: take_secret.prepare,
    Login: login.prepare,
}
"""Everything that signs, by what a person asks."""

WITH_KEYS: Mapping[type, Callable[[Any, Workplace, Keys], object]] = {Sell: sell.with_keys}
"""What answers `KeysFirst`: the same request with what only the keys know."""


def prepare(request: object, place: Workplace) -> Answer:
    """What would be done."""
    return DEEDS[type(request)](request, place)


def prepare_with(asked: KeysFirst, place: Workplace, keys: Keys) -> Answer:
    """What would be done, once the keys have said what only they know."""
    return prepare(WITH_KEYS[type(asked.request)](asked.request, place, keys), place)
