"""The deed behind each request, for whoever has a request and does not know its verb: the app."""

from collections.abc import Callable, Mapping
from typing import Any

from tui.verbs.access import grant
from tui.verbs.access.requests import Grant
from tui.verbs.image import define, issue, release, revoke, seal, transfer
from tui.verbs.image.issue import RivalHeld
from tui.verbs.image.release import WhichDigest
from tui.verbs.image.requests import Define, HandOver, Issue, RecordSeal, Release, Revoke
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from tui.verbs.wallet import bump, cancel_issue, send, send_signed
from tui.verbs.wallet.requests import Bump, CancelIssue, Send, SendSigned
from tui.verbs.workplace import Workplace

Answer = Prepared[Any] | KeysFirst | RivalHeld | WhichDigest
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
}
"""Everything that signs, by what a person asks."""


def prepare(request: object, place: Workplace) -> Answer:
    """What would be done."""
    return DEEDS[type(request)](request, place)
