"""What the chain says of a name, and the registry's claim, step by step: what a verdict is judged by.

Each step takes what was seen before it and answers what is seen now. None of them judges.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assets.errors import IndexStateError, RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.pin import Pin, Pins
from assets.images.reference import ImageReference
from assets.images.repository import RepositoryState
from assets.images.tag import tag_key
from assets.images.voucher import Voucher, VoucherKind, disagreements, voucher_of_genesis, voucher_of_pin
from assets.model import GenesisFact
from assets.registry.port import RegistryReader
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.claims import RegistryClaim, read_claim
from assets.services.chain.lineage import Absence, Lineage, absence, read_lineage, staleness, unsearched
from wallet.advice import Prose
from wallet.chain.source import Tip
from wallet.errors import BusyError, ChainError, ChainUnavailableError, WalletError
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the steps found out that bears on the verdict, and notes for a person. Joined by `+`, in the steps' order.

    `remedy` mends what nothing follows from; the last one that was found mends all of it.
    """

    unavailable: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    notes: tuple[Prose, ...] = ()
    remedy: Prose | None = None

    def __add__(self, other: "Told") -> "Told":
        return Told(
            unavailable=self.unavailable + other.unavailable,
            undecided=self.undecided + other.undecided,
            disagreements=self.disagreements + other.disagreements,
            notes=self.notes + other.notes,
            remedy=self.remedy if other.remedy is None else other.remedy,
        )


NOTHING = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What every step asks with: a reference with a tag or a digest, what vouches, and whom to ask."""

    reference: ImageReference
    pins: Pins
    lock: Pins | None
    genesis: Txid | None
    confirmations: int
    chain: ChainAccess
    registry: RegistryReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the chain said so far, and the registry's claim. `ended` where nothing more is to be asked."""

    tip: Tip | None = None
    claim: RegistryClaim | None = None
    unread_claim: RegistryError | None = None
    vouchers: tuple[Voucher, ...] = ()
    lineage: Lineage | None = None
    rivals: tuple[GenesisFact, ...] = ()
    told: Told = NOTHING
    ended: bool = False

    def saying(self, told: Told) -> "Seen":
        """The same, with more that was found out."""
        return replace(self, told=self.told + told)

    @property
    def state(self) -> RepositoryState | None:
        """The repository that speaks for the name, if one does."""
        return None if self.lineage is None else self.lineage.state


def ask(case: Case, seen: Seen) -> Seen:
    """What is seen when all was asked. Nothing follows from what was not found where it could not have been found."""
    seen = _stepped(case, seen)
    if seen.state is None and not (seen.told.undecided or seen.told.unavailable):
        return seen.saying(_absent(unsearched(case.chain)))
    return seen


def _stepped(case: Case, seen: Seen) -> Seen:
    """What the chain says, by the steps in their order.

    What a node or an index cannot say becomes a finding, and ends the asking; what the steps before it said stands. A
    node that lacks blocks leaves the index behind.
    """
    for step in _STEPS:
        try:
            seen = step(case, seen)
        except ChainUnavailableError as error:
            return seen.saying(Told(unavailable=(str(error),), notes=advice_of(error)))
        except (IndexStateError, ChainError, BusyError) as error:
            return seen.saying(Told(undecided=(str(error),), notes=advice_of(error)))
        if seen.ended:
            break
    return seen


def _at_tip(case: Case, seen: Seen) -> Seen:
    """Where the node stands, before the index is brought there: an answer that goes no further has a tip."""
    return replace(seen, tip=case.chain.source.tip())


def _caught_up(case: Case, seen: Seen) -> Seen:
    """The index at the node's tip, before anything is read from it; a tip that is too old settles nothing."""
    case.chain.catch_up()
    tip = case.chain.source.tip()
    stale = staleness(case.chain, tip)
    return replace(seen, tip=tip).saying(NOTHING if stale is None else Told(undecided=(stale,)))


def _claimed(case: Case, seen: Seen) -> Seen:
    """The registry's claim; one that cannot be had matters only where nothing else vouches.

    A registry that did not answer a moment ago is not asked again.
    """
    if seen.unread_claim is not None:
        return seen
    try:
        answer = read_claim(case.registry, case.reference.name, case.chain)
    except RegistryError as error:
        return replace(seen, unread_claim=error).saying(
            Told(notes=(f"the registry's own claim could not be read: {error}",))
        )
    absent = unsearched(case.chain) if answer.missing and case.chain.only() is None else None
    return replace(seen, claim=answer.claim).saying(Told(notes=answer.notes) + _absent(absent))


def _vouched(case: Case, seen: Seen) -> Seen:
    """All vouchers, the one that was typed first: it stands before any lock file, and that before any pin."""
    name = case.reference.name
    vouchers = tuple(voucher_of_pin(pin, kind) for kind, pin in _pins_named(case))
    notes: tuple[str, ...] = ()
    if case.lock is not None and case.lock.named(name) is None:
        notes = (f"the lock file does not name {name}",)
    if case.genesis is not None:
        vouchers = (Voucher(kind=VoucherKind.GENESIS, genesis=case.genesis, owners=()), *vouchers)
    return replace(seen, vouchers=vouchers).saying(Told(notes=notes))


