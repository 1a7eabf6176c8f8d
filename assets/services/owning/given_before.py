"""Who of a list got access units already: a list that was cut off and is typed again gives everybody twice."""

from collections.abc import Collection

from bitcoin.core.script import CScript

from assets.index.reader import IndexReader
from assets.services.wallets.session import Session
from wallet.hashes import Txid
from wallet.keys.address import unit_address_of

GRANT = "grant"
"""The journal's word for a transaction that gives units away."""


def warn_of_holders(
    scripts: Collection[CScript], genesis: Txid, session: Session, reader: IndexReader
) -> tuple[str, ...]:
    """A warning where some of these hold units of the repository, or are about to get some from this wallet."""
    waiting = {
        bytes(txout.scriptPubKey)
        for entry in session.journal.unconfirmed()
        if entry.kind == GRANT and entry.genesis == genesis
        for txout in entry.tx.vout
    }
    held = {bytes(holding.script) for holding, units in reader.units_on(scripts) if units.genesis == genesis}
    known = [script for script in scripts if bytes(script) in waiting | held]
    if not known:
        return ()
    first = unit_address_of(known[0], session.network)
    if len(known) == 1:
        return (f"{first} has access units of it already, and gets more",)
    return (f"{len(known):,} of the {len(scripts):,} have access units of it already, and get more: {first} first",)
