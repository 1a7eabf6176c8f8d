"""Use case: write down what a gate runs from. Names come from pins; content keys are those that the wallet has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assets.errors import RegistryError, TrustError
from assets.images.content_key import ContentKey
from assets.images.coverage import Coverage, revoked_text
from assets.images.digest import Digest
from assets.images.gate_bundle import GateBundle, GateKey, NamedGenesis
from assets.images.name import split_name
from assets.images.pin import Pin, Pins
from assets.images.repository import RepositoryState
from assets.images.secret_ring import SecretRing
from assets.images.word import Words
from assets.registry.oci import Manifest, ManifestList
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import absence, read_lineage
from assets.services.images.sealed_keys import sealed_keys
from assets.services.trust.manifests import read_all
from wallet.advice import Prose
from wallet.errors import EncodingError, WalletError
from wallet.hashes import Txid, display
from wallet.network import Network

CERTIFICATE_DAYS = 3650
"""How long a gate's certificate is good for. A registry that trusts it has to be given another one by then."""

ReadManifest = Callable[[str, Digest], Manifest]
"""A manifest of a repository by its canonical name and a digest. Raises RegistryError."""

NamedGate = Callable[[str, RepositoryState], str | None]
"""The gate that a repository's definition names, or None. Raises WalletError where there is no telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateExport:
    """A bundle, and what is left out of it: sealed forms without a key, with the reason, by name.

    `notes` say whose definition does not name this gate.
    """

    bundle: GateBundle
    missing: Mapping[str, Mapping[Digest, Prose]]
    notes: tuple[Prose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOrder:
    """Where the gate will be reached, the registry's name in tokens (its host, unless another one is said), which
    repositories it serves, the earlier bundle whose key, certificate and content keys go on, and bundles of other
    publishers, whose content keys go along."""

    origin: str
    service: str | None
    pins: tuple[Pin, ...]
    earlier: GateBundle | None = field(default=None, repr=False)
    others: tuple[GateBundle, ...] = field(default=(), repr=False)


def chosen_pins(
    pins: Pins, *, registry: str | None, names: Sequence[str], meant: Txid | None = None
) -> tuple[Pin, ...]:
    """The pins that a gate is to serve: the named ones, or all of a registry's host, or all.

    `meant` is the genesis that a single name was asked for by. Raises TrustError where a name is not pinned, or not to
    that genesis, or nothing is, EncodingError where the names are at several registries.
    """
    for name in names:
        pin = pins.named(name)
        if pin is None:
            raise TrustError(f"{name} is not pinned", hint=ImageRemedy.PIN_FIRST.of(name=name))
        if meant is not None and pin.genesis != meant:
            raise TrustError(
                f"{name} is pinned to genesis {display(pin.genesis)}, and the gate is meant for {display(meant)}",
                hint="a gate serves what is pinned: pin the one that is meant",
            )
    found = tuple(
        pin
        for pin in pins.pins
        if (not names or pin.name in names) and (registry is None or split_name(pin.name)[0] == registry)
    )
    if not found:
        raise TrustError(
            f"nothing is pinned at {registry}" if registry else "nothing is pinned",
            hint=ImageRemedy.PIN_SERVED.of(),
        )
    hosts = sorted({split_name(pin.name)[0] for pin in found})
    if len(hosts) > 1:
        raise EncodingError(
            f"the pins are at {len(hosts)} registries: {', '.join(hosts)}",
            hint=ImageRemedy.ONE_REGISTRY.of(),
        )
    return found


def new_gate_key(now: int) -> GateKey:
    """A fresh P-256 key, and a certificate by itself from a day before `now` (unix seconds) on."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dockchains gate")])
    start = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return GateKey(
        key=pem.decode("ascii"),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )


