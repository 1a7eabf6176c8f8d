"""Issuing the asset of a repository: a coin is set apart, the genesis spends it, the definition is published."""

from dataclasses import dataclass

from assets.errors import NamedRepository
from assets.services.chain.known_names import is_hidden
from assets.services.owning.issuing import IssueRequest, draft_issue, held_of_name, issue, require_push
from assets.services.wallets.session import Session
from tui.verbs.image.publish import published
from tui.verbs.image.requests import Issue
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import Review
from tui.verbs.workplace import Workplace
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What was issued: its genesis, its asset id, the sha256 of its definition, and whether that is in the registry."""

    name: str
    genesis: str
    asset: str
    definition: str
    published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalHeld:
    """A question: this wallet holds repositories of that name, which somebody else issued. Anybody can give one away.

    Issuing all the same is answered with `rival` in the request.
    """

    request: Issue
    repositories: tuple[NamedRepository, ...]

    @property
    def why(self) -> str:
        """For a person."""
        geneses = ", ".join(one.genesis for one in self.repositories)
        return f"this wallet holds the title of {self.request.name} already: genesis {geneses}"

    @property
    def review(self) -> Review:
        """Nothing yet but what the yes does."""
        return Review(drafts=(), heading=self.why, deed="Issue it all the same")


def prepare(request: Issue, place: Workplace) -> Prepared[Issued] | RivalHeld:
    """Both transactions; whether the registry takes the definition is asked before anything is signed.

    A name that this wallet has issued before is refused.
    """
    if is_hidden(request.name):
        place.names.remember(request.name)
    place.know_lots()
    with place.session() as session:
        held = held_of_name(request.name, session, place.chain())
    if held and not request.rival:
        return RivalHeld(request=request, repositories=held)
    registry = place.registry if request.publish else None
    wanted = IssueRequest(
        name=request.name,
        units=request.units,
        title_value=request.title_value,
        issuer=request.issuer,
        description=request.description,
        rate=place.rate(request.rate),
        links=dict(request.links),
        rival=request.rival,
    )

    def make(session: Session) -> Ready[Issued]:
        draft = draft_issue(wanted, session, place.chain(), registry)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Issued]:
            if registry is not None:
                require_push(wanted.name, registry)
            issued = issue(draft, keys, now, place.definitions, done)
            genesis, definition = issued.genesis.txid, issued.definition
            told = published(wanted.name, genesis, definition.document, place, "genesis", wanted=request.publish)
            result = Issued(
                name=wanted.name,
                genesis=display(genesis),
                asset=definition.fields.asset_id,
                definition=definition.hash.hex(),
                published=told.done,
            )
            return Ended(result=result, notes=told.notes, to_do=told.to_do)

        return Ready(drafts=draft.drafts, ending=ending)

    return prepared(request, place, make, rate=request.rate)
