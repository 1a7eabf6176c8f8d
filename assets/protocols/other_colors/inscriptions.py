"""Ordinals: an inscription is an envelope `OP_FALSE OP_IF "ord"` in a witness, in any form of its two pushes.

It is looked for in every item and at every place, since readers differ on which items are scripts; whoever puts these
bytes where they mean nothing has a coin reserved that he paid for.
"""

import re

from bitcoin.core import CTransaction

_NOTHING = rb"(?:\x00|\x4c\x00|\x4d\x00\x00|\x4e\x00\x00\x00\x00)"
_OP_IF = rb"\x63"
_ORD = rb"(?:\x03|\x4c\x03|\x4d\x03\x00|\x4e\x03\x00\x00\x00)ord"
_ENVELOPE = re.compile(_NOTHING + _OP_IF + _ORD)


def inscribes(tx: CTransaction) -> bool:
    """Whether a witness carries an envelope. A transaction without its witnesses shows none."""
    return any(_ENVELOPE.search(bytes(item)) for entry in tx.wit.vtxinwit for item in entry.scriptWitness.stack)
