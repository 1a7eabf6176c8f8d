"""Proving evidence against headers, and making of it what an index would know of that one repository. Pure.

Every transaction climbs its Merkle branch to the header of a block of the best chain, and its witnesses climb theirs to
the coinbase's commitment; what is not proven is treated as missing. The colouring is the index's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript
from bitcoin.core.serialize import SerializationError

from assets.coloring.genesis import GenesisClaim
from assets.coloring.port import Layout
from assets.errors import IndexStateError
from assets.images.evidence import Evidence, EvidenceStep, WitnessProof
from assets.index.blocks import coinbase_commits, double_sha256, is_coinbase, single_span
from assets.index.branches import climb
from assets.index.changes import ChangeSet
from assets.index.run import BlockRun
from assets.model import MovementKind
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from wallet.chain.source import BlockRef, ChainHeader
from wallet.errors import ChainError
from wallet.hashes import BlockHash, Txid, display

HeaderOf = Callable[[BlockHash], ChainHeader | None]

_INNER_NODE = 64
"""Bytes of a pair of hashes: a transaction of this size could pass for one, and one of them for a transaction."""

_ANEW = "fetch it anew, or have the publisher make it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenStep:
    """A transaction of the best chain, with witnesses only where these are proven too."""

    tx: CTransaction
    txid: Txid
    block: BlockRef
    index: int


def prove(evidence: Evidence, header_of: HeaderOf) -> tuple[ProvenStep, ...]:
    """The steps, each proven to be in the best chain.

    Raises IndexStateError where a block has left the chain, ChainError where something proves nothing.
    """
    tip = _header(evidence.tip, header_of)
    if tip.height != evidence.height:
        raise ChainError("the evidence gives its last block another height than the chain", hint=_ANEW)
    headers: dict[BlockHash, ChainHeader] = {}
    proven: list[ProvenStep] = []
    for step in evidence.steps:
        if step.block not in headers:
            headers[step.block] = _header(step.block, header_of)
        proven.append(_proven(step, headers[step.block]))
    places = [(one.block.height, one.index) for one in proven]
    if any(after <= before for before, after in pairwise(places)):
        raise ChainError("the evidence is not in the order of the chain", hint=_ANEW)
    return tuple(proven)


def changes_of(steps: Sequence[ProvenStep], tip: BlockRef) -> ChangeSet:
    """What an index that had read the whole chain up to `tip` would know of the one repository that these are about.

    Raises IndexStateError where there is no genesis among them, or several, and where a loss of the title hangs on
    coins that the evidence tells nothing of.
    """
    known = {step.txid: step.tx for step in steps}
    run = BlockRun(previous=None, units=lambda _: None, fetch=_nothing_else)
    for number, step in enumerate(steps):
        run.color(step.block, step.index, step.tx, _scripts(step.tx, known))
        if number + 1 == len(steps) or steps[number + 1].block != step.block:
            run.close(step.block)
    if run.last != tip.hash:
        run.close(tip)
    changes = run.changes()
    if len(changes.geneses) != 1:
        raise IndexStateError(f"the evidence holds {len(changes.geneses)} geneses, and one is wanted", hint=_ANEW)
    for movement in changes.movements:
        if movement.title and movement.kind is MovementKind.LOSS:
            _require_whole(known[movement.txid], movement.txid, known)
    return changes


def _header(block: BlockHash, header_of: HeaderOf) -> ChainHeader:
    found = header_of(block)
    if found is None:
        raise IndexStateError(
            f"the evidence names block {display(block)}, which the node's chain does not hold",
            hint="the node is behind, or the chain was reorganised: wait, or fetch newer evidence",
        )
    return found


def _proven(step: EvidenceStep, header: ChainHeader) -> ProvenStep:
    span = single_span(step.tx)
    stripped = _stripped(step.tx)
    txid = Txid(double_sha256(stripped))
    if len(stripped) == _INNER_NODE or is_coinbase(step.tx, span):
        raise ChainError(f"the evidence holds {display(txid)}, which can move no units", hint=_ANEW)
    if climb(txid, step.index, step.branch) != header.merkle_root:
        raise ChainError(f"the evidence does not prove {display(txid)}: its branch leads elsewhere", hint=_ANEW)
    leaf = double_sha256(step.tx) if span.has_witness else txid
    whole = step.witness is not None and _witness_proven(step, step.witness, leaf, header)
    try:
        tx = CTransaction.deserialize(step.tx if whole else stripped)
    except (SerializationError, ValueError) as error:
        raise ChainError(f"the evidence holds {display(txid)}, which cannot be read", hint=_ANEW) from error
    return ProvenStep(tx=tx, txid=txid, block=BlockRef(header.height, step.block), index=step.index)


def _witness_proven(step: EvidenceStep, proof: WitnessProof, leaf: bytes, header: ChainHeader) -> bool:
    """All three branches begin on the same level, so that no inner node passes for a leaf."""
    if not len(step.branch) == len(proof.branch) == len(proof.coinbase_branch):
        return False
    span = single_span(proof.coinbase)
    stripped = _stripped(proof.coinbase)
    if len(stripped) == _INNER_NODE or not is_coinbase(proof.coinbase, span):
        return False
    if climb(double_sha256(stripped), 0, proof.coinbase_branch) != header.merkle_root:
        return False
    root = climb(leaf, step.index, proof.branch)
    return root is not None and coinbase_commits(proof.coinbase, root)


def _stripped(raw: bytes) -> bytes:
    """A transaction as its id covers it: without witnesses."""
    span = single_span(raw)
    return raw[span.start : span.start + 4] + raw[span.body : span.witness] + raw[span.stop - 4 : span.stop]


def _scripts(tx: CTransaction, known: Mapping[Txid, CTransaction]) -> Callable[[COutPoint], CScript]:
    """The scripts of coins that `tx` spends. A genesis' own must be there; others decide nothing, and may lack."""

    def script(outpoint: COutPoint) -> CScript:
        parent = known.get(Txid(outpoint.hash))
        if parent is not None and outpoint.n < len(parent.vout):
            return parent.vout[outpoint.n].scriptPubKey
        if isinstance(RULE.claim(tx), GenesisClaim):
            raise IndexStateError("the evidence lacks the transaction that made the issuing coin", hint=_ANEW)
        return CScript()

    return script


def _require_whole(tx: CTransaction, txid: Txid, known: Mapping[Txid, CTransaction]) -> None:
    """A closed transfer may look like a loss only because the evidence leaves the ancestors of units out."""
    missing = [txin for txin in tx.vin if Txid(txin.prevout.hash) not in known]
    if missing and isinstance(RULE.layout(tx), Layout):
        raise IndexStateError(
            f"the evidence does not tell what else {display(txid)} spent, and so cannot prove that the title was lost",
            hint=ImageRemedy.SYNC_INSTEAD.of() + ", and verify without evidence",
        )


def _nothing_else(txid: Txid) -> CTransaction:
    raise AssertionError("scripts are answered from the evidence alone")
