"""Read models of a single transaction and of the wallet at a glance: texts, integers, booleans and tuples of these."""

from dataclasses import dataclass

from assets.services.read_models.wallet_views import ActivityView, BalanceView


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionInput:
    """A coin that a transaction spends. `sats` is None where the node does not have the parent.

    `role` is what the wallet meant it to be, empty where it did not make the transaction; `color` what it carried.
    """

    outpoint: str
    role: str
    sats: int | None
    address: str
    own: bool
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionOutput:
    """An output of a transaction. `color` is what it carries, empty for plain bitcoin."""

    vout: int
    role: str
    sats: int
    address: str
    own: bool
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionView:
    """A transaction with everything that is known of it.

    `height` is None while no block holds it, `fee` in sats where every parent is known, `vsize` in vB. `effects` say
    what it was meant to do, `reason` why the node refused it, `can_bump` whether a higher fee may be tried.
    """

    txid: str
    kind: str
    state: str
    height: int | None
    confirmations: int
    fee: int | None
    vsize: int
    inputs: tuple[TransactionInput, ...]
    outputs: tuple[TransactionOutput, ...]
    effects: tuple[str, ...]
    reason: str
    can_bump: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLine:
    """A block of the best chain, and what of the wallet's it holds, in words."""

    height: int
    hash: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something that needs a person. `level` is problem, warning or note; `txid` or `genesis` where it is about one,
    `place` where a whole screen shows more of it."""

    level: str
    text: str
    txid: str = ""
    genesis: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView:
    """A wallet at a glance. `owned` are the names of the repositories whose title it holds."""

    balance: BalanceView
    owned: tuple[str, ...]
    access: tuple[str, ...]
    blocks: tuple[BlockLine, ...]
    pending: tuple[ActivityView, ...]
    concerns: tuple[Concern, ...]
