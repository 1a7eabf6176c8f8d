"""Use case: give images that were pulled to others, as long as they verify.

Every image that was kept is asked about anew, by the chain and not by what was true when it was pulled. What does not
verify is not given out, and neither is the plain form of a sealed or gated image.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from assets.errors import AssetError, NotFoundError
from assets.images.digest import Digest
from assets.images.name import split_name
from assets.images.verdict import Verdict
from assets.registry.settings import MANIFEST_LIMIT
from assets.registry.shelf import ServedManifest
from assets.remedies import ImageRemedy
from assets.services.images.withholding import is_withheld
from assets.services.trust.image_tree import Document, ImageTree, blobs_of, read_tree
from assets.services.trust.originals import document_of
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore, KeptImage
from wallet.advice import Prose
from wallet.errors import EncodingError, WalletError
from wallet.hashes import BlockHash

_log = logging.getLogger(__name__)

_PIN_IT = "; " + ImageRemedy.PIN_TO_SERVE.of()

RECHECK = 10.0
"""Seconds for which an answer about the mempool is good enough; a new best block is looked at at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One image that may be given out: its manifests, and the digests of its blobs."""

    image: KeptImage
    manifests: Mapping[Digest, Document]
    blobs: frozenset[Digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What may be given out at one moment, and why the rest may not."""

    shelved: tuple[Shelved, ...] = ()
    refused: tuple[tuple[KeptImage, Prose], ...] = field(default=())


def take_stock(store: ImageStore, ask: Callable[[KeptImage], Answer]) -> Inventory:
    """Asks about every image that was kept. Raises StoreError for records that cannot be read."""
    shelved: list[Shelved] = []
    refused: list[tuple[KeptImage, Prose]] = []
    for image in store.kept():
        found = _judged(store, image, ask)
        if isinstance(found, Shelved):
            shelved.append(found)
        else:
            refused.append((image, found))
    return Inventory(shelved=tuple(shelved), refused=tuple(refused))


class VerifiedShelf:
    """Implements the pull-only registry's `Shelf`. The chain is asked in one thread of its own, now and then."""

    def __init__(
        self,
        stock: Callable[[], Inventory],
        path: Callable[[Digest], Path | None],
        clock: Callable[[], float],
        tip: Callable[[], BlockHash],
    ) -> None:
        """`path` gives the file of a blob, or None where it may not be given out after all; `tip` the best block."""
        self._stock = stock
        self._tip = tip
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shelf")
        self._inventory: Inventory | None = None
        self._asked_at = 0.0
        self._as_of: BlockHash | None = None

    def inventory(self) -> Inventory:
        """What may be given out now: taken anew for every best block, and for the mempool's sake now and then.

        Raises what taking stock raises.
        """
        with self._lock:
            tip = self._present_tip()
            if self._inventory is None or tip != self._as_of or self._clock() - self._asked_at >= RECHECK:
                self._inventory = self._taken()
                self._asked_at, self._as_of = self._clock(), tip
            return self._inventory

    def _present_tip(self) -> BlockHash | None:
        """The best block; None where the node does not say, which taking stock finds out as well."""
        try:
            return self._asker.submit(self._tip).result()
        except WalletError:
            return None

    def _taken(self) -> Inventory:
        """Nothing, where it cannot be said any more what may be given out."""
        try:
            return self._asker.submit(self._stock).result()
        except WalletError as error:
            if self._inventory is None:
                raise
            _log.warning("nothing is served: %s", error)
            return Inventory()

    def manifest(self, name: str, selector: str, host: str) -> ServedManifest | None:
        """A manifest by tag or digest. A tag that two registries have needs the host."""
        named = self._named(name, host)
        found = _digest(selector) if ":" in selector else _tagged(named, selector)
        document = next((one.manifests[found] for one in named if found in one.manifests), None) if found else None
        if document is None:
            return None
        return ServedManifest(data=document.data, media_type=document.media_type, digest=str(document.digest))

    def blob(self, name: str, digest: str, host: str) -> Path | None:
        """The file of a blob that an image of this name has."""
        found = _digest(digest)
        named = self._named(name, host)
        return self._path(found) if found is not None and any(found in one.blobs for one in named) else None

    def tags(self, name: str, host: str) -> tuple[str, ...] | None:
        """The tags of a name under which something is given out."""
        named = self._named(name, host)
        return tuple(sorted({one.image.tag for one in named if one.image.tag is not None})) if named else None

    def refusal(self, name: str, selector: str, host: str) -> str:
        """Why an image of this name and tag, or digest, that is kept here is not given out."""
        refused = [one for one in self.inventory().refused if _is_named(one[0], name, host)]
        meant = (why for one, why in refused if selector in (one.tag, str(one.digest)))
        return next((f"not served: {why}" for why in meant), "")

    def close(self) -> None:
        """Ends the thread that asks the chain."""
        self._asker.shutdown(wait=True, cancel_futures=True)

    def _named(self, name: str, host: str) -> tuple[Shelved, ...]:
        return tuple(one for one in self.inventory().shelved if _is_named(one.image, name, host))