def export_gate(
    order: GateOrder,
    network: Network,
    chain: ChainAccess,
    secrets: SecretRing | None,
    read: ReadManifest,
    named_gate: NamedGate,
    *,
    now: int,
) -> GateExport:
    """The bundle. Without `secrets` it holds no content keys but those that were exported before.

    Raises TrustError where a pinned genesis is not in the chain; ChainError, IndexStateError.
    """
    earlier = order.earlier
    content: dict[Txid, dict[Digest, ContentKey]] = {}
    missing: dict[str, Mapping[Digest, Prose]] = {}
    notes: list[Prose] = []
    chain.catch_up()
    for pin in order.pins:
        lineage = read_lineage(chain, pin.genesis, confirmations=1)
        if lineage is None:
            why = absence(chain, pin.genesis)
            raise TrustError(f"{pin.name}: {why.reason}", hint=why.hint)
        notes += _about_gate(pin.name, order.origin, lineage.state, named_gate)
        keys = _handed(order, pin.genesis)
        if secrets is not None and lineage.state.sealings:
            found = sealed_keys(lineage.state, secrets, partial(read, pin.name))
            keys |= found.keys
            missing[pin.name] = {digest: why for digest, why in found.missing.items() if digest not in keys}
        withheld = _revoked(lineage.state, keys, partial(read, pin.name))
        if withheld:
            keys = {digest: key for digest, key in keys.items() if digest not in withheld}
            missing[pin.name] = {**missing.get(pin.name, {}), **withheld}
        if keys:
            content[pin.genesis] = keys
    bundle = GateBundle(
        network=network.genesis,
        challenge=network.challenge,
        origin=order.origin,
        service=order.service or split_name(order.pins[0].name)[0],
        key=earlier.key if earlier is not None else new_gate_key(now),
        repositories=tuple(NamedGenesis(name=pin.name, genesis=pin.genesis) for pin in order.pins),
        content=content,
    )
    notes += _not_served(order)
    left_out = {name: reasons for name, reasons in missing.items() if reasons}
    return GateExport(bundle=bundle, missing=left_out, notes=tuple(notes))


def _revoked(
    state: RepositoryState, keys: Mapping[Digest, ContentKey], read: Callable[[Digest], Manifest]
) -> Mapping[Digest, str]:
    """Sealed forms that were revoked, and why. The gate asks again for each key, with what it can read then."""
    if not state.revocations:
        return {}

    def held(digest: Digest) -> tuple[Digest, ...] | None:
        try:
            found = read(digest)
        except RegistryError:
            return None
        return tuple(one.digest for one in found.children) if isinstance(found, ManifestList) else ()

    coverage = Coverage(state, read_all((*keys, *(one.digest for one in state.revocations)), held))
    found = {digest: Words(coverage, None).rule(digest)[0].revoked for digest in keys}
    return {digest: revoked_text(coverage, digest, by[0]) for digest, by in found.items() if by}


def _handed(order: GateOrder, genesis: Txid) -> dict[Digest, ContentKey]:
    """Keys that were exported before: no other publisher's bundle replaces one that the earlier bundle has."""
    keys: dict[Digest, ContentKey] = {}
    for bundle in (*order.others, *(() if order.earlier is None else (order.earlier,))):
        keys |= bundle.content.get(genesis, {})
    return keys


def _not_served(order: GateOrder) -> tuple[str, ...]:
    """Whose keys other publishers handed over in vain."""
    handed = dict.fromkeys(genesis for bundle in order.others for genesis in bundle.content)
    served = {pin.genesis for pin in order.pins}
    return tuple(
        f"keys for genesis {display(one)} are left out: no repository that this gate serves has it"
        for one in handed
        if one not in served
    )


def _about_gate(name: str, origin: str, state: RepositoryState, named_gate: NamedGate) -> tuple[Prose, ...]:
    """What a publisher should know where a definition names no gate, or another one."""
    try:
        gate = named_gate(name, state)
    except WalletError as error:
        return (f"{error}: until the gate reads a definition that opens {name}, it is closed",)
    if gate is None:
        return (
            f"{name} names no gate, so everybody may pull it: " + ImageRemedy.NAME_GATE.of(name=name, origin=origin),
        )
    if gate != origin:
        return (f"{name} names the gate {gate}, where its holders log in, and not {origin}",)
    return ()
