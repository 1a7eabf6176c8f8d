"""What a reader of images asks: to find, judge, pin, pull, keep and serve. Parsed, not looked up yet, cheap to import.

Where there is no genesis yet, a request carries the reference and what vouches for it; every other one a genesis.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assets.images.reference import ImageReference
from wallet.hashes import Txid

if TYPE_CHECKING:
    from assets.images.verdict import Verdict
    from assets.services.images.delivery import Destination
    from assets.services.read_models.access_views import KeptView


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Which repository is meant: by its canonical name, its genesis, or both.

    `own` is for what only an owner does: nobody but this wallet and its pins speaks for a name then.
    """

    name: str | None = None
    genesis: Txid | None = None
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """An image to judge.

    `genesis` vouches where it is given, `lock` is a lock file that does; `allow` are verdicts to accept. `evidence`, a
    file or `registry`, is judged by instead of an index. `meant` is the repository on which it was asked: it vouches
    for nothing, and an answer about another one is refused.
    """

    reference: ImageReference
    genesis: Txid | None = None
    lock: Path | None = None
    allow: "frozenset[Verdict]" = frozenset()
    platform: str | None = None
    evidence: str | None = None
    meant: Txid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A name to pin. Without `genesis` it is the one that the registry claims, or that is pinned or locked.

    `accept_owner` is for one that is pinned or locked and changed hands, `accept_authors` are addresses of earlier
    owners. The pin is written into `lock`, too. `evidence` as in `Verify`.
    """

    name: str
    genesis: Txid | None = None
    accept_owner: bool = False
    accept_authors: tuple[str, ...] = ()
    lock: Path | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An image to verify, fetch and hand over.

    Without `to` it is kept for serving. A sealed image is opened on its way to `to`, unless `keep_sealed`, with the key
    in `key_file`, else the gate's, else the wallet's own. `key_out` and `proof` are new files: for the key as skopeo
    takes it, and for what shows that the owner broke the seal.
    """

    image: Verify
    to: "Destination | None" = None
    key_file: Path | None = None
    key_out: Path | None = None
    proof: Path | None = None
    keep_sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Images that were pulled and are to go: those that fit a reference, one that was shown, beginnings, or all."""

    references: tuple[ImageReference, ...] = ()
    shown: "KeptView | None" = None
    unfinished: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """Serve what was pulled and still verifies, at `host` and `port`. `offline` asks no registry."""

    host: str
    port: int
    allow: "frozenset[Verdict]" = frozenset()
    offline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProof:
    """A proof that a seal is broken. `layout` is a copy of the sealed image, in place of the registry's."""

    file: Path
    layout: str | None = None
