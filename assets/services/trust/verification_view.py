"""The answer of `image verify` as both front ends show it."""

from assets.images.digest import Digest
from assets.images.history import HistoryStep
from assets.images.record import Release, Revoke, Seal
from assets.images.repository import RepositoryState
from assets.images.tag import tag_key
from assets.services.chain.image_words import (
    asset_text,
    finding_view,
    genesis_view,
    record_view,
    tip_view,
    voucher_view,
)
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.image_views import VerificationView
from assets.services.trust.verifying import Answer
from wallet.hashes import display
from wallet.network import Network


def verification_view(answer: Answer, network: Network, *, confirmations: int, now: int) -> VerificationView:
    """`now` is in unix seconds, for the age of the tip."""
    judgement, reference, state = answer.judgement, answer.reference, answer.state
    deciding = next((one for one in judgement.findings if one.verdict is judgement.verdict), None)
    binding = judgement.binding
    block = None if state is None else state.genesis.block
    return VerificationView(
        verdict=judgement.verdict.name,
        exit_code=judgement.exit_code,
        reason=deciding.reason if deciding is not None else _verified(answer),
        reference=str(reference),
        name=reference.name,
        tag=reference.tag,
        digest=None if answer.digest is None else str(answer.digest),
        image="" if answer.digest is None else f"{reference.name}@{answer.digest}",
        network=network.name,
        confirmations=confirmations,
        tip=None if answer.tip is None else tip_view(answer.tip, now),
        findings=tuple(finding_view(one) for one in judgement.findings),
        allowed=tuple(finding_view(one) for one in judgement.allowed),
        vouchers=tuple(voucher_view(voucher) for voucher in answer.vouchers),
        claimed=None if answer.claimed is None else display(answer.claimed),
        genesis=None if state is None else display(state.genesis.txid),
        genesis_height=None if state is None else state.genesis.position.height,
        genesis_block=None if block is None else display(block),
        asset=None if state is None else asset_text(state.genesis.asset, network),
        owner=None if state is None else state.owner.hex(),
        owner_address=None if state is None else address_or_nothing(state.owner, network),
        deciding=None if binding is None else record_view(binding.step),
        history=() if state is None else tuple(record_view(step) for step in _steps(answer, state)),
        rivals=tuple(genesis_view(fact, network) for fact in answer.rivals),
        notes=answer.notes,
    )


def _verified(answer: Answer) -> str:
    if answer.judgement.allowed:
        words = dict.fromkeys(finding.verdict.word for finding in answer.judgement.allowed)
        return f"accepted, since you allow {', '.join(words)}"
    tag, original = answer.reference.tag, _original(answer)
    it = "it" if original is None else str(original)
    what = f"the owner bound {tag} to {it}" if tag is not None else f"the owner released {it}"
    sealed = "" if original is None else "the sealed form of what is released: "
    return f"{sealed}{what}, it is current, and it is not revoked"


def _original(answer: Answer) -> Digest | None:
    """The plain image that a sealed one stands for."""
    ruling = answer.judgement.ruling
    records = () if ruling is None else (step.record for step in ruling.steps)
    return next((record.plaintext for record in records if isinstance(record, Seal)), None)


def _steps(answer: Answer, state: RepositoryState) -> list[HistoryStep]:
    """The steps whose record is about the tag, or about the digest."""
    tag = answer.reference.tag
    key = None if tag is None else tag_key(tag)
    ruling = answer.judgement.ruling
    covering = {one.step.txid for one in ruling.revoked} if ruling is not None else set()
    found = []
    for step in state.history:
        match step.record:
            case Release() as release:
                concerns = release.digest == answer.digest or key in release.tags.keys
            case Revoke(digest=digest):
                concerns = digest == answer.digest or step.txid in covering
            case Seal(plaintext=plaintext, ciphertext=ciphertext):
                concerns = answer.digest in (plaintext, ciphertext)
            case _:
                concerns = False
        if concerns:
            found.append(step)
    return found
