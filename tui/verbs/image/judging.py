"""The one question behind verify, pull, pin and serve: on which network, by which chain, with which vouchers."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from assets.images.evidence import MAX_EVIDENCE, parse_evidence
from assets.images.pin import Pins
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.evidence import evidence_access, fetch_evidence, loaded
from assets.services.read_models.image_views import VerificationView
from assets.services.trust.verification_view import verification_view
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.trust_store import read_lock
from tui.verbs.files import read_given
from tui.verbs.image.reader_requests import Verify
from tui.verbs.progress import counted
from tui.verbs.reading import Reading
from wallet.errors import EncodingError, StateError
from wallet.hashes import display
from wallet.network import NETWORKS, network_named

P = TypeVar("P", bound=Reading)

OF_REGISTRY = "registry"
"""In place of a file with evidence: what the image's registry has."""


def judged(request: Verify, place: P) -> tuple[P, Answer]:
    """The verdict on an image, and the network's place on which it was found.

    Raises EncodingError where nobody says which network is meant, TrustError for an unusable lock file, StateError
    where another repository goes by the name than the one that is meant; whatever else is in the way is a verdict.
    """
    lock = None if request.lock is None else read_lock(request.lock)
    name = request.reference.name
    place = on_network_of(name, place, lock)
    question = Question(
        reference=request.reference,
        pins=place.pins.load(),
        lock=None if lock is None else lock.require(place.network),
        genesis=request.genesis,
        confirmations=place.reading_confirmations,
        allow=request.allow,
        platform=request.platform,
    )
    told = counted(place.report, "reading manifests")
    with chain_for(name, request.evidence, place) as chain:
        answer = verify(question, chain, place.registry, place.manifests, told)
    _require_meant(request, answer)
    return place, answer


def view_of(answer: Answer, place: Reading) -> VerificationView:
    """The verdict as it is shown."""
    return verification_view(answer, place.network, confirmations=place.reading_confirmations, now=place.now())


def on_network_of(name: str, place: P, lock: Pins | None = None) -> P:
    """The place on the network to verify on: as this user named it, else the lock file's, else the pin's of the name.

    There is no default: an image that is verified on another chain than the one that is meant is not verified. Raises
    EncodingError.
    """
    if place.is_on_named_network:
        return place
    if lock is not None and lock.named(name) is not None and lock.network is not None:
        return place.on(lock.network.name)
    pinned = [network for network in NETWORKS if _pins_on(network, place).named(name) is not None]
    if len(pinned) == 1:
        return place.on(pinned[0])
    if pinned:
        raise EncodingError(f"{name} is pinned on {', '.join(pinned)}", hint="say which one with --network")
    raise EncodingError(
        f"on which network? {name} is not pinned, and there is no default for verifying",
        hint=f"say --network NAME: one of {', '.join(NETWORKS)}",
    )


@contextmanager
def chain_for(name: str, evidence: str | None, place: Reading) -> Iterator[ChainAccess]:
    """The index, or what a repository's evidence tells: from a file, or (`registry`) from the name's registry."""
    if evidence is None:
        yield place.chain()
        return
    house = place.house
    if evidence == OF_REGISTRY:
        load = partial(loaded, lambda: fetch_evidence(name, house.registry, place.note))
    else:
        load = partial(parse_evidence, read_given(Path(evidence), MAX_EVIDENCE))
    with evidence_access(load, place.network, house.node, house.now, house.passing_index) as chain:
        yield chain


def _require_meant(request: Verify, answer: Answer) -> None:
    state, meant = answer.state, request.meant
    if meant is not None and state is not None and state.genesis.txid != meant:
        raise StateError(
            f"{request.reference.name} stands for genesis {display(state.genesis.txid)} here, and the repository that"
            f" is meant is {display(meant)}",
            hint="pin the one that you trust, or give its genesis as what vouches",
        )


def _pins_on(network: str, place: Reading) -> Pins:
    return place.house.pins_on(network_named(network)).load()
