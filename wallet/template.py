"""What a transaction must look like before it is funded."""

from dataclasses import dataclass

from bitcoin.core import CTxOut
from bitcoin.core.script import CScript

from wallet.amount import Sats
from wallet.coins import KeyPath
from wallet.transactions import RBF_SEQUENCE, Prevout


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeFrom:
    """An output that may pay the fee out of its own value, down to `minimum` sats.

    Where it cannot, BTC inputs are appended and its value becomes `refill` sats.
    """

    vout: int
    minimum: Sats
    refill: Sats


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Inputs and outputs that come first, in this order, and what the builder may add behind them.

    BTC inputs are appended only where `may_append_inputs`; BTC change becomes the last output, paid to `change`, or
    there is none. `own_outputs` maps an output's number to the key of this wallet that it pays.
    """

    inputs: tuple[Prevout, ...]
    outputs: tuple[CTxOut, ...]
    own_outputs: tuple[tuple[int, KeyPath], ...] = ()
    change: tuple[CScript, KeyPath] | None = None
    may_append_inputs: bool = False
    fee_from: FeeFrom | None = None
    version: int = 2
    locktime: int = 0
    sequence: int = RBF_SEQUENCE
