"""A stock of manifests and lists, made once: what random lineages release, revoke and seal.

Each document is known by its real sha256. Lists name images and lists, with types and platforms that may be wrong; some
documents can be read as nothing, or state no type.
"""

import hashlib
import json
from random import Random
from typing import NamedTuple

OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_LIST = "application/vnd.oci.image.index.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
EMPTY = "application/vnd.oci.empty.v1+json"


class Manifest(NamedTuple):
    """A document; `entries` are digests in hex of a list's, None for an image. `readable` False: it is refused."""

    digest: str
    data: bytes
    media_type: str
    entries: tuple[str, ...] | None
    readable: bool = True


class Family(NamedTuple):
    """Documents that belong together: a few images, lists over them, and sealed forms. By digest, all of them.

    `seals` are pairs that a publisher could seal: most fit, some have other lengths or shapes.
    """

    documents: dict[str, Manifest]
    images: tuple[str, ...]
    lists: tuple[str, ...]
    seals: tuple[tuple[str, str], ...]


def family(random: Random) -> Family:
    """Four images, three to five lists (some in lists), and what they are sealed as."""
    maker = _Maker(random)
    images = [maker.image() for _ in range(4)]
    lists: list[str] = []
    for _ in range(random.randrange(2, 5)):
        pool = images + lists if random.random() < 0.6 else images
        lists.append(maker.index([random.choice(pool) for _ in range(random.choice((0, 1, 1, 2, 2, 2, 3)))]))
    if random.random() < 0.06:
        lists.append(maker.chain(images[0], random.choice((4, 5, 6))))
    if random.random() < 0.08:
        lists.append(maker.mixture(images))
    seals = [(plain, maker.sealed(plain, fit=random.random() < 0.8)) for plain in random.sample(images + lists, 3)]
    again = random.choice(seals)[0]
    if random.random() < 0.2:
        seals.append((again, maker.sealed(again, fit=True)))
    return Family(maker.documents, tuple(images), tuple(lists), tuple(seals))


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.documents: dict[str, Manifest] = {}
        self._sealed: dict[str, str] = {}

    def image(self) -> str:
        random = self.random
        media_type = DOCKER_IMAGE if random.random() < 0.1 else OCI_IMAGE
        content: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {"mediaType": EMPTY, "digest": f"sha256:{random.randbytes(32).hex()}", "size": 2},
            "layers": [],
        }
        if self.documents and random.random() < 0.1:
            content["subject"] = _entry(random.choice(list(self.documents)), OCI_IMAGE)
        if random.random() < 0.05:
            del content["mediaType"]
        return self._add(content, media_type, None)

    def index(self, entries: list[str]) -> str:
        random = self.random
        media_type = DOCKER_LIST if random.random() < 0.1 else OCI_LIST
        content: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": [_entry(one, self._claimed(one), number) for number, one in enumerate(entries)],
            "annotations": {"n": str(random.getrandbits(60))},
        }
        if random.random() < 0.05:
            del content["mediaType"]
        if random.random() < 0.1:
            content["subject"] = _entry(random.choice(list(self.documents)), OCI_IMAGE)
        return self._add(content, media_type, tuple(entries))

    def chain(self, image: str, depth: int) -> str:
        top = image
        for _ in range(depth):
            top = self.index([top])
        return top

    def mixture(self, images: list[str]) -> str:
        """One program could run the layers, another the entries: refused."""
        content = {
            "schemaVersion": 2,
            "mediaType": OCI_LIST,
            "manifests": [_entry(images[0], OCI_IMAGE)],
            "layers": [],
            "annotations": {"n": str(self.random.getrandbits(60))},
        }
        return self._add(content, OCI_LIST, (images[0],), readable=False)

    def sealed(self, plain: str, *, fit: bool) -> str:
        """A form of the same shape, each document once; or one that does not fit."""
        entries = self.documents[plain].entries
        if not fit:
            others = [self.image() for _ in range(self.random.randrange(4))]
            return self.index(others) if entries is not None or self.random.random() < 0.5 else self.image()
        if entries is None:
            return self._once(plain, self.image)
        return self.index([self._once(one, lambda one=one: self.sealed(one, fit=True)) for one in entries])

    def _once(self, plain: str, make: "object") -> str:
        if plain not in self._sealed or self.random.random() < 0.1:
            self._sealed[plain] = make()  # type: ignore[operator]
        return self._sealed[plain]

    def _claimed(self, digest: str) -> str:
        """An entry's type, sometimes a lie."""
        if self.random.random() < 0.08:
            return self.random.choice((OCI_IMAGE, OCI_LIST, DOCKER_IMAGE, DOCKER_LIST))
        return self.documents[digest].media_type

    def _add(
        self, content: dict[str, object], media_type: str, entries: tuple[str, ...] | None, *, readable: bool = True
    ) -> str:
        data = json.dumps(content, separators=(",", ":")).encode()
        digest = hashlib.sha256(data).hexdigest()
        self.documents[digest] = Manifest(digest, data, media_type, entries, readable)
        return digest


def _entry(digest: str, media_type: str, number: int = 0) -> dict[str, object]:
    platform = {"os": "linux", "architecture": ("amd64", "arm64", "s390x", "riscv64")[number % 4]}
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": 300, "platform": platform}
