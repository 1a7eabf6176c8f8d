"""Giving a repository to a new owner."""

from dataclasses import dataclass

from assets.services.owning.handing_over import HandoverRequest, draft_handover
from assets.services.owning.recipients import parse_recipient
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.session import Session
from tui.verbs.image.requests import HandOver
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """To which unit address the title went, and how many access units went along."""

    name: str
    genesis: str
    to: str
    access_units: int


def prepare(request: HandOver, place: Workplace) -> Prepared[HandedOver]:
    """The hand-over. Nobody can undo it."""

    def make(session: Session) -> Ready[HandedOver]:
        wanted = HandoverRequest(
            genesis=request.genesis,
            name=request.name,
            to=parse_recipient(request.to, session, plain=request.plain),
            with_treasury=request.with_treasury,
            rate=place.rate(request.rate),
        )
        handover = draft_handover(wanted, session, place.chain(), confirmations=place.reading_confirmations)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[HandedOver]:
            sign_and_broadcast(handover.draft, keys, now, done)
            result = HandedOver(
                name=request.name,
                genesis=display(request.genesis),
                to=handover.address,
                access_units=handover.units,
            )
            return Ended(result=result)

        return Ready(drafts=(handover.draft,), ending=ending, may_wait=True)

    return prepared(request, place, make, rate=request.rate)
