"""Whether a transaction's record speaks for the holder of the title.

A record counts only if (1) the marker is output 0; (2) input 0 is the title and output 1 carries it on the same script,
so that a record never changes the owner and a change of owner never carries a record; (3) the signature of input 0
covers the whole transaction. The marker's payload has at most 80 bytes.
"""

from bitcoin.core import CTransaction

from assets.coloring.signatures import commits_to_everything, witness_of
from assets.coloring.transfer import Transfer
from assets.model import Authorship, Genuine
from assets.protocols.open_assets.marker import MAX_PAYLOAD


def authorship(tx: CTransaction, spent0: Genuine | None, spent0_script: bytes, transfer: Transfer) -> Authorship:
    """Judges the record of a transfer; geneses have `genesis_units`.

    `spent0` and `spent0_script` are what input 0 spends, `transfer` what `tx` does to genuine units. The witness is
    looked at last: what has no record's shape never depends on it.
    """
    shape = record_shape(tx, spent0, spent0_script, transfer)
    if shape is not Authorship.AUTHORISED:
        return shape
    match commits_to_everything(witness_of(tx, 0), spent0_script):
        case None:
            return Authorship.UNPROVEN
        case True:
            return Authorship.AUTHORISED
        case False:
            return Authorship.PARTIAL_SIGNATURE


def record_shape(tx: CTransaction, spent0: Genuine | None, spent0_script: bytes, transfer: Transfer) -> Authorship:
    """Rules 1 and 2 alone, so that a transaction can be judged before it is signed. AUTHORISED where both hold."""
    if transfer.marker is None or not transfer.marker.metadata:
        return Authorship.NO_RECORD
    if len(transfer.marker.serialize()) > MAX_PAYLOAD:
        return Authorship.OVERSIZE
    if transfer.marker_output != 0:
        return Authorship.WRONG_PLACE
    if spent0 is None or not spent0.title:
        return Authorship.NOT_TITLE
    carried = transfer.outputs[1] if len(transfer.outputs) > 1 else None
    if carried is None or not carried.title or bytes(tx.vout[1].scriptPubKey) != bytes(spent0_script):
        return Authorship.OTHER_SCRIPT
    return Authorship.AUTHORISED
