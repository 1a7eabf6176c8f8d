"""Putting a definition where consumers find it, once it is on the chain, or again; and the evidence beside it."""

from dataclasses import dataclass

from assets.services.chain.claims import definition_place
from assets.services.chain.evidence import make_evidence, publish_evidence
from assets.services.owning.publishing import publish_again, publish_definition
from tui.verbs.image.evidence import revoked_manifests_of
from tui.verbs.image.requests import Publish
from tui.verbs.progress import counted
from tui.verbs.workplace import Workplace
from wallet.advice import Prose
from wallet.errors import WalletError
from wallet.hashes import Txid, display, sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was pushed: the sha256 of the definition, and the digest of the evidence's manifest, None without one."""

    name: str
    genesis: str
    definition: str
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Whether a definition was published after its record was sent, and what a person is told of it."""

    done: bool
    notes: tuple[Prose, ...] = ()
    to_do: tuple[Prose, ...] = ()


def publish(request: Publish, place: Workplace) -> Published:
    """Pushes the newest definition, and the evidence of all settled releases where that is asked for.

    Raises what `publish_again` raises, RegistryError, ImageError.
    """
    name, genesis = request.name, request.genesis
    with place.session() as session:
        document = publish_again(genesis, name, session, place.chain(), place.registry, place.definitions)
    evidence = _evidence(request, document, place) if request.evidence else None
    return Published(name=name, genesis=display(genesis), definition=sha256(document).hex(), evidence=evidence)


def published(
    name: str, genesis: Txid, document: bytes, place: Workplace, sent: str, *, wanted: bool = True
) -> Telling:
    """Publishes what the chain names by now. `sent` is what went out already: it stands, whatever the registry says."""
    if not wanted:
        return Telling(
            done=False, notes=("the definition is not published: nobody finds this asset by its name until it is",)
        )
    try:
        publish_definition(name, genesis, document, place.registry, place.network)
    except WalletError as error:
        why: Prose = f"{error} (" + error.advice + ")" if error.advice else str(error)
        told = f"the {sent} is sent, but its definition could not be published: " + why
        return Telling(done=False, to_do=(told + f"; try again with: {again(name, genesis)}",))
    return Telling(done=True, notes=(f"the definition of {name} is published",))


def again(name: str, genesis: Txid) -> str:
    """How a definition is published again."""
    command = f"dockchains image publish {name} --genesis {display(genesis)}"
    return f"{command} (in the app: on the repository's page)"


def _evidence(request: Publish, definition: bytes, place: Workplace) -> str:
    """Makes and pushes the evidence, beside the definition; the digest of its manifest."""
    chain, told = place.chain(), counted(place.report, "reading the blocks of its lineage")
    manifests = revoked_manifests_of(place, chain, request.genesis, request.name)
    made = make_evidence(request.genesis, chain, told, manifests)
    where = definition_place(request.name, definition)
    digest = publish_evidence(where, request.genesis, made, place.registry, place.network)
    place.note(f"its evidence as of block {made.height} is published, too: {len(made.steps)} transactions")
    return str(digest)
