"""From the values of the core to the read models of images."""

from assets.images.coverage import Coverage
from assets.images.gaps import unsure
from assets.images.history import HistoryStep
from assets.images.pin import Pin
from assets.images.record import Define, Genesis, Record, RecordFlaw, Release, Revoke, Seal, kind_of
from assets.images.repository import Binding
from assets.images.verdict import Finding
from assets.images.voucher import Voucher
from assets.images.word import Words
from assets.model import AssetId, GenesisFact, MovementKind
from assets.protocols.table import RULE
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.image_views import (
    FindingView,
    GenesisView,
    PinView,
    RecordView,
    TagView,
    TipView,
    VoucherView,
)
from wallet.chain.source import Tip
from wallet.hashes import display
from wallet.network import Network


def record_view(step: HistoryStep, *, revoked: bool = False) -> RecordView:
    """One step of a lineage; `revoked` says that what it binds is covered by a revocation."""
    return RecordView(
        kind=_kind(step),
        txid=display(step.txid),
        height=step.height,
        block=None if step.block is None else display(step.block),
        settled=step.settled,
        counts=step.counted is not None,
        why_not=step.ignored or "",
        digest=_digest(step.record),
        tags=_tags(step.record),
        detail=_detail(step.record),
        author=step.author.hex(),
        owner=None if step.target is None else step.target.script.hex(),
        revoked=revoked,
    )


def _kind(step: HistoryStep) -> str:
    if step.kind is MovementKind.LOSS:
        return "loss"
    match step.record:
        case None:
            return str(step.kind)
        case RecordFlaw():
            return "flaw"
        case record:
            return kind_of(record).name.lower()


def _digest(record: Record | RecordFlaw | None) -> str | None:
    match record:
        case Release(digest=digest) | Revoke(digest=digest) | Seal(ciphertext=digest):
            return str(digest)
        case _:
            return None


def _tags(record: Record | RecordFlaw | None) -> tuple[str, ...]:
    match record:
        case Release(tags=tags):
            return tags.texts or (str(tags),)
        case _:
            return ()


def _detail(record: Record | RecordFlaw | None) -> str:
    match record:
        case RecordFlaw():
            return str(record)
        case Revoke() as revoke:
            return revoke.reason_text + (", this digest alone" if revoke.alone else "")
        case Seal(plaintext=plaintext):
            return f"seals {plaintext}"
        case Genesis(name=name) | Define(name=name):
            return name.name or f"name with hash {name.name_hash.hex()}"
        case _:
            return ""


def finding_view(finding: Finding) -> FindingView:
    """A finding with its exit code."""
    return FindingView(
        verdict=finding.verdict.name,
        exit_code=int(finding.verdict),
        reason=finding.reason,
        txid=None if finding.txid is None else display(finding.txid),
        height=finding.height,
    )


def voucher_view(voucher: Voucher) -> VoucherView:
    """A voucher."""
    owners = tuple(owner.hex() for owner in voucher.owners)
    return VoucherView(kind=str(voucher.kind), genesis=display(voucher.genesis), owners=owners)


def genesis_view(fact: GenesisFact, network: Network) -> GenesisView:
    """A genesis as a line."""
    return GenesisView(
        genesis=display(fact.txid), height=fact.position.height, asset=RULE.asset_text(fact.asset, network)
    )


def asset_text(asset: AssetId, network: Network) -> str:
    """An asset id as Open Assets writes it."""
    return RULE.asset_text(asset, network)


def tip_view(tip: Tip, now: int) -> TipView:
    """A tip and its age; a block from the future has age 0."""
    return TipView(height=tip.height, hash=display(tip.hash), time=tip.time, age=max(0, now - tip.time))


def pin_view(pin: Pin, network: Network) -> PinView:
    """A pin with its owners' addresses."""
    return PinView(
        name=pin.name,
        network=network.name,
        genesis=display(pin.genesis),
        owners=tuple(owner.hex() for owner in pin.owners),
        owner_addresses=tuple(address_or_nothing(owner, network) for owner in pin.owners),
        height=pin.height,
        block=display(pin.block),
    )


def tag_views(coverage: Coverage) -> tuple[TagView, ...]:
    """What each tag is settled on."""
    return tuple(_tag_view(binding, coverage) for binding in coverage.state.tags())


def _tag_view(binding: Binding, coverage: Coverage) -> TagView:
    revoked = is_revoked(coverage, binding)
    unread = not revoked and bool(coverage.state.revocations)
    return TagView(
        tag=tag_text(binding),
        digest=str(binding.digest),
        final=binding.final,
        revoked=revoked,
        unsure=unread and bool(unsure(Words(coverage, binding.key), binding.digest)),
        txid=display(binding.step.txid),
        height=binding.step.height,
    )


def tag_text(binding: Binding) -> str:
    """A binding's tag; by its hash where the chain has no more."""
    return binding.tag or f"sha256:{binding.key.hex()}"


def is_revoked(coverage: Coverage, binding: Binding) -> bool:
    """Whether a revocation covers the answer that rests on a binding."""
    return bool(coverage.against(coverage.over(binding.digest), binding))


def history_views(coverage: Coverage) -> tuple[RecordView, ...]:
    """Every step, oldest first."""
    revoked = {binding.step.txid for binding in coverage.state.bindings if is_revoked(coverage, binding)}
    return tuple(record_view(step, revoked=step.txid in revoked) for step in coverage.state.history)
