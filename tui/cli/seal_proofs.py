"""Writing down what shows a broken seal to anybody, for `image pull --proof`."""

from pathlib import Path

from assets.errors import BrokenSealError
from assets.images.seal_proof import SealProof
from assets.services.images.pulling import Puller, SealedForm
from assets.services.images.seal_proving import RememberedKey, proof_of
from assets.services.trust.verifying import Answer
from tui.cli.call import Call
from wallet.errors import StateError
from wallet.store.files import write_private


def require_unwritten(path: Path | None) -> None:
    """Raises StateError where a file that is to be written exists already."""
    if path is not None and path.exists():
        raise StateError(f"{path} is there already", hint="name a file that does not exist yet")


def with_proof(
    call: Call,
    answer: Answer,
    form: SealedForm,
    puller: Puller,
    keys: RememberedKey,
    broken: BrokenSealError,
    path: Path | None,
) -> BrokenSealError:
    """The error to answer with, once the proof is written where one is wanted."""
    if path is None:
        hint = "do not use it; pull it again with --proof FILE for what shows this to anybody"
        return BrokenSealError(str(broken), layer=broken.layer, hint=hint)
    proof = _proof(call, answer, form, puller, keys, broken)
    write_private(path, proof.serialize(), overwrite=False)
    keep = "" if broken.layer is None else "; keep the layer too: pull it with --keep-sealed --to oci:DIR"
    hint = (
        f"do not use it; the proof is in {path}, and it gives the content key away to whoever reads it{keep}."
        f" Anybody checks it with: dockchains image check-proof {path}"
    )
    return BrokenSealError(str(broken), layer=broken.layer, hint=hint)


def _proof(
    call: Call, answer: Answer, form: SealedForm, puller: Puller, keys: RememberedKey, broken: BrokenSealError
) -> SealProof:
    assert answer.state is not None, "a sealed image belongs to a repository"
    return proof_of(
        broken,
        network=call.house.network,
        name=answer.reference.name,
        genesis=answer.state.genesis.txid,
        encrypted=puller.tree(form.ciphertext),
        original=puller.original(form),
        key=keys.found,
    )
