"""What a run of blocks changes in the index: a value that a store applies in one step."""

from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.model import GenesisFact, Genuine, Holding, Movement
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash, Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCreated:
    """A coin that got units, and the block that holds its transaction."""

    holding: Holding
    units: Genuine
    block: BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSpent:
    """A coin with units that a transaction with a marker spent, and the block that holds it."""

    outpoint: COutPoint
    block: BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClaim:
    """A genesis that took a name by a GENESIS or an authorised DEFINE.

    `name_hash` is the first 20 bytes of the sha256 of the canonical name.
    """

    genesis: Txid
    name_hash: bytes
    block: BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """The blocks of one run, in height order, and everything that they did to units.

    `previous` is the hash of the block before the first one, or None where the run begins the index.
    """

    previous: BlockHash | None
    blocks: tuple[BlockRef, ...]
    created: tuple[UnitCreated, ...]
    spent: tuple[UnitSpent, ...]
    geneses: tuple[GenesisFact, ...]
    movements: tuple[Movement, ...]
    claims: tuple[NameClaim, ...]
