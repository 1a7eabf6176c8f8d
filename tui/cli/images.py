"""What the commands about images share: chain and documents, confirmations, and the network to verify on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.coverage import Coverage
from assets.images.pin import Pins
from assets.images.repository import RepositoryState
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.known_names import with_name
from assets.services.read_models.image_views import RepositoryView
from assets.store.document_store import DocumentStore
from assets.store.name_store import NameStore
from assets.store.trust_store import read_lock
from tui.cli.call import Call
from tui.cli.remedies import words
from tui.settings import Origin
from tui.text import lines
from tui.verbs.image.fields import bare_name
from wallet.errors import EncodingError, WalletError
from wallet.hashes import Txid, parse_txid
from wallet.network import NETWORKS, network_named

__all__ = ["bare_name"]

READ_CONFIRMATIONS = 1
"""Blocks that settle a record for whoever only reads."""


def chain_of(call: Call) -> ChainAccess:
    """Node and index of the call's network; catching up shows its progress, and says what fell out of the chain."""
    return call.workplace.chain()


@contextmanager
def judging_by(call: Call, evidence: str | None, name: str) -> Iterator[ChainAccess]:
    """The index, or what a repository's evidence tells: from a file, or (`registry`) from the name's registry."""
    if evidence is None:
        yield chain_of(call)
        return
    from assets.images.evidence import MAX_EVIDENCE, parse_evidence
    from assets.services.chain.evidence import evidence_access, fetch_evidence, loaded
    from tui.verbs.files import read_given

    house = call.house
    if evidence == "registry":
        load = partial(loaded, lambda: fetch_evidence(name, house.registry, call.note))
    else:
        load = partial(parse_evidence, read_given(Path(evidence), MAX_EVIDENCE))
    with evidence_access(load, house.network, house.node, house.now, house.passing_index) as chain:
        yield chain


def covers_of(call: Call, *, by_registry: bool) -> Callable[[RepositoryState], Coverage]:
    """What says what revocations cover: by manifests that were read before, and else by the registry's."""
    from assets.services.trust.manifests import covering

    return covering(call.house.registry if by_registry else None, manifests_of(call))


def manifests_of(call: Call) -> DocumentStore:
    """Manifests that were read before."""
    return call.house.manifests


def definitions_of(call: Call) -> DocumentStore:
    """Definitions that this user published."""
    return call.house.definitions


def names_of(call: Call) -> NameStore:
    """Names of repositories that this user typed."""
    return call.house.names


def shown_by_name(call: Call, view: RepositoryView) -> RepositoryView:
    """A repository under the name that this user knows it by, where the chain holds only the name's hash."""
    pinned = (pin.name for pin in call.house.pins.load().pins)
    return with_name(view, (*names_of(call).names(), *pinned))


def reading_confirmations(call: Call) -> int:
    """How many blocks settle a record for a reader."""
    return call.settings.confirmations or READ_CONFIRMATIONS


def settling_confirmations(call: Call) -> int:
    """How many blocks settle what a pin rests on: 6 on mainnet, 1 on test networks, unless set."""
    return call.settings.confirmations or call.house.network.confirmations


def genesis_of(text: str | None) -> Txid | None:
    """The genesis that `--genesis` names, if any. Raises EncodingError."""
    return None if text is None else parse_txid(text)


def on_network(call: Call, network: str) -> Call:
    """The same call on a network that something else than the settings decided."""
    others = [pair for pair in call.settings.origins if pair[0] != "network"]
    settings = replace(call.settings, network=network, origins=(*others, ("network", Origin.FLAG)))
    return Call(type(call.house)(settings, call.house.paths), call.terminal, as_json=call.as_json)


def verifying_call(call: Call, name: str, lock: Pins | None) -> Call:
    """The call on the network to verify on: from the flag (or its variable), the lock file, or the pin of the name.

    There is no default: an image that is verified on another chain than the one that is meant is not verified.
    """
    if call.settings.origin("network") in (Origin.FLAG, Origin.ENVIRONMENT):
        return call
    if lock is not None and lock.named(name) is not None and lock.network is not None:
        return on_network(call, lock.network.name)
    pinned = [network for network in NETWORKS if _pins_on(call, network).named(name) is not None]
    if len(pinned) == 1:
        return on_network(call, pinned[0])
    if pinned:
        raise EncodingError(f"{name} is pinned on {', '.join(pinned)}", hint="say which one with --network")
    raise EncodingError(
        f"on which network? {name} is not pinned, and there is no default for verifying",
        hint=f"say --network NAME: one of {', '.join(NETWORKS)}",
    )


def _pins_on(call: Call, network: str) -> Pins:
    return call.house.pins_on(network_named(network)).load()


def locked(lock: Path | None) -> Pins | None:
    """The pins of a lock file that was named, or None."""
    return None if lock is None else read_lock(lock)


def quietly(note: Callable[[str], None], attempt: Callable[[], object]) -> bool:
    """Runs what may fail without undoing what was done before; says why it failed."""
    try:
        attempt()
    except WalletError as error:
        note(lines(str(error), [f"  {words(error.advice)}"] if error.advice else []))
        return False
    return True


def document_in(file: Path) -> bytes:
    """A document that somebody prepared. Raises EncodingError."""
    try:
        with file.open("rb") as opened:
            return opened.read(DOCUMENT_LIMIT + 1)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error


def text_in(file: Path) -> str:
    """A list that somebody wrote. Raises EncodingError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise EncodingError(f"{file} is not UTF-8 text", hint="save it as UTF-8") from error
