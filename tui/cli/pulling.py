"""From a reference to a verified image at its destination: the steps of `image pull`."""

from dataclasses import dataclass
from pathlib import Path

from assets.errors import BrokenSealError
from assets.images.reference import ImageReference
from assets.images.verdict import parse_allowed
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.gate_keys import GateClient
from assets.registry.layer_keys import Recipient
from assets.registry.transport import Transport
from assets.services.images.content_keys import FileKeys, GateKeys, KeySource, OwnKeys
from assets.services.images.delivery import Delivery, Destination, Kind
from assets.services.images.image_content import StoredContent
from assets.services.images.key_gate import key_gate
from assets.services.images.mirroring import mirror_originals
from assets.services.images.pulling import (
    NotToBeHandedOverError,
    Pulled,
    Puller,
    kept_image,
    pull,
    sealed_form,
)
from assets.services.images.seal_proving import RememberedKey
from assets.services.trust.verification_view import verification_view
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.image_store import ImageStore
from tui.cli import images
from tui.cli.call import Call
from tui.cli.image_verify import answered
from tui.cli.output import Output
from tui.cli.progress import Progress
from tui.cli.seal_proofs import require_unwritten, with_proof
from tui.cli.sealing import ACCESS_IS_ACCESS, Keys, staging_of
from tui.cli.verification_text import verification_text
from wallet.errors import StateError
from wallet.hashes import parse_txid
from wallet.store.files import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOrder:
    """What was typed."""

    reference: str
    to: str | None
    genesis: str | None
    lock: Path | None
    allow: str | None
    platform: str | None
    key_file: Path | None
    key_out: Path | None
    proof: Path | None
    keep_sealed: bool
    password_file: Path | None
    password_fd: int | None


def store_of(call: Call) -> ImageStore:
    """The images that this user pulled on the call's network."""
    return call.house.images


def pull_image(call: Call, order: PullOrder) -> Output:
    """Verifies, fetches, opens, hands over. An image that does not verify is answered as `image verify` answers."""
    destination = Destination.parse(order.to) if order.to is not None else None
    for path in (order.proof, order.key_out):
        require_unwritten(path)
    call, answer, refusal = _verified(call, order)
    if refusal is not None:
        return refusal
    store, registry = store_of(call), call.house.registry
    form, puller = sealed_form(answer), Puller(registry, store, answer.reference.name)
    if form is None and order.key_out is not None:
        raise StateError(f"{answer.reference.name} is not sealed here, so there is no key", hint="leave out --key-out")
    wants_opening = form is not None and destination is not None and not order.keep_sealed
    keys = RememberedKey(_key_sources(call, order, answer))
    try:
        with Progress("pulling", call.terminal, size=True) as progress:
            pulled = pull(answer, registry, store, (keys,) if wants_opening else (), progress)
        with RegistryClient(CredentialFinder.nowhere(), call.house.registry_settings) as anybody:
            store.keep(kept_image(answer, pulled, registry, anybody))
        where = _delivered(call, answer, pulled, store, destination)
        if form is not None and order.key_out is not None:
            key = keys.found or puller.key(form, puller.tree(form.ciphertext), answer, (keys,))
            write_private(order.key_out, Recipient(key).private_pem(), overwrite=False)
            call.note(f"the key for `skopeo --decryption-key` is in {order.key_out}")
    except NotToBeHandedOverError as other:
        return _judged_again(call, other.answer)
    except BrokenSealError as broken:
        assert form is not None, "only what is sealed is opened"
        raise with_proof(call, answer, form, puller, keys, broken, order.proof) from broken
    if keys.found is not None:
        call.note(ACCESS_IS_ACCESS)
    return _output(call, answer, pulled, where)


def _verified(call: Call, order: PullOrder) -> tuple[Call, Answer, Output | None]:
    asked = ImageReference.parse(order.reference)
    pins = images.locked(order.lock)
    call = images.verifying_call(call, asked.name, pins)
    house, confirmations = call.house, images.reading_confirmations(call)
    question = Question(
        reference=asked,
        pins=house.pins.load(),
        lock=pins.require(house.network) if pins is not None else None,
        genesis=parse_txid(order.genesis) if order.genesis is not None else None,
        confirmations=confirmations,
        allow=parse_allowed(order.allow) if order.allow is not None else frozenset(),
        platform=order.platform,
    )
    with call.progress("reading manifests") as progress:
        answer = verify(question, images.chain_of(call), house.registry, images.manifests_of(call), progress)
    view = verification_view(answer, house.network, confirmations=confirmations, now=house.now())
    if not call.as_json:
        call.note(verification_text(view))
    return call, answer, answered(view) if view.exit_code else None


def _judged_again(call: Call, answer: Answer) -> Output:
    """The refusal of what was fetched or opened, said as `image verify` would say it of that digest."""
    confirmations = images.reading_confirmations(call)
    view = verification_view(answer, call.house.network, confirmations=confirmations, now=call.house.now())
    if not call.as_json:
        call.note(verification_text(view))
    return answered(view)


def _key_sources(call: Call, order: PullOrder, answer: Answer) -> tuple[KeySource, ...]:
    """Where the key is looked for, in this order: the file that was named, the wallet that was named, the gate."""
    if order.key_file is not None:
        return (FileKeys(order.key_file),)
    own = OwnKeys(lambda: Keys(call, order.password_file, order.password_fd).ring)
    gate = GateKeys(_gate_client(call), lambda: key_gate(answer, call.house.registry, images.definitions_of(call)))
    named = order.password_file is not None or order.password_fd is not None
    has_wallet = call.house.wallet_paths.keystore.is_file()
    if named:
        return own, gate
    return (gate, own) if has_wallet and call.terminal.interactive else (gate,)


def _gate_client(call: Call) -> GateClient:
    return GateClient(Transport(call.house.registry_settings), call.house.gate_logins.at_gate)


def _delivered(call: Call, answer: Answer, pulled: Pulled, store: ImageStore, destination: Destination | None) -> str:
    """Where the image is now, in words."""
    if destination is None:
        where = "kept; serve it with: dockchains image serve"
        call.note(where)
        return where
    content = pulled.content or StoredContent(store)
    with staging_of(call) as staging, Progress("handing over", call.terminal, size=True) as progress:
        delivery = Delivery(content, answer.reference, staging, progress)
        where = delivery.deliver(pulled.tree, destination, call.house.registry)
    if pulled.content is None and destination.kind is Kind.REGISTRY:
        mirror_originals(answer, pulled, store, call.house.registry, str(destination.name), call.house.network)
    call.note(f"handed over to {where}")
    return where


def _output(call: Call, answer: Answer, pulled: Pulled, where: str) -> Output:
    image = f"{answer.reference.name}@{pulled.tree.root.digest}"
    data = {
        "image": image,
        "name": answer.reference.name,
        "tag": answer.reference.tag,
        "digest": str(pulled.tree.root.digest),
        "sealed_form": None if pulled.sealed_form is None else str(pulled.sealed_form),
        "opened": pulled.sealed_form is not None and pulled.content is not None,
        "bytes": pulled.fetched.size,
        "network": call.house.network.name,
        "to": where,
    }
    return Output(data=data, text=image)
