"""A dishonest buyer with a real wallet: bids that differ from honest ones in one thing, and are signed so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from assets.images.bid import Bid, BidPackage
from assets.images.offer import Ask
from assets.services.chain.chain_access import ChainAccess
from assets.services.market.buying import BidDraft, BuyRequest, draft_bid
from assets.services.wallets.session import Session
from tests.market.rules import rules
from wallet.hashes import txid_of
from wallet.psbt import Psbt, add_signatures, bare_psbt, to_psbt
from wallet.signer import SoftwareSigner
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction

Change = Callable[["Body"], "Body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a dishonest buyer plays with: coins, outputs, fields."""

    prevouts: tuple[Prevout, ...]
    outputs: tuple[CTxOut, ...]
    version: int = 2
    locktime: int = 0
    sequence: int = RBF_SEQUENCE

    def with_output(self, vout: int, txout: CTxOut) -> "Body":
        """With another output in one place."""
        return replace(self, outputs=(*self.outputs[:vout], txout, *self.outputs[vout + 1 :]))

    def inserted(self, vout: int, txout: CTxOut) -> "Body":
        """With one more output."""
        return replace(self, outputs=(*self.outputs[:vout], txout, *self.outputs[vout:]))

    def ordered(self, order: Sequence[int]) -> "Body":
        """With its outputs in another order."""
        return replace(self, outputs=tuple(self.outputs[at] for at in order))

    def spending(self, prevout: Prevout) -> "Body":
        """With one more coin behind the others."""
        return replace(self, prevouts=(*self.prevouts, prevout))

    @property
    def tx(self) -> CTransaction:
        """The transaction."""
        vin = [CTxIn(prevout.outpoint, CScript(), self.sequence) for prevout in self.prevouts]
        return CTransaction.from_tx(CMutableTransaction(vin, list(self.outputs), self.locktime, self.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forger:
    """A buyer's wallet, and a chain to read."""

    session: Session
    signer: SoftwareSigner
    chain: ChainAccess

    def draft(self, ask: Ask) -> BidDraft:
        """The honest bid, not signed and not kept."""
        return draft_bid(BuyRequest(ask=ask, rules=rules(ask.genesis), rate="2"), self.session, self.chain)

    def honest(self, ask: Ask) -> BidPackage:
        """The honest bid, signed."""
        return self.forged(ask)

    def forged(
        self,
        ask: Ask,
        change: Change | None = None,
        *,
        bid: Callable[[Bid], Bid] | None = None,
        text: str | None = None,
    ) -> BidPackage:
        """A bid whose transaction, or document, was changed before it was signed."""
        drafted = self.draft(ask)
        unsigned = drafted.draft.unsigned
        body = Body(prevouts=unsigned.prevouts, outputs=tuple(unsigned.tx.vout))
        made = body if change is None else change(body)
        psbt = self.signed(made)
        document = drafted.bid if bid is None else bid(drafted.bid)
        said = document.text(self.session.network.genesis, txid_of(made.tx))
        assert drafted.receiver.path is not None
        return BidPackage(bid=document.signed(self.signer.sign_message(said, drafted.receiver.path)), psbt=psbt)

    def signed(self, body: Body) -> bytes:
        """The PSBT with valid signatures by the buyer's keys over whatever it is."""
        unsigned = UnsignedTransaction(tx=body.tx, prevouts=body.prevouts)
        own = Psbt.parse(self.signer.sign(to_psbt(unsigned, self.session.account)))
        made = {number: entry.signatures[0] for number, entry in enumerate(own.inputs) if entry.signatures}
        return add_signatures(bare_psbt(unsigned), made)


def foreign(outpoint: COutPoint, txout: CTxOut) -> Prevout:
    """A coin that the buyer's wallet cannot sign."""
    return Prevout(outpoint=outpoint, txout=txout, path=None)
