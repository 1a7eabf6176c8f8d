"""The deed behind each request, for whoever has a request and does not know its verb: the app."""

from collections.abc import Callable, Mapping
from typing import Any

from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from tui.verbs.wallet import bump, cancel_issue, send, send_signed
from tui.verbs.wallet.requests import Bump, CancelIssue, Send, SendSigned
from tui.verbs.workplace import Workplace

Prepare = Callable[[Any, Workplace], Prepared[Any] | KeysFirst]

DEEDS: Mapping[type, Prepare] = {
    Send: send.prepare,
    Bump: bump.prepare,
    CancelIssue: cancel_issue.prepare,
    SendSigned: send_signed.prepare,
}
"""Everything that signs, by what a person asks."""


def prepare(request: object, place: Workplace) -> Prepared[Any] | KeysFirst:
    """What would be done."""
    return DEEDS[type(request)](request, place)
