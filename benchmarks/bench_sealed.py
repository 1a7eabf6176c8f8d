"""How fast images are sealed, opened and pulled, against the bare cipher and a plain `skopeo copy` in the same run.

An image of one layer of random bytes lies in a real registry on this machine. Every figure is MB/s of that layer, the
best of three. The memory is that of the whole process at its highest, for a layer of this size and for one eight times
as large: streaming, it must stay the same. `--megabytes 2048` is the size that the long run uses.
"""

import argparse
import gc
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from assets.images.content_key import RepositorySecret
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.encryption import Seal
from assets.registry.layer_cipher import decrypt, encrypt
from assets.registry.layer_keys import LayerKey, Recipient
from assets.registry.layout import LayoutReference
from assets.services.images.delivery import Delivery, Destination, Kind
from assets.services.images.image_content import opened
from assets.services.images.image_source import LayoutSource
from assets.services.images.pulling import Puller, SealedForm
from assets.services.images.sealing import SealedImage, Sealer, push_sealed
from assets.store.image_store import ImageStore
from regtest.oci import CONFIG, LAYER, MANIFEST, Blobs, config_document, digest_of, encode, manifest_document
from regtest.registry import Registry
from regtest.skopeo import skopeo
from wallet.hashes import Txid
from wallet.network import REGTEST

MB = 1_000_000
SECRET = RepositorySecret(genesis=Txid(bytes(32)), value=bytes(32))
ROUNDS = 3


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def build(folder: Path, size: int) -> LayoutReference:
    """A layout with one image of one layer; written in pieces, so that this process never holds it."""
    blobs = Blobs(folder)
    (folder / "blobs" / "sha256").mkdir(parents=True)
    staged = folder / "layer"
    with staged.open("wb") as file:
        for _ in range(0, size, MB):
            file.write(os.urandom(MB))
    with staged.open("rb") as file:
        digest = digest_of_file(file)
    staged.rename(blobs.path(digest))
    layer = {"mediaType": LAYER, "digest": digest, "size": size}
    config = blobs.add(encode(config_document("linux/amd64", ("/x",), (digest_of(b"not a real archive"),))), CONFIG)
    blobs.finish(blobs.add(encode(manifest_document(config, [layer])), MANIFEST), "1")
    return LayoutReference(folder=folder, tag="1")


def digest_of_file(file: io.BufferedReader) -> str:
    """`sha256:` and the hash in hex."""
    return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def bare_cipher(source: Path) -> None:
    """AES-256-CTR alone, over the same file, into nothing."""
    encryptor = Cipher(AES256(bytes(32)), CTR(bytes(16))).encryptor()
    with source.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            encryptor.update(chunk)


class Bench:
    """One image, sealed and pulled again and again."""

    def __init__(self, folder: Path, size: int, registry: Registry) -> None:
        self.folder = folder
        self.size = size
        self.reference = build(folder / "built", size)
        self.source = LayoutSource(self.reference)
        self.registry = registry
        self.name = f"{registry.host}/bench/sealed{size}"
        self.client = RegistryClient(CredentialFinder.nowhere())
        self.layer = max((folder / "built" / "blobs" / "sha256").iterdir(), key=lambda path: path.stat().st_size)
        self.key = SECRET.content_key(self.source.digest)
        self.count = 0

    def fresh(self) -> Path:
        """A new folder."""
        self.count += 1
        path = self.folder / f"work{self.count}"
        path.mkdir()
        return path

    def layer_key(self) -> LayerKey:
        return LayerKey(key=bytes(32), nonce=bytes(16), plaintext=Digest.parse(f"sha256:{self.layer.name}"))

    def encrypt(self) -> bytes:
        with self.layer.open("rb") as source, (self.folder / "cipher").open("wb") as target:
            return encrypt(source, target, self.layer_key())[1]

    def decrypt(self, tag: bytes) -> None:
        with (self.folder / "cipher").open("rb") as source, (self.folder / "plain").open("wb") as target:
            decrypt(source, target, self.layer_key(), tag)

    def seal(self) -> SealedImage:
        return Sealer(self.source, self.key, self.fresh()).seal(self.source.digest, Seal.of(SECRET, self.key, 1))

    def push(self, sealed: SealedImage) -> None:
        push_sealed(sealed, self.name, self.client, genesis=SECRET.genesis, network=REGTEST)

    def pull(self, digest: Digest) -> None:
        """Every byte fetched, hashed and stored."""
        Puller(self.client, ImageStore(self.fresh()), self.name).fetch(digest)

    def pull_and_open(self, sealed: SealedImage) -> None:
        """The same, and decrypted into a layout."""
        store, out = ImageStore(self.fresh()), self.fresh()
        puller = Puller(self.client, store, self.name)
        form = SealedForm(plaintext=sealed.plaintext, ciphertext=sealed.ciphertext.digest)
        original = puller.original(form)
        fetched = puller.fetch(form.ciphertext)
        content = opened(store, fetched, original, self.key)
        delivery = Delivery(content, ImageReference.parse(self.name), out)
        delivery.deliver(original, Destination(kind=Kind.LAYOUT, path=out / "layout"), self.client)

    def skopeo_opens(self, selector: str, key: Path) -> None:
        """What unmodified skopeo does with the key; it checks nothing against a chain."""
        skopeo(
            "copy", "--src-tls-verify=false", "--decryption-key", str(key), f"docker://{self.name}{selector}",
            f"oci:{self.fresh()}/layout:1", timeout=1200,
        )  # fmt: skip

    def skopeo_copy(self, selector: str) -> None:
        skopeo(
            "copy", "--preserve-digests", "--src-tls-verify=false", f"docker://{self.name}{selector}",
            f"oci:{self.fresh()}/layout:1", timeout=1200,
        )  # fmt: skip


