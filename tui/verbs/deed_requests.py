"""Everything that a person can ask and that ends in a signature. Cheap to import.

Whatever acts on a repository carries its `genesis`, from where it was asked; `name` is only how that repository was
called there, and decides nothing.
"""

from tui.verbs.access.requests import Grant, Login
from tui.verbs.image.requests import Define, HandOver, Issue, RecordSeal, Release, Revoke
from tui.verbs.market.requests import MarketRequest
from tui.verbs.wallet.requests import Bump, CancelIssue, Send, SendSigned

DeedRequest = (
    Send
    | SendSigned
    | Bump
    | CancelIssue
    | Issue
    | Release
    | RecordSeal
    | Revoke
    | HandOver
    | Define
    | Grant
    | Login
    | MarketRequest
)
