"""An image repository as its title's lineage tells it: a fold of movements into what is bound, final and revoked.

Nothing here looks at transactions. What a record says counts only if its movement was authorised; what counts is
either settled (deep enough in the chain) or pending.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bitcoin.core.script import CScript

from assets.errors import IndexStateError
from assets.images.digest import Digest
from assets.images.history import HistoryStep, genesis_step, step_of
from assets.images.record import Define, Genesis, RecordName, Release, Revoke, RevokeReason, Seal
from assets.images.tag import Tag, TagKey
from assets.model import Authorship, GenesisFact, Holding, Movement, MovementKind, Position
from assets.remedies import ImageRemedy
from wallet.hashes import Txid, display


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A tag bound to a digest by one record. `tag` is None where the record has only the tag's key."""

    key: TagKey
    tag: Tag | None
    digest: Digest
    final: bool
    step: HistoryStep

    @property
    def settled(self) -> bool:
        """Whether the record has its confirmations."""
        return self.step.settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A record that would have bound a final tag to another digest, and for this tag does not count."""

    key: TagKey
    tag: Tag | None
    digest: Digest
    final_digest: Digest
    step: HistoryStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A digest that must not be used. It counts from the mempool on, and nothing undoes it.

    `alone` keeps it to this digest; else what a list of this digest holds is reached as well.
    """

    digest: Digest
    alone: bool
    reason: RevokeReason
    reason_text: str
    step: HistoryStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """An image's digest and the digest of its encrypted form."""

    plaintext: Digest
    ciphertext: Digest
    step: HistoryStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A definition's sha256 and a name, as the genesis or a DEFINE states them."""

    definition: bytes
    name: RecordName
    step: HistoryStep


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """Everything that counts for a repository, oldest first, as of one tip.

    A binding is settled or pending by its step. `holder` is the title's last settled coin, `present` the newest
    that is known, mempool included; where the title ended, both stay what they last were. `lost` is the step that
    ended the title. `undecided` is the first step whose witness is missing: nothing from there on is certain.
    """

    genesis: GenesisFact
    settled_height: int
    history: tuple[HistoryStep, ...]
    bindings: tuple[Binding, ...]
    violations: tuple[Violation, ...]
    revocations: tuple[Revocation, ...]
    sealings: tuple[Sealing, ...]
    statements: tuple[Statement, ...]
    holder: Holding
    present: Holding
    lost: HistoryStep | None
    undecided: HistoryStep | None

    @property
    def frozen(self) -> bool:
        """Whether a transaction in the chain ended the title; one in the mempool has not yet."""
        return self.lost is not None and self.lost.height is not None

    @property
    def owner(self) -> CScript:
        """The script of the settled title; of a frozen repository, the last one that held it."""
        return self.holder.script

    @property
    def statement(self) -> Statement:
        """The newest settled definition and name; the genesis' own where none is settled."""
        settled = [statement for statement in self.statements if statement.step.settled]
        return settled[-1] if settled else self.statements[0]

    def after(self, revoke: Revoke) -> "RepositoryState":
        """As if the owner's next record were this REVOKE, in the mempool."""
        step = replace(
            self.history[-1],
            txid=Txid(bytes(32)),
            position=Position(height=None, index=len(self.history)),
            block=None,
            settled=False,
            record=revoke,
            ignored=None,
        )
        return replace(self, history=(*self.history, step), revocations=(*self.revocations, _revocation(revoke, step)))

    def current(self, key: TagKey) -> Binding | None:
        """What a tag is settled on."""
        return self._newest(key, settled=True)

    def pending(self, key: TagKey) -> Binding | None:
        """The newest record for a tag that is not settled."""
        return self._newest(key, settled=False)

    def keys(self) -> tuple[TagKey, ...]:
        """Every tag ever bound, in the order of its first record."""
        return tuple(dict.fromkeys(binding.key for binding in self.bindings))

    def tags(self) -> tuple[Binding, ...]:
        """What each tag is settled on, in the order of the tags' first records."""
        current = {binding.key: binding for binding in self.bindings if binding.settled}
        return tuple(current[key] for key in self.keys() if key in current)

    def released(self) -> tuple[Digest, ...]:
        """Every digest ever bound, settled or pending, in the order of its first record."""
        return tuple(dict.fromkeys(binding.digest for binding in self.bindings))

    def _newest(self, key: TagKey, *, settled: bool) -> Binding | None:
        fitting = (one for one in reversed(self.bindings) if one.settled is settled and one.key == key)
        return next(fitting, None)


