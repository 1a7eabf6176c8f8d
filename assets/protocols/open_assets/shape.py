"""What the backward walk keeps of a transaction while its ancestors are looked up: little, since there may be many."""

from dataclasses import dataclass

from bitcoin.core import COutPoint, CTransaction

from assets.coloring.genesis import GenesisClaim, claim_of
from assets.coloring.signatures import witness_of
from assets.protocols.open_assets.marker import Marker, parse_closed
from assets.protocols.open_assets.rule import markers_in, quantity_of
from wallet.chain.source import BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerShape:
    """Implements `Shape`.

    `markers` are those that the reference could choose, `closed` the one of a closed transfer, `genesis` the claim to
    be a genesis with `witness` of input 0. `prevouts` is empty where no output can have a colour. `block` is the one
    that holds the transaction, None in the mempool.
    """

    scripts: tuple[bytes, ...]
    prevouts: tuple[COutPoint, ...]
    markers: tuple[tuple[int, Marker], ...]
    closed: tuple[int, Marker] | None
    genesis: GenesisClaim | None
    witness: tuple[bytes, ...]
    block: BlockRef | None

    @classmethod
    def of(cls, tx: CTransaction, *, block: BlockRef | None) -> "MarkerShape":
        """The shape of a transaction; metadata is dropped."""
        markers = tuple((number, Marker(marker.quantities, b"")) for number, marker in markers_in(tx))
        parsed = parse_closed(tx) if markers else None
        closed = markers[0] if isinstance(parsed, tuple) else None
        claim = claim_of(tx) if markers else None
        genesis = claim if isinstance(claim, GenesisClaim) else None
        return cls(
            scripts=tuple(bytes(txout.scriptPubKey) for txout in tx.vout),
            prevouts=tuple(txin.prevout for txin in tx.vin) if markers else (),
            markers=markers,
            closed=closed,
            genesis=genesis,
            witness=witness_of(tx, 0) if genesis else (),
            block=block,
        )

    def may_color(self, vout: int) -> bool:
        """Whether any marker gives the output a quantity; without one it is uncoloured whatever the inputs hold."""
        return any(quantity_of(vout, marker.quantities, number) for number, marker in self.markers)
