"""A PSBT for the eyes of whoever is to sign it: what it spends and pays, and what its marker says."""

from collections.abc import Iterator

from assets.coloring.port import Layout
from assets.coloring.reading import Reading
from assets.coloring.stated import joint_words, leaving_words
from assets.images.record import Record, RecordFlaw, Release, kind_of, parse_record
from assets.model import CoinColor
from assets.protocols.table import RULE
from assets.services.chain.script_address import address_or_nothing, unit_address_or_nothing
from assets.services.read_models.wallet_views import DraftInput, DraftOutput, DraftView
from assets.services.wallets.reserve import color_words
from wallet.account import Account
from wallet.hashes import display, outpoint_text
from wallet.transactions import UnsignedTransaction

BLIND = (
    "no node and index on this machine: what happens to titles and access units CANNOT be checked here; sign only what "
    "you compared, line by line, with the draft on the machine that made it"
)
FOREIGN = "others sign inputs of it too; look at what this wallet pays and gets, to the satoshi"


def psbt_view(
    unsigned: UnsignedTransaction,
    account: Account,
    colors: list[CoinColor] | None,
    reading: Reading,
    *,
    notes: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
) -> DraftView:
    """What a person compares before signing. `colors` are those of the inputs, None where no node told them; `doubts`
    are what was accepted without proof.
    """
    network, own = account.network, dict(unsigned.own_outputs)
    units, taking = {at.vout: at.units for at in reading.units}, _taking(unsigned)
    paid = sum(prevout.txout.nValue for prevout in unsigned.prevouts if prevout.path is not None)
    foreign = any(prevout.path is None for prevout in unsigned.prevouts)
    return DraftView(
        kind=reading.words,
        txid=display(unsigned.txid),
        inputs=tuple(
            DraftInput(
                outpoint=outpoint_text(prevout.outpoint),
                role="other" if prevout.path is None else str(prevout.path.account.name.lower()),
                sats=prevout.txout.nValue,
                address=address_or_nothing(prevout.txout.scriptPubKey, network),
                own=prevout.path is not None,
                color="unknown" if colors is None else color_words(colors[number]),
            )
            for number, prevout in enumerate(unsigned.prevouts)
        ),
        outputs=tuple(
            DraftOutput(
                vout=vout,
                role=str(own[vout].account.name.lower()) if vout in own else "other",
                sats=txout.nValue,
                address=address_or_nothing(txout.scriptPubKey, network),
                own=vout in own,
                color="unknown" if colors is None else color_words(units.get(vout)),
                unit_address=unit_address_or_nothing(txout.scriptPubKey, network) if vout in taking else "",
            )
            for vout, txout in enumerate(unsigned.tx.vout)
        ),
        effects=(*_effects(unsigned), *leaving_words(reading, presumed=colors is None)),
        fee=unsigned.fee,
        rate=unsigned.fee * 1000 // unsigned.vsize,
        rate_source="by what its coins hold",
        vsize=unsigned.vsize,
        delta=sum(unsigned.tx.vout[vout].nValue for vout in own) - paid,
        warnings=(
            *((FOREIGN,) if foreign else ()),
            *(f"accepted without proof: {doubt}" for doubt in doubts),
            *((BLIND,) if colors is None else ()),
        ),
        notes=(*joint_words(unsigned), *notes, *_waiting(unsigned, known=colors is not None)),
    )


def _waiting(unsigned: UnsignedTransaction, *, known: bool) -> tuple[str, ...]:
    """From which block on it can be mined, where nobody says how high the chain is."""
    height = unsigned.tx.nLockTime
    return () if known or not height else (f"no block before {height + 1:,} may hold it",)


def _taking(unsigned: UnsignedTransaction) -> frozenset[int]:
    """The outputs to which the marker gives units, whether there are any or not."""
    layout = RULE.layout(unsigned.tx)
    if not isinstance(layout, Layout):
        return frozenset()
    return frozenset(vout for vout, quantity in enumerate(layout.quantities) if quantity)


def _effects(unsigned: UnsignedTransaction) -> Iterator[str]:
    """What the marker says, which anybody can read: quantities by output, and the record."""
    layout = RULE.layout(unsigned.tx)
    if layout is None:
        return
    if not isinstance(layout, Layout):
        yield f"it has a marker that is none: {layout}"
        return
    yield f"it moves units: {', '.join(f'{quantity:,}' for quantity in layout.given)}"
    if layout.record:
        yield f"it says: {record_words(parse_record(layout.record))}"


def record_words(record: Record | RecordFlaw) -> str:
    """A record in words."""
    match record:
        case RecordFlaw():
            return f"something that is no record ({record})"
        case Release(digest=digest, tags=tags, final=final):
            return f"RELEASE {', '.join(tags.texts) or tags} stands for {digest}{' for ever' if final else ''}"
        case _:
            shown = getattr(record, "digest", None) or getattr(record, "name", None)
            named = getattr(shown, "name", shown)
            return f"{kind_of(record).name} {named or ''}".rstrip()
