"""What a transaction of ours was meant to do, read back from the journal, so that its replacement can be held to it.

The transaction itself says which coins it spends, whom it pays and what its marker writes; the journal says which of
its inputs and outputs were planned. Everything that follows the planned outputs is change.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring.compose import TITLE_MINIMUM
from assets.coloring.genesis import TITLE_OUTPUT, TREASURY_OUTPUT, GenesisClaim
from assets.coloring.plan import Expectation, Mint, PlannedInput, PlannedOutput, Role, TxPlan, UnitsAt
from assets.coloring.port import Layout
from assets.errors import GuardError
from assets.model import CoinColor, Genuine
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.amount import Sats
from wallet.coins import AccountKind, KeyPath
from wallet.documents import decode_json
from wallet.errors import ChainError, StateError
from wallet.hashes import Txid, display
from wallet.store.journal import JournalEntry
from wallet.template import FeeFrom
from wallet.transactions import Prevout, UnsignedTransaction, dust_limit

ColorOf = Callable[[COutPoint], CoinColor]


class _Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal notes of a draft; unknown fields are another part's."""

    effects: tuple[str, ...] = ()
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A journalled transaction that waits for a block.

    `inputs` and `outputs` are the roles of the planned ones; `change` is the number of the change output, if there is
    one; `fee_from` is the planned output that may pay for a higher fee: a title, or, where everything was sent, the
    payment (`payment_shrinks`). `mints` tells a genesis.
    """

    kind: str
    genesis: Txid | None
    effects: tuple[str, ...]
    previous: UnsignedTransaction
    inputs: tuple[Role, ...]
    outputs: tuple[Role, ...]
    change: int | None
    fee_from: FeeFrom | None
    payment_shrinks: bool
    mints: bool


def read_sent(entry: JournalEntry, session: Session) -> Sent:
    """The transaction of a journal entry as it was drafted.

    Raises StateError where others' coins are in it, or where the journal's note does not fit the transaction.
    """
    summary = _summary(entry)
    previous = _unsigned(entry, session)
    outputs = tuple(Role(role) for role in summary.outputs)
    inputs = tuple(Role(role) for role in summary.inputs)
    change = _change(entry, previous, len(inputs), len(outputs))
    fee_from = _fee_from(previous, inputs, outputs)
    return Sent(
        kind=entry.kind,
        genesis=entry.genesis,
        effects=summary.effects,
        previous=previous,
        inputs=inputs,
        outputs=outputs,
        change=change,
        fee_from=fee_from,
        payment_shrinks=fee_from is not None and outputs == (Role.PAYMENT,),
        mints=isinstance(RULE.claim(previous.tx), GenesisClaim),
    )


def expect_again(sent: Sent, unsigned: UnsignedTransaction, color_of: ColorOf) -> Expectation:
    """What the replacement must do: the same for everybody but the wallet, which pays the higher fee.

    Raises GuardError where the units that it moves are not those of the repository in the journal.
    """
    old = sent.previous
    layout = RULE.layout(old.tx)
    if layout is not None and not isinstance(layout, Layout):
        raise StateError(f"{display(old.txid)} has a marker that is none: {layout}", hint="wait for the next block")
    planned = range(len(sent.outputs))
    own = dict(old.own_outputs)
    payments = tuple(
        (txout.scriptPubKey, Sats(_value(sent, unsigned, vout)))
        for vout, txout in enumerate(old.tx.vout)
        if vout in planned and vout not in own and sent.outputs[vout] is not Role.MARKER
    )
    return Expectation(
        own_inputs=frozenset(prevout.outpoint for prevout in (*old.prevouts, *_appended(sent, unsigned))),
        own_outputs=tuple((vout, path) for vout, path in unsigned.own_outputs if vout not in planned or vout in own),
        btc_delta=Sats(-unsigned.fee - sum(value for _, value in payments)),
        record=None if layout is None else layout.record,
        units=() if sent.mints else _units(sent, color_of),
        mint=_mint(old) if sent.mints else None,
        payments=payments,
        issuing_coin=_issuing_coin(sent),
        version=old.tx.nVersion,
        locktime=old.tx.nLockTime,
        sequence=old.tx.vin[0].nSequence,
    )


def plan_again(sent: Sent, unsigned: UnsignedTransaction, color_of: ColorOf) -> TxPlan:
    """The finished replacement in a plan's words, for people and for the journal."""
    own = dict(unsigned.own_outputs)
    return TxPlan(
        inputs=tuple(
            PlannedInput(prevout=prevout, role=role, color=color_of(prevout.outpoint))
            for prevout, role in zip(unsigned.prevouts, sent.inputs, strict=False)
        ),
        outputs=tuple(
            PlannedOutput(txout=txout, role=role, path=own.get(vout))
            for vout, (txout, role) in enumerate(zip(unsigned.tx.vout, sent.outputs, strict=False))
        ),
        may_append_inputs=False,
        change=None,
        version=unsigned.tx.nVersion,
        locktime=unsigned.tx.nLockTime,
        sequence=unsigned.tx.vin[0].nSequence,
    )


def _summary(entry: JournalEntry) -> _Summary:
    try:
        summary = decode_json(entry.summary, _Summary, what="the journal's entry")
        for role in (*summary.inputs, *summary.outputs):
            Role(role)
    except ValueError as error:
        raise StateError(
            f"the journal does not say how {display(entry.txid)} was made", hint="wait for the next block"
        ) from error
    return summary


