"""Steps of a title's history, and holders of access units, as lines."""

from bitcoin.core.script import CScript

from assets.services.chain.holders import HoldersView
from assets.services.read_models.image_views import RecordView
from assets.services.spending.drafts import address_or_nothing
from tui.app.views import HistoryLine, HolderLine, HoldersList
from wallet.network import Network


def history_line(record: RecordView, network: Network) -> HistoryLine:
    """One step, with the owner's address where the script has one."""
    place = "mempool" if record.height is None else f"block {record.height}"
    word = record.kind if record.counts or not record.why_not else f"{record.kind} (ignored)"
    parts = (", ".join(record.tags), record.detail, record.digest or "", record.why_not)
    return HistoryLine(
        txid=record.txid,
        place=place,
        word=word,
        what=" ".join(part for part in parts if part),
        owner="" if record.owner is None else _address(record.owner, network),
    )


def holders_list(view: HoldersView) -> HoldersList:
    """All holders, the treasury first."""
    ordered = sorted(view.holders, key=lambda one: (not one.treasury, -one.units, one.script))
    lines = tuple(
        HolderLine(
            address=one.address or one.script,
            units=one.units,
            share=f"{100 * one.units / view.issued:.2f} %",
            coins=one.coins,
            treasury=one.treasury,
        )
        for one in ordered
    )
    return HoldersList(
        height=view.height,
        issued=view.issued,
        treasury=view.treasury,
        circulating=view.circulating,
        ended=view.ended,
        holders=lines,
    )


def _address(script: str, network: Network) -> str:
    return address_or_nothing(CScript(bytes.fromhex(script)), network) or script
