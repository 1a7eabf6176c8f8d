"""What a transaction that somebody else made states to do, for the guard to hold it to.

Amounts and places are taken from the transaction; what no transaction may do is not: units that end, coins that are
minted, issuing scripts that are paid, versions and lock times that keep it out of the next block.
"""

from collections.abc import Sequence

from assets.coloring.guard_case import Check, require
from assets.coloring.plan import Expectation
from assets.coloring.reading import Reading, has_marker, judged_colors, moved_units, stated_mint
from assets.model import CoinColor
from assets.protocols.open_assets.marker import parse_closed, resembles_marker
from assets.remedies import ImageRemedy
from wallet.amount import Sats, format_sats
from wallet.coins import AccountKind
from wallet.hashes import Txid, display
from wallet.transactions import UnsignedTransaction

VERSIONS = (1, 2)
"""Of payments; what moves units has version 2, as ours has."""


def stated(unsigned: UnsignedTransaction, colors: Sequence[CoinColor], *, ours: bool = False) -> Expectation:
    """The expectation that a foreign transaction sets itself. One of `ours` was drafted here: it may be a step of
    issuing, which nobody else is to ask for.
    """
    tx, own = unsigned.tx, dict(unsigned.own_outputs)
    marked = has_marker(unsigned)
    found = parse_closed(tx)
    gained = sum(tx.vout[vout].nValue for vout in own)
    spent = sum(one.txout.nValue for one in unsigned.prevouts if one.path is not None)
    issuing = [path for path in own.values() if path.account is AccountKind.ISSUING]
    return Expectation(
        own_inputs=frozenset(one.outpoint for one in unsigned.prevouts if one.path is not None),
        foreign_inputs=frozenset(one.outpoint for one in unsigned.prevouts if one.path is None),
        own_outputs=unsigned.own_outputs,
        btc_delta=Sats(gained - spent),
        record=(found[1].metadata if isinstance(found, tuple) else b"") if marked else None,
        units=moved_units(unsigned, judged_colors(unsigned, colors))[1],
        mint=stated_mint(unsigned) if ours else None,
        payments=tuple(
            (txout.scriptPubKey, Sats(txout.nValue))
            for vout, txout in enumerate(tx.vout)
            if vout not in own and not resembles_marker(txout.scriptPubKey)
        ),
        issuing_coin=issuing[0] if issuing and ours else None,
        returned=frozenset()
        if marked
        else frozenset(
            one.outpoint
            for one in unsigned.prevouts
            if one.path is not None and one.path.account is AccountKind.ISSUING
        ),
        version=tx.nVersion if tx.nVersion in VERSIONS and not marked else 2,
        locktime=tx.nLockTime,
        sequences=tuple(txin.nSequence for txin in tx.vin),
    )


def require_named(reading: Reading, *, hand_over: bool, presumed: bool = False) -> None:
    """What leaves this wallet for good was named by whoever signs. Raises GuardError.

    A title never leaves in passing, nor does the greater part of the access units that a transaction moves. `presumed`
    colours are taken from what coins were made to hold, and not from the chain.
    """
    if hand_over:
        return
    at = next((at for at in reading.units if at.units.title), None)
    what = "what may be a repository's title" if presumed else f"the title of {_shown(reading.title_leaves)}"
    require(
        Check.TITLE,
        reading.title_leaves is None,
        f"output {at.vout if at else '?'} takes {what} away from this wallet",
        hint="nothing was signed; "
        + ImageRemedy.NAME_HAND_OVER.of()
        + (" (for a single access unit, too)" if presumed else ""),
    )
    require(
        Check.TREASURY,
        reading.leaving <= reading.kept,
        f"{reading.leaving:,} access units leave this wallet, and {reading.kept:,} of those that it spends stay",
        hint="nothing was signed; " + ImageRemedy.NAME_GIVING_AWAY.of(),
    )


def _shown(genesis: Txid | None) -> str:
    return "none" if genesis is None else display(genesis)


def leaving_words(reading: Reading, *, presumed: bool = False) -> tuple[str, ...]:
    """What goes to others, in words."""
    words = []
    if reading.title_leaves is not None:
        what = "what may be a repository's title" if presumed else f"the title of {display(reading.title_leaves)}"
        words.append(f"{what} leaves this wallet, and with it the repository")
    if reading.leaving:
        words.append(f"{reading.leaving:,} access units leave this wallet, {reading.kept:,} of the spent ones stay")
    return tuple(words)


def joint_words(unsigned: UnsignedTransaction) -> tuple[str, ...]:
    """Who puts in and gets how much, where others sign inputs of it, too."""
    own = dict(unsigned.own_outputs)
    ours = sum(one.txout.nValue for one in unsigned.prevouts if one.path is not None)
    theirs = sum(one.txout.nValue for one in unsigned.prevouts if one.path is None)
    if not any(one.path is None for one in unsigned.prevouts):
        return ()
    back = sum(unsigned.tx.vout[vout].nValue for vout in own)
    rest = sum(txout.nValue for txout in unsigned.tx.vout) - back
    words = (
        f"others sign inputs of it, too: this wallet puts in {format_sats(ours)} and gets {format_sats(back)}; others "
        f"put in {format_sats(theirs)}, {format_sats(rest)} go to others, and the rest is the fee"
    )
    return (words,)
