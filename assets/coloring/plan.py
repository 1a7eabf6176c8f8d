"""What a transaction is meant to do, and the exact shape that does it.

An intent becomes a `TxPlan` (every input, output and their order), the wallet's builder funds it, and the guard
compares the finished transaction with an `Expectation` that was made from the intent, not from the plan.
"""

from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.model import AssetId, CoinColor, Genuine
from wallet.amount import Sats
from wallet.coins import KeyPath
from wallet.fees import MAX_FEE, MAX_RATE, FeeRate
from wallet.hashes import Txid
from wallet.transactions import RBF_SEQUENCE, Prevout


class Role(StrEnum):
    """What an input or an output is there for, in the words that people read."""

    TITLE = "title"
    TREASURY = "treasury"
    UNITS = "access units"
    MARKER = "marker"
    ISSUING = "issuing coin"
    PAYMENT = "payment"
    FUNDING = "funding"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Where something goes: a script, and the key of ours behind it, if it is ours."""

    script: CScript
    path: KeyPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCoin:
    """A coin of ours with the genuine units that it holds."""

    prevout: Prevout
    units: Genuine


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Access units for somebody."""

    to: Recipient
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInput:
    """A coin that the plan spends, its role and its colour."""

    prevout: Prevout
    role: Role
    color: CoinColor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOutput:
    """An output of the plan; `path` is the key of ours that it pays, if any."""

    txout: CTxOut
    role: Role
    path: KeyPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeFromOutput:
    """An output that may pay the fee out of its own value, down to `minimum` sats.

    Where it cannot, BTC inputs are appended and its value becomes `refill` sats.
    """

    vout: int
    minimum: Sats
    refill: Sats


@dataclass(frozen=True, slots=True, kw_only=True)
class TxPlan:
    """Everything that colour hangs on: version, sequences, order, values, the slot of the change.

    BTC inputs are appended after `inputs` only where `may_append_inputs`; BTC change is the last output, paid to
    `change`, or there is none.
    """

    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    may_append_inputs: bool
    change: tuple[CScript, KeyPath] | None
    fee_from: FeeFromOutput | None = None
    version: int = 2
    locktime: int = 0
    sequence: int = RBF_SEQUENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsAt:
    """Genuine units that must stand in output `vout` on `script`."""

    vout: int
    script: CScript
    units: Genuine


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """A genesis that was asked for: title in output 0, `units` access units in output 1, all on given scripts."""

    asset: AssetId
    genesis_input: COutPoint
    title_script: CScript
    treasury_script: CScript
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """Units that are meant to end."""

    genesis: Txid
    quantity: int
    title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a transaction must do, to the satoshi and the unit, before it is signed.

    `own_inputs` are exactly the inputs that this wallet signs; any other input must be in `foreign_inputs`.
    `units` are all outputs that carry genuine units afterwards (those of a mint excluded), `burns` all units that end,
    `btc_delta` is own outputs minus own inputs (negative: the wallet pays), `own_outputs` are the outputs that pay this
    wallet with the keys that they must derive from, `record` is the marker's metadata (None: no marker at all;
    b"": a marker without metadata). `payments` are the outputs to others, those that carry units included: every output
    is an own one, a payment or the marker. `issuing_coin` is the key of the one issuing script that this transaction
    may pay, to make the coin that a genesis spends. `returned` are coins on issuing scripts that go back to bitcoin,
    since no genesis will spend them. `sequences` are those of the inputs in their order where they are not all
    `sequence`.
    """

    own_inputs: frozenset[COutPoint]
    own_outputs: tuple[tuple[int, KeyPath], ...]
    btc_delta: Sats
    record: bytes | None
    units: tuple[UnitsAt, ...] = ()
    burns: tuple[Burn, ...] = ()
    mint: Mint | None = None
    payments: tuple[tuple[CScript, Sats], ...] = ()
    foreign_inputs: frozenset[COutPoint] = frozenset()
    issuing_coin: KeyPath | None = None
    returned: frozenset[COutPoint] = frozenset()
    version: int = 2
    locktime: int = 0
    sequence: int = RBF_SEQUENCE
    sequences: tuple[int, ...] | None = None
    max_fee: Sats = MAX_FEE
    max_rate: FeeRate = MAX_RATE
