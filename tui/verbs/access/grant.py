"""Giving access units of a treasury away, to one holder or to many."""

from dataclasses import dataclass

from assets.services.owning.granting import GrantRequest, draft_grant, grant
from assets.services.owning.shares import parse_share, parse_shares
from assets.services.wallets.session import Session
from tui.verbs.access.requests import Grant
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """How many access units were given away, and how many the treasury has left."""

    name: str
    genesis: str
    given: int
    left: int


def prepare(request: Grant, place: Workplace) -> Prepared[Granted]:
    """The transactions: many recipients take several."""

    def make(session: Session) -> Ready[Granted]:
        plain = request.plain
        named = tuple(parse_share(text, session, plain=plain) for text in request.shares)
        listed = () if request.listed is None else parse_shares(request.listed, session, plain=plain)
        wanted = GrantRequest(
            genesis=request.genesis, name=request.name, shares=(*named, *listed), rate=place.rate(request.rate)
        )
        draft = draft_grant(wanted, session, place.chain(), confirmations=place.reading_confirmations)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Granted]:
            grant(draft, keys, now, done)
            result = Granted(name=request.name, genesis=display(draft.genesis), given=draft.given, left=draft.left)
            return Ended(result=result)

        return Ready(drafts=draft.drafts, ending=ending, may_wait=True)

    return prepared(request, place, make, rate=request.rate)
