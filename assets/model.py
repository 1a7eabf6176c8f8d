"""The words that every part of the package shares: colours of coins and movements of units.

A *genuine* unit descends from a genesis by closed transfers. Anything else that carries the same Open Assets id is
*foreign*. The two are different types, so that one can never stand in for the other.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid

AssetId = NewType("AssetId", bytes)
"""20 bytes: RIPEMD160 of SHA256 of the issuing script (Open Assets)."""

MAX_QUANTITY = 2**63 - 1
"""The largest quantity, and the largest sum of quantities, of an Open Assets marker."""

MAX_ACCESS_UNITS = 2**53 - 1
"""The most access units that a genesis may issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """Units of one repository, named by the txid of its genesis.

    `title` is true for the one unit that owns the repository; its quantity is 1.
    """

    genesis: Txid
    quantity: int
    title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Units that Open Assets sees and that descend from no genesis by closed transfers."""

    asset: AssetId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A coin whose colour could not be found out. It is reserved, and nothing that spends it is signed."""

    reason: str


@dataclass(frozen=True, slots=True)
class AssetUnits:
    """A quantity of one asset, genuine or not; always above zero."""

    asset: AssetId
    quantity: int


class Sign(StrEnum):
    """What speaks for units of a protocol that this wallet does not move. The values are stored, and printed as JSON.

    SMALL is about the coin, all others about the transaction that made it.
    """

    SMALL = "small"
    COUNTERPARTY = "counterparty"
    COLORED_COINS = "colored coins"
    RUNES = "runes"
    INSCRIPTION = "inscription"
    EPOBC = "epobc"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherColor:
    """A coin on a bitcoin path that holds no Open Assets units and might hold those of another protocol.

    It is reserved, and nothing that spends it is signed, until the user frees it. `signs` are one or more, in the order
    of `Sign`.
    """

    signs: tuple[Sign, ...]


CoinColor = Genuine | Foreign | OtherColor | Unknown | None
"""The colour of a coin; None is a coin known to be uncoloured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a transaction stands: a block and its number there, or the mempool.

    In the mempool `height` is None and `index` counts from the confirmed lineage on (0 is the first).
    """

    height: int | None
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A coin that holds units: where it is, who holds it, its sats."""

    outpoint: COutPoint
    script: CScript
    value: Sats


class MovementKind(StrEnum):
    """What happened to units."""

    GENESIS = "genesis"
    TRANSFER = "transfer"
    LOSS = "loss"
    """Spent by something that is no closed transfer, or destroyed by one."""


class Authorship(StrEnum):
    """Whether a record speaks for the holder of the title."""

    AUTHORISED = "authorised"
    WRONG_PLACE = "the marker is not where a record's marker must be"
    OTHER_SCRIPT = "the title moved to another script"
    NOT_TITLE = "input 0 is not the title"
    PARTIAL_SIGNATURE = "the signature of input 0 does not commit to the whole transaction"
    UNPROVEN = "the witness is missing or unproven"
    NO_RECORD = "no metadata"
    OVERSIZE = "the marker's payload is longer than 80 bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Units of one genesis that went from one holder to another, as images see the chain.

    `source` is None in a genesis, `target` in a loss. A title that an ordinary transfer turned into an access unit
    (the repository is frozen then) is a LOSS with `title` true, followed by a TRANSFER with `title` false.
    `attachment` is the marker's metadata, the same for every movement of a transaction; `authorship` judges it.
    `author` is the script that input 0 spent.
    """

    kind: MovementKind
    txid: Txid
    position: Position
    block: BlockHash | None
    genesis: Txid
    title: bool
    quantity: int
    source: Holding | None
    target: Holding | None
    attachment: bytes
    authorship: Authorship
    author: CScript


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisFact:
    """What a genesis transaction says of itself.

    `definition` is the sha256 of the definition's bytes; `name` is the record's name, or None where the record holds
    only `name_hash` (first 20 bytes of the sha256 of the canonical name; always set). `units` are the access units.
    `genesis_input` is the coin on the issuing script that input 0 spent.
    """

    txid: Txid
    position: Position
    block: BlockHash | None
    asset: AssetId
    issuing_script: CScript
    genesis_input: COutPoint
    title: Holding
    treasury: Holding
    units: int
    definition: bytes
    name: str | None
    name_hash: bytes