def measure(folder: Path, size: int) -> dict[str, float]:
    """MB/s of each way."""
    with Registry(folder / "registry") as registry:
        bench = Bench(folder, size, registry)
        tag = bench.encrypt()
        seconds = {
            "bare AES-256-CTR": timed(lambda: bare_cipher(bench.layer)),
            "encrypt (cipher, HMAC, two digests, file)": timed(bench.encrypt),
            "decrypt (cipher, HMAC, digest, file)": timed(lambda: bench.decrypt(tag)),
        }
        sealed = bench.seal()
        seconds["push, sealed"] = timed(lambda: bench.push(sealed), rounds=1)
        digest = sealed.ciphertext.digest
        seconds["skopeo copy, as it is, to a layout"] = timed(lambda: bench.skopeo_copy(f"@{digest}"))
        key = folder / "key.pem"
        key.write_bytes(Recipient(bench.key).private_pem())
        seconds["skopeo copy --decryption-key, to a layout"] = timed(lambda: bench.skopeo_opens(f"@{digest}", key))
        seconds["pull (fetch, hash, store)"] = timed(lambda: bench.pull(digest))
        seconds["pull, open, and write a layout"] = timed(lambda: bench.pull_and_open(sealed))
        bench.client.close()
        return {what: size / MB / took for what, took in seconds.items()}


def peak(folder: Path, size: int) -> int:
    """KiB that a process of its own needed at its highest to seal, push, pull and open a layer of `size` bytes."""
    command = [sys.executable, __file__, "--peak", str(folder), "--megabytes", str(size // MB)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout)["peak"])


def peak_here(folder: Path, size: int) -> None:
    with Registry(folder / "registry") as registry:
        bench = Bench(folder, size, registry)
        sealed = bench.seal()
        bench.push(sealed)
        bench.pull_and_open(sealed)
        bench.client.close()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    high = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    print(json.dumps({"peak": int(high.split()[1])}))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=int, default=100)
    options.add_argument("--peak", type=Path)
    chosen = options.parse_args()
    size = chosen.megabytes * MB
    if chosen.peak is not None:
        peak_here(chosen.peak, size)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rates = measure(Path(folder), size)
    width = max(len(what) for what in rates)
    print(f"a layer of {chosen.megabytes} MB")
    for what, rate in rates.items():
        print(f"  {what.ljust(width)}  {rate:8.0f} MB/s")
    peaks = []
    for factor in (1, 8):
        with tempfile.TemporaryDirectory() as folder:
            peaks.append(peak(Path(folder), size * factor // 4))
    for factor, found in zip((1, 8), peaks, strict=True):
        print(f"  at most {found / 1024:.0f} MiB of memory for a layer of {size * factor // 4 // MB} MB")
    if peaks[1] > peaks[0] * 1.25:
        print("memory grows with the layer", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
