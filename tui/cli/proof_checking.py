"""The steps of `image check-proof`: the file, its network, the chain's word, the layer, and what comes out."""

from dataclasses import dataclass
from pathlib import Path

from assets.images.canonical import FILE_LIMIT
from assets.images.seal_proof import SealProof
from assets.registry.layout import LayoutReference
from assets.registry.oci import ContentDescriptor
from assets.services.chain.lineage import absence, read_lineage
from assets.services.chain.script_address import address_or_nothing
from assets.services.images.image_source import ImageSource, LayoutSource, RegistrySource
from assets.services.images.seal_proving import Proven, check_proof
from tui.cli import images
from tui.cli.call import Call
from tui.cli.output import fields
from tui.cli.sealing import staging_of
from tui.settings import Origin
from wallet.errors import EncodingError, StateError
from wallet.hashes import display
from wallet.network import NETWORKS, network_named


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """What a proof proves. `height` is the block of the SEAL, None while it waits for one."""

    proven: bool
    reason: str
    name: str
    network: str
    genesis: str
    plaintext: str
    ciphertext: str
    seal: str
    height: int | None
    author: str
    released: bool


def checked(call: Call, file: Path, layout: str | None) -> ProofView:
    """What a file proves, on the network that it names. Raises what `check_proof` raises, StateError, ChainError."""
    proof = SealProof.parse(_read(file))
    call = _on_its_network(call, proof)
    chain = images.chain_of(call)
    chain.catch_up()
    lineage = read_lineage(chain, proof.genesis, confirmations=images.reading_confirmations(call))
    if lineage is None:
        missing = absence(chain, proof.genesis)
        raise StateError(missing.reason, hint=missing.hint)
    with staging_of(call) as staging:

        def blob(layer: ContentDescriptor) -> Path:
            source: ImageSource = (
                RegistrySource(call.house.registry, proof.name)
                if layout is None
                else LayoutSource(LayoutReference.parse(layout))
            )
            return source.blob(layer, staging)

        found = check_proof(proof, lineage.state, blob)
    return _view(call, proof, found)


def text_of(view: ProofView) -> str:
    """For people."""
    where = "waits for a block" if view.height is None else f"block {view.height}"
    pairs = [
        ("proven", view.reason),
        ("name", view.name),
        ("genesis", f"{view.genesis} on {view.network}"),
        ("sealed by", view.author),
        ("in", f"{view.seal} ({where})"),
        ("plain image", view.plaintext + ("" if view.released else " (never released)")),
        ("sealed form", view.ciphertext),
    ]
    return fields(pairs)


def _view(call: Call, proof: SealProof, found: Proven) -> ProofView:
    step = found.sealing.step
    return ProofView(
        proven=True,
        reason=found.reason,
        name=proof.name,
        network=call.house.network.name,
        genesis=display(proof.genesis),
        plaintext=str(proof.plaintext),
        ciphertext=str(proof.ciphertext),
        seal=display(step.txid),
        height=step.height,
        author=address_or_nothing(step.author, call.house.network) or step.author.hex(),
        released=found.released,
    )


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(FILE_LIMIT + 1)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error


def _on_its_network(call: Call, proof: SealProof) -> Call:
    """The network of the proof; another one that was named on the command line is a mistake that is told."""
    named = next((name for name in NETWORKS if proof.is_on(network_named(name))), None)
    if named is None:
        raise StateError(
            f"the proof is about an unknown network (block 0 is {display(proof.network)})", hint="use a newer program"
        )
    asked = call.settings.origin("network") in (Origin.FLAG, Origin.ENVIRONMENT)
    if asked and call.settings.network != named:
        raise StateError(f"the proof is about {named}, not {call.settings.network}", hint=f"say --network {named}")
    return images.on_network(call, named)
