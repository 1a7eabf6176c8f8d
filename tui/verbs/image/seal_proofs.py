"""Writing down what shows a broken seal to anybody, and checking what somebody else wrote down."""

from dataclasses import dataclass
from pathlib import Path

from assets.errors import BrokenSealError
from assets.images.canonical import FILE_LIMIT
from assets.images.seal_proof import SealProof
from assets.registry.layout import LayoutReference
from assets.registry.oci import ContentDescriptor
from assets.services.chain.lineage import absence, read_lineage
from assets.services.chain.script_address import address_or_nothing
from assets.services.images.image_source import ImageSource, LayoutSource, RegistrySource
from assets.services.images.pulling import Puller, SealedForm
from assets.services.images.seal_proving import Proven, RememberedKey, check_proof, proof_of
from assets.services.trust.verifying import Answer
from tui.verbs.files import read_given, write_new
from tui.verbs.image.reader_requests import CheckProof
from tui.verbs.reading import Reading
from wallet.errors import StateError
from wallet.hashes import display
from wallet.network import NETWORKS, Network, network_named


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


def check(request: CheckProof, reading: Reading) -> ProofView:
    """What a file proves, on the network that it names; another one that this user named is a mistake that is told.

    Raises what `check_proof` raises, EncodingError, StateError, ImageError, RegistryError, ChainError.
    """
    proof = SealProof.parse(read_given(request.file, FILE_LIMIT))
    place = _on_its_network(proof, reading)
    chain = place.chain()
    chain.catch_up()
    lineage = read_lineage(chain, proof.genesis, confirmations=place.reading_confirmations)
    if lineage is None:
        missing = absence(chain, proof.genesis)
        raise StateError(missing.reason, hint=missing.hint)
    with place.staging() as staging:

        def blob(layer: ContentDescriptor) -> Path:
            source: ImageSource = (
                RegistrySource(place.registry, proof.name)
                if request.layout is None
                else LayoutSource(LayoutReference.parse(request.layout))
            )
            return source.blob(layer, staging)

        found = check_proof(proof, lineage.state, blob)
    return _view(proof, found, place.network)


def with_proof(
    broken: BrokenSealError,
    answer: Answer,
    form: SealedForm,
    puller: Puller,
    keys: RememberedKey,
    file: Path | None,
    network: Network,
) -> BrokenSealError:
    """The error to tell, once the proof is written where one is wanted."""
    if file is None:
        hint = "do not use it; pull it again with --proof FILE for what shows this to anybody"
        return BrokenSealError(str(broken), layer=broken.layer, hint=hint)
    assert answer.state is not None, "a sealed image belongs to a repository"
    proof = proof_of(
        broken,
        network=network,
        name=answer.reference.name,
        genesis=answer.state.genesis.txid,
        encrypted=puller.tree(form.ciphertext),
        original=puller.original(form),
        key=keys.found,
    )
    write_new(file, proof.serialize())
    keep = "" if broken.layer is None else "; keep the layer too: pull it with --keep-sealed --to oci:DIR"
    hint = (
        f"do not use it; the proof is in {file}, and it gives the content key away to whoever reads it{keep}."
        f" Anybody checks it with: dockchains image check-proof {file}"
    )
    return BrokenSealError(str(broken), layer=broken.layer, hint=hint)


def _on_its_network(proof: SealProof, reading: Reading) -> Reading:
    named = next((name for name in NETWORKS if proof.is_on(network_named(name))), None)
    if named is None:
        raise StateError(
            f"the proof is about an unknown network (block 0 is {display(proof.network)})", hint="use a newer program"
        )
    asked = reading.settings.network
    if reading.is_on_named_network and asked != named:
        raise StateError(f"the proof is about {named}, not {asked}", hint=f"say --network {named}")
    return reading.on(named)


def _view(proof: SealProof, found: Proven, network: Network) -> ProofView:
    step = found.sealing.step
    return ProofView(
        proven=True,
        reason=found.reason,
        name=proof.name,
        network=network.name,
        genesis=display(proof.genesis),
        plaintext=str(proof.plaintext),
        ciphertext=str(proof.ciphertext),
        seal=display(step.txid),
        height=step.height,
        author=address_or_nothing(step.author, network) or step.author.hex(),
        released=found.released,
    )
