"""A new definition of a repository: name, host, terms, links."""

from dataclasses import dataclass

from assets.services.owning.redefining import RedefineRequest, draft_redefine
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.session import Session
from tui.verbs.image.publish import again, published
from tui.verbs.image.requests import Define
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """The name from now on and the one before, the sha256 of the definition, and whether that is in the registry."""

    name: str
    old_name: str
    genesis: str
    definition: str
    published: bool


def prepare(request: Define, place: Workplace) -> Prepared[Defined]:
    """The record. The document is kept before it is signed or left for a key, and published once the record is sent."""
    documents = place.definitions
    wanted = RedefineRequest(
        genesis=request.genesis,
        name=request.name,
        new_name=request.new_name,
        issuer=request.issuer,
        description=request.description,
        links=request.links,
        document=request.document,
        rate=place.rate(request.rate),
        seen=None if request.seen is None else request.seen.raw,
    )

    def make(session: Session) -> Ready[Defined]:
        settled = place.reading_confirmations
        drafted = draft_redefine(wanted, session, place.chain(), place.registry, documents, confirmations=settled)
        name, genesis, definition = drafted.new_name, drafted.genesis, drafted.definition

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Defined]:
            documents.save(definition.document)
            sign_and_broadcast(drafted.draft, keys, now, done)
            told = published(name, genesis, definition.document, place, "record", wanted=request.publish)
            result = Defined(
                name=name,
                old_name=drafted.old_name,
                genesis=display(genesis),
                definition=definition.hash.hex(),
                published=told.done,
            )
            return Ended(result=result, notes=told.notes, to_do=told.to_do)

        def kept() -> tuple[str, ...]:
            documents.save(definition.document)
            return (f"once it is sent, publish the definition: {again(name, genesis)}",)

        return Ready(drafts=(drafted.draft,), ending=ending, may_wait=True, leaving=kept)

    return prepared(request, place, make, rate=request.rate)
