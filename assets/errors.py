"""What can go wrong with assets, images and registries; the root is the wallet's.

AssetError (WalletError)
├ InsufficientQuantityError     units needed and available
├ GuardError                    a transaction would not do what was asked; nothing is signed
├ ImageError                    a reference, digest, definition or record cannot be used
│ ├ NotOwnerError               this wallet does not hold the title
│ ├ AmbiguousNameError          a name fits several repositories; `repositories` are these
│ └ BrokenSealError             a sealed image is not what its owner committed to, as anybody can recompute
├ RegistryError                 the registry's answer cannot be used
│ ├ RegistryUnavailableError    no answer
│ ├ NotFoundError               no such repository, tag or digest
│ ├ UnauthorizedError           the registry wants credentials, or refuses them
│ └ DigestMismatchError         bytes do not have the digest that they were asked by
├ IndexStateError               the index is behind, starts too late, or was disturbed
│ └ ReorgTooDeepError           the chain was reorganised deeper than the index remembers
├ OfferError                    an ask, a bid or a sale is refused; `check` names why
│ ├ OfferExpiredError
│ └ OfferTakenError             the coin is sold, spent or withdrawn
├ ShopError                     a shop does not answer, or answers what cannot be used
│ ├ ShopUnreachedError          what was to be sent never reached it, or it says that it did not look at it
│ └ PerhapsTakenError           a bid was sent, and whether the shop took it is not known
└ TrustError                    a pin or a lock file cannot be used
"""

from dataclasses import dataclass

from assets.remedies import ImageRemedy
from wallet.advice import Prose
from wallet.errors import WalletError


class AssetError(WalletError):
    """Root of the errors of this package. Never raised directly."""


class InsufficientQuantityError(AssetError):
    """Fewer units are held than are needed."""

    def __init__(self, message: str, *, needed: int, available: int, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.needed = needed
        self.available = available


class GuardError(AssetError):
    """The exact transaction differs from the declared intent. Nothing was signed."""


class ImageError(AssetError):
    """A reference, digest, definition or record is unusable."""


class NotOwnerError(ImageError):
    """This wallet does not hold the title of the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRepository:
    """A repository that goes by a name, or once did.

    `height` is its genesis' block, None in the mempool or where the index does not have it. `owned` says whether its
    title is here, `issued` whether this wallet issued it, `how` what else this user has to do with it, in words.
    """

    genesis: str
    height: int | None
    owned: bool
    issued: bool
    how: str


class AmbiguousNameError(ImageError):
    """A name fits several repositories, and none of them is chosen."""

    def __init__(self, message: str, *, repositories: tuple[NamedRepository, ...], hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.repositories = repositories


class BrokenSealError(ImageError):
    """A sealed image is not what its owner committed to on the chain, as anybody with the content key can recompute.

    `layer` names the ciphertext that has to be read to see it, by its digest; None where the manifests alone show it.
    """

    def __init__(self, message: str, *, layer: str | None = None, hint: Prose = "") -> None:
        super().__init__(message, hint=hint or ImageRemedy.WRITE_PROOF.of())
        self.layer = layer


class RegistryError(AssetError):
    """A registry's answer cannot be used."""


class RegistryUnavailableError(RegistryError):
    """A registry gave no answer."""


class NotFoundError(RegistryError):
    """The registry has no such repository, tag or digest."""


class UnauthorizedError(RegistryError):
    """The registry wants credentials, or refuses the ones it got."""


class DigestMismatchError(RegistryError):
    """Bytes do not have the digest by which they were asked for."""


class IndexStateError(AssetError):
    """The index is behind, starts too late, or was disturbed while it answered."""


class ReorgTooDeepError(IndexStateError):
    """The chain was reorganised deeper than the index remembers; it has to be read anew."""


class ShopError(AssetError):
    """A shop does not answer, or answers what cannot be used; what became of a bid is not known."""


class ShopUnreachedError(ShopError):
    """What was to be sent never reached the shop, or it says that it did not look at it: it took no bid."""


class PerhapsTakenError(ShopError):
    """A bid went to a shop, and no answer says what became of it: the shop may complete the sale.

    `bid` and `txid` are hexadecimal, `expires` is a height; the bid's coins stay reserved.
    """

    def __init__(self, message: str, *, bid: str, txid: str, shop: str, expires: int, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.bid = bid
        self.txid = txid
        self.shop = shop
        self.expires = expires


class TrustError(AssetError):
    """A pin file or a lock file cannot be used."""


class OfferError(AssetError):
    """An ask, a bid or a sale is refused. `check` is the name of the check that failed; nothing was signed."""

    def __init__(self, check: str, details: str, *, hint: Prose = "") -> None:
        super().__init__(f"refused ({check}): {details}", hint=hint)
        self.check = str(check)


class OfferExpiredError(OfferError):
    """The ask or the bid is past its height."""


class OfferTakenError(OfferError):
    """What was offered is no longer there: sold, spent or withdrawn."""
