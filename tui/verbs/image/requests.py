"""What the owner of an image asks for, parsed and not looked up yet. Cheap to import.

Whatever acts on a repository carries its `genesis`; `name` is only how that repository was called where it was asked,
and decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assets.coloring.compose import TITLE_VALUE
from assets.images.digest import Digest
from assets.images.record import RevokeReason
from assets.images.tag import Tag
from assets.registry.layout import LayoutReference
from tui.verbs.image.fields import Built
from wallet.amount import Sats
from wallet.hashes import Txid

if TYPE_CHECKING:
    from tui.verbs.image.seal import SealedForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Issue the asset of a repository, under its canonical name.

    `units` are access units, `title_value` the sats of the title's coin. `links` are the definition's optional fields:
    gate, terms, source, magnet. `rival` says that this wallet holds another repository of that name, which somebody
    else issued, and that this one is issued all the same.
    """

    name: str
    units: int = 1_000_000
    title_value: Sats = TITLE_VALUE
    issuer: str = ""
    description: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    publish: bool = True
    rival: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Bind a digest to tags; `final` binds them for ever.

    `built` is what the builder says of the image, from one place or from several that must agree. Where it says
    nothing, `compared` is the digest of the registry that a person saw in full and compared.
    """

    genesis: Txid
    name: str
    tags: tuple[Tag, ...]
    built: tuple[Built, ...] = ()
    compared: Digest | None = None
    final: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Take an image back for ever: by its digest, or by a tag and then what the tag stands for now.

    `platform` picks one image of a list; `alone` as in `RevokeRequest`.
    """

    genesis: Txid
    name: str
    tag: Tag | None = None
    digest: Digest | None = None
    reason: RevokeReason = RevokeReason.UNSPECIFIED
    platform: str | None = None
    alone: bool | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Give a repository to a new owner, with the treasury or without.

    `to` is a unit address or a link; `plain` allows an address that was not made for units.
    """

    genesis: Txid
    name: str
    to: str
    with_treasury: bool = True
    plain: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """Give a repository a new definition; None keeps what is there.

    `links` are gate, terms, source and magnet by their names; an empty text takes a link away. `document` is a whole
    definition that somebody prepared. `seen` is the sha256 of the definition that the changes were made for, None where
    none was shown.
    """

    genesis: Txid
    name: str
    new_name: str | None = None
    issuer: str | None = None
    description: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    document: bytes | None = None
    publish: bool = True
    seen: Digest | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Push the newest definition to the registry again, with `evidence` also what proves all settled releases."""

    genesis: Txid
    name: str
    evidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Encrypt a released image, push it, and say on the chain that it is that release's sealed form.

    The image is meant by a tag or by its digest. It is read from `layout`, or from the registry. `generation` is
    another key for the same image, `epoch` another secret for all keys (None: the one in use). The registry's tag then
    stands for the sealed form, unless `keep_tag`. `key_out` is a new file for the key.
    """

    genesis: Txid
    name: str
    tag: Tag | None = None
    digest: Digest | None = None
    layout: LayoutReference | None = None
    generation: int = 1
    epoch: int | None = None
    keep_tag: bool = False
    key_out: Path | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSealed:
    """Release an image and its sealed form at once. A layout of the builder holds the image, too."""

    release: Release
    generation: int = 1


Sealing = Seal | ReleaseSealed


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeal:
    """Say on the chain that `form`, which is encrypted and pushed, is the sealed form of the image that is meant."""

    sealing: Sealing
    form: "SealedForm"

    @property
    def rate(self) -> str | None:
        """The fee rate that was asked for, if any."""
        return self.sealing.rate if isinstance(self.sealing, Seal) else self.sealing.release.rate
