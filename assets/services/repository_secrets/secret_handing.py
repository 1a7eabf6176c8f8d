"""Use case: the seller of a repository hands its secret to the buyer, once the sale has its confirmations.

The secret goes to the key that the buyer signed into the bid, and to no other: the bid's signature must be by the
script that received the title, in the very transaction that the chain holds. What is handed over is every secret of
this wallet with which the repository's images were sealed before the sale, those from an earlier seller too.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from bitcoin.core import COutPoint

from assets.coloring.asks import VerifyMessage
from assets.coloring.bids import BidCheck
from assets.errors import OfferError
from assets.images.bid import BidPackage
from assets.images.content_key import RepositorySecret, repository_secret
from assets.images.history import HistoryStep
from assets.images.recipient_key import RecipientKey
from assets.images.repository import RepositoryState, Sealing
from assets.images.secret_ring import SecretRing
from assets.model import Genuine
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.repository_secrets.secret_epochs import tenure
from assets.services.repository_secrets.secret_forms import ReadManifest, read_forms
from assets.services.repository_secrets.secret_wrapping import wrap
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.errors import StateError
from wallet.hashes import Txid, display, txid_of
from wallet.psbt import Psbt


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleSale:
    """A sale of a title by this wallet that has its confirmations, and the key that its buyer named.

    `state` is the repository as it is now, `step` the sale; `own` are the scripts of this wallet.
    """

    state: RepositoryState
    step: HistoryStep
    to: RecipientKey
    own: Container[bytes]

    @property
    def before(self) -> tuple[HistoryStep, ...]:
        """The title's history up to the sale, without it."""
        return tuple(takewhile(lambda step: step.txid != self.step.txid, self.state.history))

    @property
    def sealings(self) -> tuple[Sealing, ...]:
        """What was sealed before the sale."""
        steps = {step.txid for step in self.before}
        return tuple(one for one in self.state.sealings if one.step.txid in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """`document` is for the buyer: a line for each secret. `ids` name the secrets; `notes` say what is missing."""

    genesis: Txid
    document: str = field(repr=False)
    ids: tuple[bytes, ...]
    notes: tuple[str, ...]


def accepted_bid(txid: Txid, session: Session) -> BidPackage:
    """The bid of a sale, as it was kept when it was accepted. Raises StateError where it was not."""
    kept = session.handovers.bid(txid) if session.handovers is not None else None
    if kept is None:
        raise StateError(
            f"this wallet has no bid for {display(txid)} that names a key for the secret",
            hint="is it the sale's txid? Else give the FILE with the bid as well: a restored wallet has forgotten it",
        )
    return BidPackage.parse(kept)


def require_same_sale(package: BidPackage, txid: Txid) -> None:
    """Raises StateError where a bid is for another sale than the one that is meant."""
    meant = txid_of(Psbt.parse(package.psbt).tx)
    if meant != txid:
        raise StateError(
            f"the bid is for {display(meant)}, and {display(txid)} is meant", hint="give the bid that was accepted"
        )


def settled_sale(
    package: BidPackage, session: Session, chain: ChainAccess, verify: VerifyMessage, *, confirmations: int
) -> TitleSale:
    """What the chain says of a bid's sale.

    Raises StateError where the sale is not in the chain, not deep enough, no sale of a title, or not this wallet's, and
    OfferError where the bid was not signed by whoever received the title.
    """
    to = package.bid.secret_to
    if to is None:
        raise StateError("the bid asks for no secret", hint="nothing has to be handed over")
    txid = txid_of(Psbt.parse(package.psbt).tx)
    _require_depth(txid, session, confirmations)
    chain.catch_up()
    found = session.source.transaction(txid)
    color = session.color_of(COutPoint(txid, 1))
    if found is None or not isinstance(color, Genuine) or not color.title:
        raise StateError(f"{display(txid)} sold no title", hint="only a title comes with a repository's secret")
    receiver = found.tx.vout[1].scriptPubKey
    flaw = verify(package.bid.text(session.network.genesis, txid), receiver, package.bid.signature)
    if flaw is not None:
        raise OfferError(
            BidCheck.BID_SIGNATURE,
            f"{flaw}; the key for the secret must be signed by {receiver.hex()}, which received the title",
            hint="nothing was handed over; ask the buyer for the bid that was accepted",
        )
    return _sale(txid, color.genesis, to, session, chain, confirmations)


def hand_over(sale: TitleSale, ring: SecretRing, read: ReadManifest) -> HandedOver:
    """The secrets of a sale, each encrypted to the buyer's key. Raises StateError where there is none."""
    forms = read_forms(sale.sealings, read)
    genesis = sale.state.genesis.txid
    notes = [f"{digest} cannot be read: {why}" for digest, why in forms.unread]
    secrets: dict[bytes, RepositorySecret] = {}
    for form in forms.read:
        found = ring.with_id(genesis, form.seal.secret)
        if found is not None:
            secrets[found.id] = found
        else:
            notes.append(f"{form.sealing.ciphertext} was sealed with a secret that this wallet does not have")
    if forms.unread:
        likely = _likely(sale, ring)
        secrets |= {secret.id: secret for secret in likely}
        notes.append("secrets that this wallet would have used for what cannot be read are handed over as well")
    if not secrets:
        raise StateError(
            "this wallet has no secret of the repository", hint="nothing was sealed with one before the sale"
        )
    return HandedOver(
        genesis=genesis,
        document="\n".join(wrap(secret, sale.to) for secret in secrets.values()),
        ids=tuple(secrets),
        notes=tuple(notes),
    )


def _require_depth(txid: Txid, session: Session, confirmations: int) -> None:
    found = session.source.transaction(txid)
    if found is None:
        raise StateError(
            f"the chain has no sale {display(txid)}: it was never sent, or a reorganisation took it out",
            hint="nothing was handed over; the title is this wallet's as long as no sale of it is in a block",
        )
    depth = 0 if found.block is None else session.source.tip().height - found.block.height + 1
    if depth < confirmations:
        raise StateError(
            f"the sale {display(txid)} has {depth} of {confirmations} confirmations",
            hint="nothing was handed over, since a sale can still be undone: try again later",
        )


def _sale(
    txid: Txid, genesis: Txid, to: RecipientKey, session: Session, chain: ChainAccess, confirmations: int
) -> TitleSale:
    lineage = read_lineage(chain, genesis, confirmations=confirmations)
    step = None if lineage is None else _step(lineage.state.history, txid)
    if lineage is None or step is None or not step.settled or step.source is None:
        raise StateError(
            f"the chain has no settled sale {display(txid)} of a title", hint="nothing was handed over; try again later"
        )
    own = own_scripts(session)
    if bytes(step.source.script) not in own:
        raise StateError(
            f"the title was not this wallet's before {display(txid)}", hint="the secret is for its seller to hand over"
        )
    return TitleSale(state=lineage.state, step=step, to=to, own=own)


def _step(history: Sequence[HistoryStep], txid: Txid) -> HistoryStep | None:
    return next((step for step in history if step.txid == txid), None)


def _likely(sale: TitleSale, ring: SecretRing) -> tuple[RepositorySecret, ...]:
    """What this wallet seals with unless told otherwise, one for each time that it held the title until the sale.

    What it received goes along unless the title came back since: then it might be of a later owner.
    """
    genesis = sale.state.genesis.txid
    times = tenure(sale.before, sale.own).count
    own = tuple(repository_secret(ring.own, genesis, epoch) for epoch in range(1, times + 1))
    came_back = tenure(sale.state.history, sale.own).count > times
    return own if came_back else (*ring.received_for(genesis), *own)
