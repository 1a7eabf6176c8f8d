"""Steps of a title's history as lines."""

from bitcoin.core.script import CScript

from assets.services.drafts import address_or_nothing
from assets.services.image_views import RecordView
from tui.app.views import HistoryLine
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


def _address(script: str, network: Network) -> str:
    return address_or_nothing(CScript(bytes.fromhex(script)), network) or script
