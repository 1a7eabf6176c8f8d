"""Use case: say on the chain which encrypted image is the sealed form of which plain one."""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.images.content_key import RepositorySecret, repository_secret
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.record import Seal
from assets.images.tag import Tag, tag_key
from assets.registry.encryption import Seal as SealAnnotations
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.recording import draft_record, next_coin, require_free, require_room
from assets.services.spending.drafts import About, Draft, fee_rate
from assets.services.spending.foresight import foreseeing
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealable:
    """An image that the owner may seal: the title, the digest, and the tags that it stands for.

    `sealed_forms` are the encrypted forms that it has already.
    """

    owned: OwnedTitle
    digest: Digest
    tags: tuple[str, ...]
    sealed_forms: tuple[Digest, ...]

    @property
    def genesis(self) -> Txid:
        """The repository."""
        return self.owned.state.genesis.txid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSecret:
    """The owner's secret for a repository in an epoch, and which generation of keys is made from it."""

    secret: RepositorySecret
    generation: int

    @classmethod
    def of(cls, secrets: SecretStore, genesis: Txid, *, epoch: int, generation: int) -> "ContentSecret":
        """From the wallet's secrets. Raises EncodingError for numbers out of range."""
        return cls(secret=repository_secret(secrets, genesis, epoch), generation=generation)

    def annotations(self, digest: Digest) -> SealAnnotations:
        """What the sealed form of an image says of its key."""
        return SealAnnotations.of(self.secret, self.secret.content_key(digest, self.generation), self.generation)


def sealable(
    genesis: Txid,
    name: str,
    tag: Tag | None,
    digest: Digest | None,
    session: Session,
    chain: ChainAccess,
    *,
    confirmations: int,
) -> Sealable:
    """The image that is to be sealed of a repository, which goes by a canonical name.

    It is meant by its digest, or by what the owner bound the tag to last.

    Raises NotOwnerError, StateError where there is nothing to seal, or where it was revoked.
    """
    owned = title_of(genesis, name, session, chain, confirmations=confirmations)
    require_free(owned, session)
    state = owned.state
    if digest is None:
        if tag is None:
            raise EncodingError(f"which image of {name}?", hint="say NAME:TAG or NAME@DIGEST")
        bound = [one for one in state.bindings if one.key == tag_key(tag)]
        if not bound:
            raise StateError(
                f"{name}:{tag} was never released",
                hint=ImageRemedy.RELEASE_SEALED.of(),
            )
        digest = bound[-1].digest
    revoked = Coverage(state, {}).over(digest).named
    if revoked:
        raise StateError(
            f"{digest} was revoked in {display(revoked[0].step.txid)}", hint="a revocation covers sealed forms too"
        )
    if any(one.ciphertext == digest for one in state.sealings):
        raise StateError(f"{digest} is a sealed form itself", hint="seal the original, by its own digest")
    keys = {one.key: one for one in state.bindings}
    return Sealable(
        owned=owned,
        digest=digest,
        tags=tuple(one.tag for one in keys.values() if one.digest == digest and one.tag is not None),
        sealed_forms=tuple(one.ciphertext for one in state.sealings if one.plaintext == digest),
    )


def draft_seal(
    name: str,
    plaintext: Digest,
    ciphertext: Digest,
    owned: OwnedTitle,
    session: Session,
    *,
    rate: str | None,
    warnings: tuple[Prose, ...],
    before: Sequence[Draft] = (),
) -> Draft:
    """The SEAL record, after the drafts in `before`, which are of the same title. Raises what drafting raises.

    `warnings` are what the new form shares with earlier ones of the image (`repository_secrets.resealing`).
    """
    require_room(owned, len(before) + 1)
    coin = owned.coin
    for draft in before:
        coin = next_coin(coin, draft)
    later = foreseeing(session, before, {coin.prevout.outpoint: coin.units} if before else {})
    about = About(
        kind="seal",
        genesis=owned.state.genesis.txid,
        effects=(f"{name}: {ciphertext} is the sealed form of {plaintext}; the title stays",),
        warnings=warnings,
    )
    record = Seal(plaintext=plaintext, ciphertext=ciphertext).serialize()
    return draft_record(record, coin, later, fee_rate(session, rate), about)
