"""Use case: decide, once, which genesis speaks for a name.

A pin is what exit 0 of `verify` rests on, so it is proposed with everything that a person needs to decide, and taken
only by that person's yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bitcoin.core.script import CScript

from assets.errors import RegistryError, TrustError
from assets.images.definition import Definition
from assets.images.pin import Pin, Pins
from assets.images.repository import RepositoryState
from assets.model import GenesisFact
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.claims import RegistryClaim, read_claim
from assets.services.chain.lineage import absence, read_lineage, staleness
from assets.services.chain.script_address import address_or_nothing
from wallet.advice import Prose
from wallet.chain.source import BlockRef
from wallet.errors import ChainError
from wallet.hashes import Txid, display
from wallet.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class PinProposal:
    """A pin that could be taken, and what speaks against it.

    `known` is what is pinned for the name now. `definition` is the registry's document, where it is there and fits.
    """

    pin: Pin
    known: Pin | None
    state: RepositoryState
    definition: Definition | None
    confirmations: int
    rivals: tuple[GenesisFact, ...]
    warnings: tuple[Prose, ...]

    @property
    def owner(self) -> CScript:
        """The script that holds the settled title, and would be accepted."""
        return self.state.owner

    @property
    def is_known(self) -> bool:
        """Whether exactly this is pinned already."""
        known = self.known
        return known is not None and (known.genesis, known.owners) == (self.pin.genesis, self.pin.owners)


def propose_pin(
    name: str,
    chain: ChainAccess,
    registry: ArtifactSource,
    pins: Pins,
    *,
    genesis: Txid | None,
    confirmations: int,
    accept_owner: bool,
    accept_authors: Sequence[CScript] = (),
    locked: Pin | None = None,
) -> PinProposal:
    """What pinning a canonical name would mean now.

    With `genesis`, and for a name that is pinned, the registry's claim is not needed. `accept_owner` is for a
    repository that is pinned and changed hands; `accept_authors` are earlier owners whose records are accepted too.
    `locked` is what a lock file that the pin is to be written into says of the name: where the user has no pin, it
    speaks for the genesis, and a new owner must be accepted as for a pin; its owners never get into the user's pin.
    Raises TrustError where there is nothing to pin, or where the chain does not fit the name; RegistryError,
    ChainError.
    """
    chain.catch_up()
    tip = chain.source.tip()
    stale = staleness(chain, tip)
    if stale is not None:
        raise ChainError(stale, hint="wait until the node has caught up: a pin is taken from a whole chain")
    known = pins.named(name)
    voucher = known or locked
    claim = _claimed(name, chain, registry, voucher) if genesis is None else None
    wanted = genesis if genesis is not None else (claim.genesis if claim is not None else None)
    if wanted is None:
        assert voucher is not None, "a name that nothing vouches for has a claim here"
        wanted = voucher.genesis
    lineage = read_lineage(chain, wanted, confirmations=confirmations)
    if lineage is None:
        missing = absence(chain, wanted)
        raise TrustError(missing.reason, hint=missing.hint)
    state = lineage.state
    void = claim.void_for(state, chain) if claim is not None and voucher is None else None
    if void is not None:
        raise TrustError(f"the registry's definition does not count: {void}", hint=ImageRemedy.GIVE_GENESIS.of())
    block = _settled_block(state, tip.height, confirmations)
    if known is None:
        _require_name(state, name)
    fresh = Pin(
        name=name,
        network=chain.network.genesis,
        challenge=chain.network.challenge,
        genesis=wanted,
        owners=(state.owner,),
        height=block.height,
        block=block.hash,
    )
    with chain.store.snapshot() as reader:
        rivals = tuple(fact for fact in reader.geneses_named(name) if fact.txid != wanted)
    if known is None and locked is not None:
        _require_locked(locked, fresh, accept_owner=accept_owner)
        grown = fresh
    else:
        grown = _grown(known, fresh, accept_owner=accept_owner)
    pin = _with_authors(grown, state, accept_authors, chain.network)
    return PinProposal(
        pin=pin,
        known=known,
        state=state,
        definition=claim.definition if claim is not None else None,
        confirmations=tip.height - block.height + 1,
        rivals=rivals,
        warnings=(
            *_warnings(state, lost=lineage.lost, rivals=len(rivals)),
            *_moved(known, fresh),
            *_strange_authors(pin, state, chain.network),
        ),
    )


def _claimed(name: str, chain: ChainAccess, registry: ArtifactSource, known: Pin | None) -> RegistryClaim | None:
    """The registry's claim. None only for a name that is pinned or locked: no document is needed then."""
    try:
        answer = read_claim(registry, name, chain)
    except RegistryError:
        if known is None:
            raise
        return None
    if answer.claim is None and known is None:
        raise TrustError(
            "; ".join((f"nothing in the registry speaks for {name}", *answer.notes)),
            hint=ImageRemedy.ASK_FOR_GENESIS.of(),
        )
    return answer.claim


