"""Open Assets behind the port: closed transfers, geneses and records by a marker output."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bitcoin.core import CTransaction

from assets.coloring.authorship import authorship
from assets.coloring.genesis import GenesisClaim, GenesisParts, claim_of, genesis_units
from assets.coloring.port import Layout
from assets.coloring.shape import Shape, Steps
from assets.coloring.transfer import Transfer, apply
from assets.model import AssetId, Authorship, Genuine
from assets.protocols.open_assets.address import asset_id_text
from assets.protocols.open_assets.marker import MAX_PAYLOAD, TAG, Flaw, Marker, parse_closed, resembles_marker
from assets.protocols.open_assets.rule import asset_id_of, quantity_of
from assets.protocols.open_assets.shape import MarkerShape
from assets.protocols.open_assets.steps import color_steps
from wallet.chain.source import BlockRef
from wallet.hashes import Txid
from wallet.network import Network

if TYPE_CHECKING:
    from assets.coloring.compose import ChangeTo
    from assets.coloring.intents import Intent
    from assets.coloring.plan import TxPlan


class OpenAssets:
    """Implements `ColorRule`."""

    needle = TAG
    payload = MAX_PAYLOAD

    def may_move(self, script: bytes) -> bool:
        """Whether a script begins with OP_RETURN and holds the tag."""
        return resembles_marker(script)

    def layout(self, tx: CTransaction) -> Layout | Flaw | None:
        """The marker of a closed transfer."""
        parsed = parse_closed(tx)
        if not isinstance(parsed, tuple):
            return parsed
        number, marker = parsed
        quantities = tuple(quantity_of(vout, marker.quantities, number) for vout in range(len(tx.vout)))
        return Layout(data=number, quantities=quantities, record=marker.metadata)

    def size(self, quantities: Sequence[int], record: bytes) -> int:
        """Bytes of the marker's payload."""
        return len(Marker(tuple(quantities), record).serialize())

    def claim(self, tx: CTransaction) -> GenesisClaim | Flaw | None:
        """A marker in output 2 with [1, N] and a GENESIS record."""
        return claim_of(tx)

    def genesis(self, tx: CTransaction, script0: bytes) -> GenesisParts | Flaw | None:
        """The genesis that issues the asset of the script that input 0 spends."""
        return genesis_units(tx, script0)

    def move(self, tx: CTransaction, spent: Sequence[Genuine | None]) -> Transfer:
        """A closed transfer, or the end of all units."""
        return apply(tx, spent)

    def authorship(self, tx: CTransaction, spent0: Genuine | None, script0: bytes, transfer: Transfer) -> Authorship:
        """By the marker's place, the title's script and input 0's signature."""
        return authorship(tx, spent0, script0, transfer)

    def shape(self, tx: CTransaction, *, block: BlockRef | None) -> MarkerShape:
        """The markers and the claim of a transaction; without metadata."""
        return MarkerShape.of(tx, block=block)

    def steps(self, txid: Txid, shape: Shape) -> Steps:
        """A genesis, a closed transfer, else by the reference implementation's rule."""
        assert isinstance(shape, MarkerShape), "it is one of this rule"
        return color_steps(txid, shape)

    def asset_of(self, script: bytes) -> AssetId:
        """RIPEMD160(SHA256(script))."""
        return asset_id_of(script)

    def asset_text(self, asset: AssetId, network: Network) -> str:
        """Base58check, as Open Assets wallets show it."""
        return asset_id_text(asset, network)

    def compose(self, intent: "Intent", change: "ChangeTo") -> "TxPlan":
        """A marker between what it issues and what it moves."""
        from assets.coloring.compose import plan_genesis, plan_grant, plan_handover, plan_record
        from assets.coloring.intents import GrantIntent, HandOverIntent, IssueIntent, RecordIntent, SaleIntent
        from assets.coloring.sale import plan_sale

        match intent:
            case IssueIntent():
                return plan_genesis(
                    issuing=intent.issuing,
                    owner=intent.owner,
                    units=intent.units,
                    record=intent.record,
                    change=change,
                    title_value=intent.title_value,
                )
            case RecordIntent():
                return plan_record(title=intent.title, record=intent.record, change=change)
            case HandOverIntent():
                return plan_handover(
                    title=intent.title,
                    treasury=intent.treasury,
                    to=intent.to,
                    change=change,
                    title_value=intent.title_value,
                )
            case GrantIntent():
                return plan_grant(coins=intent.coins, grants=intent.grants, rest=intent.rest, change=change)
            case SaleIntent():
                return plan_sale(intent.deal, change)
