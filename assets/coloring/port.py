"""The port to a protocol that keeps units on transactions.

Whatever stands above the colouring asks a `ColorRule`: the index which transactions may move units and what they do,
the services for a plan that does what somebody wants. No rule knows another one. What an attachment says is no matter
of a rule, but for the records that it hands on: always in the bytes of `assets.images.record`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from bitcoin.core import CTransaction

from assets.coloring.genesis import GenesisClaim, GenesisParts
from assets.coloring.shape import Shape, Steps
from assets.coloring.transfer import Transfer
from assets.model import AssetId, Authorship, Genuine
from wallet.chain.source import BlockRef
from wallet.hashes import Txid
from wallet.network import Network

if TYPE_CHECKING:
    # Only what spends composes; what verifies does not load plans.
    from assets.coloring.compose import ChangeTo
    from assets.coloring.intents import Intent
    from assets.coloring.plan import TxPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A transaction as one rule reads it, before anybody asks what it spends.

    `data` is the number of the output that carries the message; `quantities` has one entry for each output, the units
    that the message gives it, whether there are any or not; `record` is what is attached, b"" without.
    """

    data: int
    quantities: tuple[int, ...]
    record: bytes

    @property
    def given(self) -> tuple[int, ...]:
        """The quantities of the outputs beside the data, up to the last that gets units."""
        others = [quantity for vout, quantity in enumerate(self.quantities) if vout != self.data]
        while others and not others[-1]:
            others.pop()
        return tuple(others)


class ColorRule(Protocol):
    """How one protocol keeps units on transactions. Malformed chain data is a value (a flaw's words), never an error.

    Every transaction that may make or move units has an output script that begins with `6a` and contains `needle`, so
    that a block without these bytes is passed over. `payload` is the size of the largest message that every node
    relays, in bytes.
    """

    @property
    def needle(self) -> bytes:
        """Bytes of every message."""

    @property
    def payload(self) -> int:
        """Bytes of the largest message."""

    def may_move(self, script: bytes) -> bool:
        """Whether an output script looks like a message, well-formed or not."""

    def layout(self, tx: CTransaction) -> Layout | StrEnum | None:
        """The message of a transaction that moves genuine units, or a flaw; None where nothing looks like one."""

    def size(self, quantities: Sequence[int], record: bytes) -> int:
        """Bytes of the message that gives these units to the outputs in order, and carries a record."""

    def claim(self, tx: CTransaction) -> GenesisClaim | StrEnum | None:
        """What of a genesis can be seen without input 0's coin and signature; a flaw where it fails."""

    def genesis(self, tx: CTransaction, script0: bytes) -> GenesisParts | StrEnum | None:
        """The genesis that a transaction is, given the script that input 0 spends.

        None where it does not claim to be one, a flaw where the claim fails.
        """

    def move(self, tx: CTransaction, spent: Sequence[Genuine | None]) -> Transfer:
        """What a transaction does to the genuine units that its inputs hold, one entry for each input."""

    def authorship(self, tx: CTransaction, spent0: Genuine | None, script0: bytes, transfer: Transfer) -> Authorship:
        """Whether the record of a transfer speaks for the holder of the title; geneses have `genesis`."""

    def shape(self, tx: CTransaction, *, block: BlockRef | None) -> Shape:
        """What the backward walk keeps of a transaction."""

    def steps(self, txid: Txid, shape: Shape) -> Steps:
        """Colours the outputs of a transaction by a shape of this rule; balances too, of what is not genuine."""

    def asset_of(self, script: bytes) -> AssetId:
        """The asset that a coin on this script can issue."""

    def asset_text(self, asset: AssetId, network: Network) -> str:
        """An asset as wallets of this protocol show it."""

    def compose(self, intent: "Intent", change: "ChangeTo") -> "TxPlan":
        """The exact shape of a transaction that does it: everything that colour hangs on.

        Raises EncodingError, StateError and InsufficientQuantityError where it cannot be done.
        """