def _unsigned(entry: JournalEntry, session: Session) -> UnsignedTransaction:
    tx = entry.tx
    scripts = own_scripts(session)
    prevouts = []
    for number, txin in enumerate(tx.vin):
        txout = _spent(txin.prevout, session)
        path = scripts.get(bytes(txout.scriptPubKey)) or session.account.find(txout.scriptPubKey, 0)
        if path is None:
            raise StateError(
                f"input {number} of {display(entry.txid)} is not this wallet's to sign",
                hint="a transaction with somebody else's coins cannot be replaced by one side alone",
            )
        prevouts.append(Prevout(outpoint=txin.prevout, txout=txout, path=path))
    own = [(vout, scripts.get(bytes(txout.scriptPubKey))) for vout, txout in enumerate(tx.vout)]
    unsigned = UnsignedTransaction(
        tx=CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion),
        prevouts=tuple(prevouts),
        own_outputs=tuple((vout, path) for vout, path in own if path is not None),
    )
    assert unsigned.txid == entry.txid, "a txid does not cover witnesses"
    return unsigned


def _spent(outpoint: COutPoint, session: Session) -> CTxOut:
    parent = session.journal.entry(Txid(outpoint.hash))
    if parent is not None:
        return parent.tx.vout[outpoint.n]
    found = session.source.transaction(Txid(outpoint.hash))
    if found is None or outpoint.n >= len(found.tx.vout):
        raise ChainError(
            f"the node does not have {display(outpoint.hash)}, which is to be spent",
            hint=ImageRemedy.DOCTOR.of() + ": a transaction index is needed",
        )
    return found.tx.vout[outpoint.n]


def _change(entry: JournalEntry, previous: UnsignedTransaction, inputs: int, outputs: int) -> int | None:
    own, count = dict(previous.own_outputs), len(previous.tx.vout)
    if inputs > len(previous.prevouts) or not outputs <= count <= outputs + 1:
        raise StateError(
            f"the journal's note on {display(entry.txid)} does not fit the transaction", hint="wait for the next block"
        )
    if count == outputs:
        return None
    path = own.get(outputs)
    if path is None or path.account is not AccountKind.BTC:
        raise StateError(
            f"the last output of {display(entry.txid)} is not this wallet's change", hint="wait for the next block"
        )
    return outputs


def _title_pays(previous: UnsignedTransaction, outputs: tuple[Role, ...]) -> bool:
    """Whether the title wrote a record and stayed with us, so that its own sats may pay."""
    if outputs[:2] != (Role.MARKER, Role.TITLE) or 1 not in dict(previous.own_outputs):
        return False
    return bool(previous.tx.vout[1].scriptPubKey == previous.prevouts[0].txout.scriptPubKey)


def _fee_from(previous: UnsignedTransaction, inputs: tuple[Role, ...], outputs: tuple[Role, ...]) -> FeeFrom | None:
    """The title that wrote a record, or the one payment of everything: of all outputs, only these may shrink."""
    if _title_pays(previous, outputs):
        return FeeFrom(vout=1, minimum=TITLE_MINIMUM, refill=Sats(previous.tx.vout[1].nValue))
    if outputs == (Role.PAYMENT,) and inputs and set(inputs) == {Role.FUNDING}:
        paid = previous.tx.vout[0]
        return FeeFrom(vout=0, minimum=dust_limit(paid.scriptPubKey), refill=Sats(paid.nValue))
    return None


def _appended(sent: Sent, unsigned: UnsignedTransaction) -> tuple[Prevout, ...]:
    return unsigned.prevouts[len(sent.previous.prevouts) :]


def _value(sent: Sent, unsigned: UnsignedTransaction, vout: int) -> int:
    """What a payment is to hold: as before, or less the higher fee where everything was sent."""
    value = int(sent.previous.tx.vout[vout].nValue)
    shrinks = sent.fee_from is not None and sent.fee_from.vout == vout and not _appended(sent, unsigned)
    return value - (unsigned.fee - sent.previous.fee) if shrinks else value


def _units(sent: Sent, color_of: ColorOf) -> tuple[UnitsAt, ...]:
    """Where the old transaction put genuine units."""
    old = sent.previous
    colors = [color_of(prevout.outpoint) for prevout in old.prevouts]
    moved = RULE.move(old.tx, [color if isinstance(color, Genuine) else None for color in colors])
    units = tuple(
        UnitsAt(vout=vout, script=old.tx.vout[vout].scriptPubKey, units=units)
        for vout, units in enumerate(moved.outputs)
        if units is not None
    )
    if any(at.units.genesis != sent.genesis for at in units):
        raise GuardError(
            f"{display(old.txid)} moves units of another repository than the journal says",
            hint="nothing was signed; " + ImageRemedy.DOCTOR.of(),
        )
    return units


def _mint(old: UnsignedTransaction) -> Mint:
    claim = RULE.claim(old.tx)
    assert isinstance(claim, GenesisClaim), "asked only of a genesis"
    return Mint(
        asset=RULE.asset_of(old.prevouts[0].txout.scriptPubKey),
        genesis_input=old.prevouts[0].outpoint,
        title_script=old.tx.vout[TITLE_OUTPUT].scriptPubKey,
        treasury_script=old.tx.vout[TREASURY_OUTPUT].scriptPubKey,
        units=claim.units,
    )


def _issuing_coin(sent: Sent) -> KeyPath | None:
    """The issuing script that the transaction pays, where it was made to do that."""
    paid = [path for vout, path in sent.previous.own_outputs if path.account is AccountKind.ISSUING]
    return paid[0] if paid and Role.ISSUING in sent.outputs else None