def _found(case: Case, seen: Seen) -> Seen:
    """The lineage of the genesis that the first voucher names, else of the registry's. Without one nothing is left to
    ask; and where only the registry speaks, its document must be the repository's present one.
    """
    genesis, told = _genesis(seen)
    seen = seen.saying(told)
    if genesis is None:
        return replace(seen, ended=True)
    lineage = read_lineage(case.chain, genesis, confirmations=case.confirmations)
    if lineage is None:
        return replace(seen.saying(_absent(absence(case.chain, genesis))), ended=True)
    seen = replace(seen, vouchers=_accepting(seen.vouchers, lineage.state.genesis))
    void = None if seen.vouchers or seen.claim is None else seen.claim.void_for(lineage.state, case.chain)
    if void is not None:
        told = Told(notes=(f"the registry's definition does not count: {void}",))
        return replace(seen.saying(told), ended=True)
    return replace(seen, lineage=lineage)


def _pinned(case: Case, seen: Seen) -> Seen:
    """A pin was taken of a genesis in a block: one that a reorganisation undid decides nothing any more."""
    assert seen.state is not None, "a lineage was found before"
    genesis = seen.state.genesis
    for kind, pin in _pins_named(case):
        if pin.genesis != genesis.txid:
            continue
        if genesis.block is None:
            seen = seen.saying(Told(undecided=(f"the genesis that the {kind} names is in no block any more",)))
        elif genesis.block != pin.block:
            moved = f"the chain was reorganised: the {kind} saw its genesis in another block"
            seen = seen.saying(Told(notes=(moved,)))
    return seen


def _compared(case: Case, seen: Seen) -> Seen:
    """Do the vouchers agree among themselves, and with what the registry claims?"""
    assert seen.state is not None, "a lineage was found before"
    claimed, notes = None, list[str]()
    if seen.claim is not None and seen.vouchers:
        if seen.claim.genesis == seen.state.genesis.txid:
            void = seen.claim.void_for(seen.state, case.chain)
            notes += [] if void is None else [f"the registry's definition is not the present one: {void}"]
        else:
            claimed = _standing(seen.claim, case.chain)
            notes += [] if claimed is not None else ["the registry's definition names a genesis that it does not fit"]
    found = tuple(disagreements(seen.vouchers, claimed))
    return seen.saying(Told(disagreements=found, notes=tuple(notes)))


def _looked_around(case: Case, seen: Seen) -> Seen:
    """What decides nothing, and what a person should know: a rename, rival geneses, a genesis that moved."""
    state, reference = seen.state, case.reference
    assert state is not None, "a lineage was found before"
    notes, name = list[str](), state.statement.name
    if not name.matches(reference.name):
        notes.append(f"this repository now goes by the name {name.name or 'with hash ' + name.name_hash.hex()}")
    with case.chain.store.snapshot() as reader:
        named = reader.geneses_named(reference.name)
        same = reader.geneses_of_asset(state.genesis.asset)
    if len(same) > 1:
        notes.append(f"{len(same)} geneses were issued from one script; only this one speaks for the name")
    final = None if reference.tag is None else tag_key(reference.tag)
    notes += [
        f"a later record tried to bind the final tag {one.tag or 'in question'} to {one.digest}: it does not count"
        for one in state.violations
        if one.key == final
    ]
    rivals = tuple(fact for fact in named if fact.txid != state.genesis.txid)
    return replace(seen, rivals=rivals).saying(Told(notes=tuple(notes)))


_STEPS: tuple[Callable[[Case, Seen], Seen], ...] = (
    _at_tip,
    _caught_up,
    _claimed,
    _vouched,
    _found,
    _pinned,
    _compared,
    _looked_around,
)
"""In this order: nothing is read before the index stands at the tip; the claim is read before vouchers are compared,
and decides nothing where one of them vouches; what only a person should know comes last, so that no trouble with it
keeps what decides from being found out."""


def advice_of(error: WalletError) -> tuple[Prose, ...]:
    """What helps against an error, as a note."""
    return (error.advice,) if error.advice else ()


def _absent(why: Absence | None) -> Told:
    return NOTHING if why is None else Told(undecided=(why.reason,), remedy=why.hint)


def _genesis(seen: Seen) -> tuple[Txid | None, Told]:
    """Which genesis is meant, and what follows where nothing says it."""
    if seen.vouchers:
        return seen.vouchers[0].genesis, NOTHING
    told = NOTHING
    if isinstance(seen.unread_claim, RegistryUnavailableError | UnauthorizedError):
        told = Told(unavailable=("nothing of yours vouches for this name, and the registry could not be asked",))
    elif seen.unread_claim is not None:
        told = Told(undecided=("nothing of yours vouches for this name, and the registry's claim is out of order",))
    return (seen.claim.genesis if seen.claim is not None else None), told


def _pins_named(case: Case) -> list[tuple[VoucherKind, Pin]]:
    """What the lock file and the pins file say of the name."""
    name, pairs = case.reference.name, ((VoucherKind.LOCK, case.lock), (VoucherKind.PIN, case.pins))
    return [(kind, pin) for kind, pins in pairs if pins is not None and (pin := pins.named(name)) is not None]


def _accepting(vouchers: tuple[Voucher, ...], genesis: GenesisFact) -> tuple[Voucher, ...]:
    """`--genesis` accepts the script of the genesis' own output 0, which is known only now."""
    return tuple(
        voucher_of_genesis(genesis) if one.kind is VoucherKind.GENESIS and one.genesis == genesis.txid else one
        for one in vouchers
    )


def _standing(claim: RegistryClaim, chain: ChainAccess) -> Txid | None:
    """The claimed genesis, if the claim's document is that genesis' present one."""
    lineage = read_lineage(chain, claim.genesis, confirmations=1)
    return claim.genesis if lineage is not None and claim.void_for(lineage.state, chain) is None else None
