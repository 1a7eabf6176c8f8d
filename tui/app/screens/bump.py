"""A higher fee for a transaction that waits."""

from tui.app.screens.form import DraftForm
from tui.app.services import Services
from tui.app.text import short
from tui.verbs.wallet.requests import Bump
from wallet.hashes import parse_txid


class BumpForm(DraftForm):
    """The fee rate alone; everything else stays as it is."""

    place = "transactions"
    explanation = (
        "Outputs stay where they are; the fee comes out of the change, or a coin is added. Empty takes the node's "
        "estimate, and at least what replaces the old one."
    )

    def __init__(self, services: Services, txid: str) -> None:
        super().__init__(services)
        self.txid = txid
        self.heading = f"A higher fee for {short(txid)}"

    def ask(self) -> Bump:
        """What the field says."""
        return Bump(txid=parse_txid(self.txid), rate=self.rate())
