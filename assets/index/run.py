"""Turning consecutive blocks into one change set. Pure but for the two questions that it is given."""

from collections.abc import Callable

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.images.record import Define, parse_record
from assets.index.changes import ChangeSet, NameClaim, UnitCreated, UnitSpent
from assets.index.movements import Effect, HeldUnits, effect_of
from assets.index.scan import BlockHits, find_hits
from assets.model import Authorship, GenesisFact, Movement, MovementKind, Position
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash, Txid


class BlockRun:
    """Consecutive blocks on their way into the index.

    `units` answers which coins hold units before the run; `fetch` gets a transaction that a block spends from, and is
    asked only for transactions that look like a genesis, or that lose units of ours.
    """

    def __init__(
        self,
        *,
        previous: BlockHash | None,
        units: Callable[[COutPoint], HeldUnits | None],
        fetch: Callable[[Txid], CTransaction],
    ) -> None:
        self._previous = previous
        self._known_units = units
        self._fetch = fetch
        self._blocks: list[BlockRef] = []
        self._created: dict[tuple[bytes, int], UnitCreated] = {}
        self._spent: dict[tuple[bytes, int], UnitSpent] = {}
        self._geneses: list[GenesisFact] = []
        self._movements: list[Movement] = []
        self._claims: list[NameClaim] = []

    @property
    def last(self) -> BlockHash | None:
        """The hash that the next block must name as the one before."""
        return self._blocks[-1].hash if self._blocks else self._previous

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, ref: BlockRef, raw: bytes) -> None:
        """The next block. Raises ChainError where its bytes are no block."""
        found = find_hits(raw)
        if found is not None:
            for hit in found.hits:
                self.color(ref, hit.index, hit.tx, lambda outpoint: self._spent_script(found, outpoint))
        self.close(ref)

    def color(self, ref: BlockRef, index: int, tx: CTransaction, spent_script: Callable[[COutPoint], CScript]) -> None:
        """A transaction of the block that is to be closed next, by its number there; they come in order.

        `spent_script` answers the script of a coin that it spends.
        """
        effect = effect_of(
            tx,
            position=Position(height=ref.height, index=index),
            block=ref.hash,
            spent=tuple(self._units(txin.prevout) for txin in tx.vin),
            spent_script=spent_script,
        )
        if effect is not None:
            self._take(effect, ref)

    def close(self, ref: BlockRef) -> None:
        """No more of a block is to come."""
        self._blocks.append(ref)

    def changes(self) -> ChangeSet:
        """What the blocks so far change."""
        return ChangeSet(
            previous=self._previous,
            blocks=tuple(self._blocks),
            created=tuple(self._created.values()),
            spent=tuple(self._spent.values()),
            geneses=tuple(self._geneses),
            movements=tuple(self._movements),
            claims=tuple(self._claims),
        )

    def _units(self, outpoint: COutPoint) -> HeldUnits | None:
        key = (outpoint.hash, outpoint.n)
        if key in self._spent:
            return None
        made = self._created.get(key)
        return (made.holding, made.units) if made is not None else self._known_units(outpoint)

    def _spent_script(self, block: BlockHits, outpoint: COutPoint) -> CScript:
        """The script of a coin that this block spends; it was made in this block or before."""
        tx = block.transaction(Txid(outpoint.hash)) or self._fetch(Txid(outpoint.hash))
        return tx.vout[outpoint.n].scriptPubKey

    def _take(self, effect: Effect, ref: BlockRef) -> None:
        for outpoint in effect.spent:
            self._spent[outpoint.hash, outpoint.n] = UnitSpent(outpoint=outpoint, block=ref)
        for holding, units in effect.created:
            key = (holding.outpoint.hash, holding.outpoint.n)
            self._created[key] = UnitCreated(holding=holding, units=units, block=ref)
        self._movements.extend(effect.movements)
        if effect.genesis is not None:
            self._geneses.append(effect.genesis)
            self._claims.append(NameClaim(genesis=effect.genesis.txid, name_hash=effect.genesis.name_hash, block=ref))
        self._claims.extend(_define_claims(effect.movements, ref))


def _define_claims(movements: tuple[Movement, ...], ref: BlockRef) -> tuple[NameClaim, ...]:
    claims = []
    for movement in movements:
        if movement.title and movement.kind is MovementKind.TRANSFER and movement.authorship is Authorship.AUTHORISED:
            record = parse_record(movement.attachment)
            if isinstance(record, Define):
                claims.append(NameClaim(genesis=movement.genesis, name_hash=record.name.name_hash, block=ref))
    return tuple(claims)