def _settled_block(state: RepositoryState, tip: int, confirmations: int) -> BlockRef:
    """The block of the genesis. Raises TrustError until it has enough confirmations."""
    height, block = state.genesis.position.height, state.genesis.block
    have = 0 if height is None else tip - height + 1
    if height is None or block is None or have < confirmations:
        raise TrustError(
            f"the genesis has {have} of {confirmations} confirmations", hint="wait for more blocks and pin then"
        )
    return BlockRef(height, block)


def _require_name(state: RepositoryState, name: str) -> None:
    present = state.statement.name
    if not present.matches(name):
        raise TrustError(
            f"this genesis speaks for {present.name or 'a name with hash ' + present.name_hash.hex()}, not for {name}",
            hint="pin it by the name that it speaks for",
        )


def _grown(known: Pin | None, fresh: Pin, *, accept_owner: bool) -> Pin:
    """The pin to write. A pin for another genesis, or another owner, is never replaced in passing."""
    if known is None:
        if accept_owner:
            raise TrustError(f"{fresh.name} is not pinned", hint=ImageRemedy.PIN_WITHOUT_ACCEPTING.of())
        return fresh
    if known.genesis != fresh.genesis:
        raise TrustError(
            f"{fresh.name} is pinned to another genesis: {display(known.genesis)}",
            hint=ImageRemedy.UNPIN.of(name=fresh.name),
        )
    owner = fresh.owners[0]
    if owner not in known.owners and not accept_owner:
        raise TrustError(
            f"{fresh.name} is pinned, and its title has a new owner since",
            hint=ImageRemedy.ACCEPT_OWNER.of(),
        )
    return replace(known.accepting(owner), height=fresh.height, block=fresh.block)


def _require_locked(locked: Pin, fresh: Pin, *, accept_owner: bool) -> None:
    """Raises TrustError where a lock file vouches for another genesis, or for owners before the present one."""
    if locked.genesis != fresh.genesis:
        raise TrustError(
            f"the lock file names genesis {display(locked.genesis)} for {fresh.name}, not {display(fresh.genesis)}",
            hint="if you are sure that it changed for good, remove that table from the file, then lock it again",
        )
    if fresh.owners[0] not in locked.owners and not accept_owner:
        raise TrustError(
            f"the title of {fresh.name} has a new owner since it was locked",
            hint=ImageRemedy.ACCEPT_OWNER_TOO.of(),
        )


def _with_authors(pin: Pin, state: RepositoryState, authors: Sequence[CScript], network: Network) -> Pin:
    """The pin with earlier owners, one by one. Raises TrustError for a script that wrote nothing which counts."""
    wrote = {step.author for step in state.history if step.counted is not None}
    for author in authors:
        if author not in wrote:
            raise TrustError(
                f"{_name_of(author, network)} wrote no record of this repository that counts",
                hint=ImageRemedy.NAME_AUTHORS.of(name=pin.name),
            )
        pin = pin.accepting(author)
    return pin


def _strange_authors(pin: Pin, state: RepositoryState, network: Network) -> tuple[Prose, ...]:
    """Who bound what tags stand for now, and is not accepted: verifying these tags answers NEW_OWNER."""
    tags: dict[CScript, list[str]] = {}
    for binding in state.tags():
        if binding.step.author not in pin.owners:
            tags.setdefault(binding.step.author, []).append(binding.tag or binding.key.hex())
    return tuple(
        f"an earlier owner bound {', '.join(bound)}: " + ImageRemedy.ACCEPT_AUTHOR.of(author=_name_of(author, network))
        for author, bound in tags.items()
    )


def _name_of(script: CScript, network: Network) -> str:
    return address_or_nothing(script, network) or bytes(script).hex()


def _moved(known: Pin | None, fresh: Pin) -> tuple[str, ...]:
    if known is None or known.block == fresh.block:
        return ()
    return ("the chain was reorganised since you pinned it: its genesis is in another block now",)


def _warnings(state: RepositoryState, *, lost: bool, rivals: int) -> tuple[str, ...]:
    found = []
    if state.frozen or lost:
        found.append("the title is lost: nothing can be released or revoked any more")
    if state.undecided is not None:
        found.append("the witness of a record is missing or unproven: nothing after it is certain")
    if state.present.script != state.owner:
        found.append("the title is about to change hands: a hand-over is waiting for its confirmations")
    if rivals:
        found.append(f"{rivals} other geneses on the chain claim this name; anybody can make one")
    return tuple(found)