def _judged(store: ImageStore, image: KeptImage, ask: Callable[[KeptImage], Answer]) -> Shelved | Prose:
    """An image as it may be given out, or why it may not."""
    if not image.servable:
        return (
            "its owner gives the plain image to holders only, or its registry asks for a login; "
            + ImageRemedy.KEEP_SEALED.of()
        )
    try:
        answer = ask(image)
    except WalletError as error:
        return str(error)
    judgement = answer.judgement
    if judgement.exit_code:
        finding = judgement.findings[0] if judgement.findings else None
        why = f"{judgement.verdict.name}: {finding.reason if finding is not None else 'it does not verify'}"
        return why + (_PIN_IT if judgement.verdict in (Verdict.UNPINNED, Verdict.NO_ASSET) else "")
    try:
        tree = _kept_tree(store, image)
    except WalletError as error:
        return f"what was kept of it is not whole: {error}"
    if not image.sealed and is_withheld(answer, [one.digest for one in tree.walk()]):
        return "its owner sealed it meanwhile"
    return _shelved(image, tree, answer)


def _shelved(image: KeptImage, tree: ImageTree, answer: Answer) -> Shelved | str:
    """Those of an image's manifests that verify by their own digests, each judged by what it is, and their blobs."""
    contents, manifests = tree.contents(), {}
    for one in tree.walk():
        if one.digest in manifests:
            continue
        judgement = answer.judged_as(one.digest, contents).judgement
        if not judgement.exit_code:
            manifests[one.digest] = one
        elif one.digest == image.digest:
            return f"{judgement.verdict.name}: {judgement.findings[0].reason}"
    return Shelved(
        image=image, manifests=manifests, blobs=frozenset(one.digest for one in blobs_of(manifests.values()))
    )


def _kept_tree(store: ImageStore, image: KeptImage) -> ImageTree:
    """The image's own manifests, whose blobs are all here. Raises NotFoundError for a part that is not."""

    def read(digest: Digest) -> Document:
        data = store.document(digest, MANIFEST_LIMIT)
        found = document_of(data) if data is not None else None
        if found is None:
            raise NotFoundError(f"{digest} is not kept here", hint="pull the image again")
        return found

    tree = read_tree(read, image.digest)
    missing = next((one for one in tree.blobs() if not store.has(one.digest, one.size)), None)
    if missing is not None:
        raise AssetError(f"{missing.digest} is not kept here", hint="pull the image again")
    return tree


def _is_named(image: KeptImage, name: str, host: str) -> bool:
    own_host, path = split_name(image.name)
    return image.name == name or (path == name and host in ("", own_host))


def _tagged(named: tuple[Shelved, ...], tag: str) -> Digest | None:
    """The one image that a tag stands for; platforms that were pulled by themselves give way to the whole image."""
    tagged = [one for one in named if one.image.tag == tag]
    parts = {digest for one in tagged for digest in one.manifests if digest != one.image.digest}
    whole = {one.image.digest for one in tagged} - parts
    return whole.pop() if len(whole) == 1 else None


def _digest(text: str) -> Digest | None:
    try:
        return Digest.parse(text)
    except EncodingError:
        return None
