"""Geneses: the only transactions that make genuine units.

Input 0 spends a coin on an issuing script, signed SIGHASH_ALL; output 0 is the title, output 1 the treasury, output 2
the marker with quantities exactly [1, N] and a GENESIS record. The txid is the repository's identity.
"""

from dataclasses import dataclass

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.coloring.signatures import commits_to_everything, witness_of
from assets.images.record import Genesis, RecordFlaw, RecordKind, parse_record
from assets.model import MAX_ACCESS_UNITS, AssetId, Authorship, GenesisFact, Genuine, Holding, Position
from assets.protocols.open_assets.marker import Flaw, parse_closed, resembles_marker
from assets.protocols.open_assets.rule import asset_id_of
from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid, txid_of

TITLE_OUTPUT, TREASURY_OUTPUT, MARKER_OUTPUT = 0, 1, 2

_CLAIM = bytes([*b"DC", 1, RecordKind.GENESIS])


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisClaim:
    """A transaction with the shape of a genesis; its signature is not judged yet. `units` are the access units."""

    units: int
    record: Genesis


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesisParts:
    """A genesis, or (`authorship` UNPROVEN) one that came without the witness that decides."""

    txid: Txid
    asset: AssetId
    issuing_script: CScript
    genesis_input: COutPoint
    title: Holding
    treasury: Holding
    units: int
    record: Genesis
    authorship: Authorship

    @property
    def outputs(self) -> tuple[Genuine, Genuine]:
        """The units of outputs 0 and 1; every other output has none."""
        return genesis_outputs(self.txid, self.units)

    def fact(self, position: Position, block: BlockHash | None) -> GenesisFact:
        """The genesis as a fact of the chain."""
        return GenesisFact(
            txid=self.txid,
            position=position,
            block=block,
            asset=self.asset,
            issuing_script=self.issuing_script,
            genesis_input=self.genesis_input,
            title=self.title,
            treasury=self.treasury,
            units=self.units,
            definition=self.record.definition,
            name=self.record.name.name,
            name_hash=self.record.name.name_hash,
        )


def genesis_outputs(txid: Txid, units: int) -> tuple[Genuine, Genuine]:
    """Title and treasury of a genesis."""
    return Genuine(genesis=txid, quantity=1, title=True), Genuine(genesis=txid, quantity=units, title=False)


def claim_of(tx: CTransaction) -> GenesisClaim | Flaw | None:
    """What of a genesis can be seen without input 0's coin and signature.

    None where nothing is claimed: no single well-formed marker in output 2 with metadata that begins as a GENESIS
    record. A Flaw where the claim fails.
    """
    if tx.is_coinbase() or len(tx.vout) <= MARKER_OUTPUT:
        return None
    if not resembles_marker(tx.vout[MARKER_OUTPUT].scriptPubKey):
        return None
    parsed = parse_closed(tx)
    if parsed is None or isinstance(parsed, Flaw):
        return None
    number, marker = parsed
    if number != MARKER_OUTPUT or not marker.metadata.startswith(_CLAIM):
        return None
    match marker.quantities:
        case (1, int(units)) if 1 <= units <= MAX_ACCESS_UNITS:
            pass
        case _:
            return Flaw.BAD_GENESIS_QUANTITIES
    record = parse_record(marker.metadata)
    if isinstance(record, RecordFlaw) or not isinstance(record, Genesis):
        return Flaw.BAD_GENESIS_RECORD
    return GenesisClaim(units=units, record=record)


def genesis_units(tx: CTransaction, prevout_script: bytes) -> GenesisParts | Flaw | None:
    """The genesis that `tx` is, given the script that input 0 spends.

    None where it does not claim to be one, a Flaw where the claim fails. Where the witness is missing the parts come
    with `authorship` UNPROVEN: nobody may take the units for genuine, nor for foreign.
    """
    claim = claim_of(tx)
    return claimed_units(tx, claim, prevout_script) if isinstance(claim, GenesisClaim) else claim


def claimed_units(tx: CTransaction, claim: GenesisClaim, prevout_script: bytes) -> GenesisParts | Flaw:
    """The genesis that `tx` claims to be by `claim`, as `genesis_units` has it."""
    covered = commits_to_everything(witness_of(tx, 0), prevout_script)
    if covered is False:
        return Flaw.PARTIAL_SIGNATURE
    txid = txid_of(tx)
    return GenesisParts(
        txid=txid,
        asset=asset_id_of(prevout_script),
        issuing_script=CScript(prevout_script),
        genesis_input=tx.vin[0].prevout,
        title=_holding(tx, txid, TITLE_OUTPUT),
        treasury=_holding(tx, txid, TREASURY_OUTPUT),
        units=claim.units,
        record=claim.record,
        authorship=Authorship.UNPROVEN if covered is None else Authorship.AUTHORISED,
    )


def _holding(tx: CTransaction, txid: Txid, vout: int) -> Holding:
    txout = tx.vout[vout]
    return Holding(outpoint=COutPoint(txid, vout), script=txout.scriptPubKey, value=Sats(txout.nValue))
