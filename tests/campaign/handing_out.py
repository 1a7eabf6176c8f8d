"""What the program would give to others after a verdict: by `image serve`, by `image pull`, and by the gate."""

from collections.abc import Iterator
from typing import NamedTuple

from assets.errors import ImageError, RegistryError
from assets.images.digest import Digest
from assets.images.tag import parse_tag
from assets.services.access.revoked_keys import RevokedKeys
from assets.services.images.pulling import Puller, sealed_form
from assets.services.images.serving import take_stock
from assets.services.trust.verifying import Answer
from assets.store.image_store import KeptImage
from tests.campaign.lineage_stories import NAME, Story
from tests.campaign.product import Product


class Given(NamedTuple):
    """A digest in hex that would be given out, by whom, and under which tag it was asked for."""

    digest: str
    by: str
    tag: str | None


def given_out(story: Story, product: Product, tag: str | None, digest: str) -> Iterator[Given]:
    """What goes out once `verify` was asked: everything that is served, what is pulled, and opened, and its key."""
    answer = product.answer
    if answer is None or answer.digest is None:
        return
    store = _Store(story, answer, tag)
    for served in take_stock(store, lambda _: answer).shelved:  # type: ignore[arg-type]
        for one in served.manifests:
            yield Given(one.hex, "serve", tag)
    if not answer.judgement.exit_code:
        for one in _pulled(product, store, answer):
            yield Given(one.hex, "pull", tag)
    names = {product.genesis: NAME.decode()}
    if answer.state is not None and any(one.ciphertext == answer.digest for one in answer.state.sealings):
        gate = RevokedKeys(product.chain, product.registry, names)
        if gate.why_not(product.genesis, answer.digest) is None:
            yield Given(digest, "gate", None)


def _pulled(product: Product, store: "_Store", answer: Answer) -> Iterator[Digest]:
    """The digests that a pull judges again, where all of them pass: what was fetched, and a sealed form's original."""
    puller = Puller(product.registry, store, NAME.decode())  # type: ignore[arg-type]
    form = sealed_form(answer)
    assert answer.digest is not None
    try:
        fetched = puller.tree(answer.digest if form is None else form.ciphertext)
        original = None if form is None or form.ciphertext != answer.digest else puller.original(form)
    except (RegistryError, ImageError):
        return
    contents = {**fetched.contents(), **({} if original is None else original.contents())}
    outcome = dict.fromkeys((answer.digest, *(() if original is None else (original.root.digest,))))
    if all(not answer.judged_as(one, contents).judgement.exit_code for one in outcome):
        yield from outcome


class _Store:
    """An image store that has the one image of an answer, and every blob. What `take_stock` and `Puller` ask."""

    def __init__(self, story: Story, answer: Answer, tag: str | None) -> None:
        assert answer.digest is not None
        self._story = story
        sealings = answer.state.sealings if answer.state is not None else ()
        self._image = KeptImage(
            name=NAME.decode(),
            tag=None if tag is None else parse_tag(tag),
            digest=answer.digest,
            genesis=bytes.fromhex(story.genesis)[::-1],  # type: ignore[arg-type]
            sealed=any(one.ciphertext == answer.digest for one in sealings),
            gated=False,
        )

    def kept(self) -> tuple[KeptImage, ...]:
        return (self._image,)

    def document(self, digest: Digest, limit: int) -> bytes | None:
        found = self._story.served.get(digest.hex)
        return None if found is None else found.data

    def add(self, data: bytes) -> Digest:
        return Digest.of(data)

    def has(self, digest: Digest, size: int) -> bool:
        return True