def fold(genesis: GenesisFact, movements: Sequence[Movement], *, settled_height: int) -> RepositoryState:
    """The repository's state from its title's movements in the order of the chain, the mempool's last.

    Movements of access units, and the genesis' own, are passed over. `settled_height` is the tip's height less the
    wanted confirmations, plus 1; a movement at or below it is settled. Raises IndexStateError where the movements
    are no unbroken lineage, as when the chain changed while they were collected.
    """
    lineage = _lineage(genesis, movements)
    history = _history(genesis, movements, lineage, settled_height=settled_height)
    collected = _Collected()
    for step in history:
        collected.add(step)
    targets = [step.target for step in history if step.target is not None]
    settled = [step.target for step in history if step.target is not None and step.settled]
    return RepositoryState(
        genesis=genesis,
        settled_height=settled_height,
        history=history,
        bindings=tuple(collected.bindings),
        violations=tuple(collected.violations),
        revocations=tuple(collected.revocations),
        sealings=tuple(collected.sealings),
        statements=tuple(collected.statements) or (_own_statement(genesis, history[0]),),
        holder=settled[-1] if settled else genesis.title,
        present=targets[-1],
        lost=next((step for step in history if step.kind is MovementKind.LOSS), None),
        undecided=next((step for step in history if step.unproven), None),
    )


def _revocation(revoke: Revoke, step: HistoryStep) -> Revocation:
    return Revocation(
        digest=revoke.digest, alone=revoke.alone, reason=revoke.reason, reason_text=revoke.reason_text, step=step
    )


def _own_name(genesis: GenesisFact) -> RecordName:
    return RecordName(name=genesis.name, name_hash=genesis.name_hash)


def _own_statement(genesis: GenesisFact, step: HistoryStep) -> Statement:
    return Statement(definition=genesis.definition, name=_own_name(genesis), step=step)


def _lineage(genesis: GenesisFact, movements: Sequence[Movement]) -> tuple[Movement, ...]:
    """The title's movements after the genesis, checked to hang together."""
    lineage = tuple(one for one in movements if one.title and one.kind is not MovementKind.GENESIS)
    coin: Holding | None = genesis.title
    height = genesis.position.height
    for movement in lineage:
        later = movement.position.height
        in_order = later is None or (height is not None and later >= height)
        joined = coin is not None and movement.source is not None and movement.source.outpoint == coin.outpoint
        ends = (movement.kind is MovementKind.LOSS) == (movement.target is None)
        if movement.genesis != genesis.txid or not (in_order and joined and ends):
            raise IndexStateError(
                f"the movements of {display(genesis.txid)} break off before {display(movement.txid)}",
                hint=ImageRemedy.SYNC_AND_RETRY.of(),
            )
        coin, height = movement.target, later
    return lineage


def _history(
    genesis: GenesisFact, movements: Sequence[Movement], lineage: tuple[Movement, ...], *, settled_height: int
) -> tuple[HistoryStep, ...]:
    def settled(height: int | None) -> bool:
        return height is not None and height <= settled_height

    origin = [one for one in movements if one.kind is MovementKind.GENESIS and one.title]
    unproven = any(one.authorship is not Authorship.AUTHORISED for one in origin)
    record = Genesis(definition=genesis.definition, name=_own_name(genesis))
    first = genesis_step(genesis, record, settled=settled(genesis.position.height), unproven=unproven)
    return (first, *(step_of(one, settled=settled(one.position.height)) for one in lineage))


class _Collected:
    """The records that count, gathered step by step; final tags hold whatever comes after them."""

    def __init__(self) -> None:
        self.bindings: list[Binding] = []
        self.violations: list[Violation] = []
        self.revocations: list[Revocation] = []
        self.sealings: list[Sealing] = []
        self.statements: list[Statement] = []
        self._final: dict[TagKey, Digest] = {}

    def add(self, step: HistoryStep) -> None:
        match step.counted:
            case Release() as release:
                self._bind(step, release)
            case Revoke() as revoke:
                self.revocations.append(_revocation(revoke, step))
            case Seal(plaintext=plaintext, ciphertext=ciphertext):
                self.sealings.append(Sealing(plaintext=plaintext, ciphertext=ciphertext, step=step))
            case Genesis(definition=definition, name=name) | Define(definition=definition, name=name):
                self.statements.append(Statement(definition=definition, name=name, step=step))
            case None:
                pass

    def _bind(self, step: HistoryStep, release: Release) -> None:
        texts: tuple[Tag | None, ...] = release.tags.texts or (None,)
        for key, tag in zip(release.tags.keys, texts, strict=True):
            final = self._final.get(key)
            if final is not None and final != release.digest:
                self.violations.append(
                    Violation(key=key, tag=tag, digest=release.digest, final_digest=final, step=step)
                )
                continue
            if release.final:
                self._final[key] = release.digest
            self.bindings.append(Binding(key=key, tag=tag, digest=release.digest, final=key in self._final, step=step))
