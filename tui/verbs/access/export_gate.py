"""What a gate runs from, written into a file for whoever runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assets.images.gate_bundle import GateBundle
from assets.images.secret_ring import SecretRing
from assets.services.access.gate_exporting import GateExport, GateOrder, chosen_pins
from assets.services.access.gate_exporting import export_gate as export
from assets.services.access.gate_finding import gate_of
from assets.services.repository_secrets.secret_keeping import secret_ring
from tui.gate import read_bundle
from tui.verbs.access.requests import ExportGate
from tui.verbs.files import require_new, write_new
from tui.verbs.keys import Secrets
from tui.verbs.reading import Reading
from wallet.advice import Prose
from wallet.errors import EncodingError, StoreError
from wallet.hashes import display
from wallet.store.files import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRepository:
    """A repository that a gate serves."""

    name: str
    genesis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFile:
    """A gate's file that was written, without any key: whom it serves, how many keys of sealed images it holds.

    `missing` says by name and digest which key it lacks, and why; `certificate_until` is in unix seconds.
    """

    file: str
    origin: str
    service: str
    repositories: tuple[GateRepository, ...]
    content_keys: int
    certificate_until: int
    missing: Mapping[str, Mapping[str, Prose]]
    notes: tuple[Prose, ...]

    @property
    def lacking(self) -> tuple[Prose, ...]:
        """What is missing, in words."""
        return tuple(
            f"no key for {name}@{digest}: " + why
            for name, found in self.missing.items()
            for digest, why in found.items()
        )


def export_gate(request: ExportGate, reading: Reading, secrets: Secrets | None) -> GateFile:
    """Writes the bundle. Without `secrets` it holds no keys of sealed images but those that were exported before.

    Raises EncodingError, TrustError, StoreError, ChainError; the file is as it was then.
    """
    house, file = reading.house, request.file
    earlier = read_bundle(house, file) if request.keep_key else None
    if earlier is None:
        if file.exists():
            raise StoreError(f"{file} exists already", hint="name a new file, or go on with its key by --keep-key")
        require_new(file)
    order = GateOrder(
        origin=_origin(request, earlier),
        service=request.service if request.service is not None or earlier is None else earlier.service,
        pins=chosen_pins(reading.pins.load(), registry=request.registry, names=request.names, meant=request.meant),
        earlier=earlier,
        others=tuple(read_bundle(house, other) for other in request.others),
    )
    exported = export(
        order,
        reading.network,
        reading.chain(),
        _ring(reading, secrets),
        lambda name, digest: reading.registry.manifest(name, digest).document,
        lambda name, state: gate_of(name, state, reading.registry, reading.definitions),
        now=reading.now(),
    )
    data = exported.bundle.serialize() + b"\n"
    if earlier is None:
        write_new(file, data)
    else:
        write_private(file.absolute(), data, overwrite=True)
    return _view(file, exported)


def _origin(request: ExportGate, earlier: GateBundle | None) -> str:
    if request.origin is not None:
        return request.origin
    if earlier is None:
        raise EncodingError("where will the gate be reached?", hint="say its origin, such as https://gate.example")
    return earlier.origin


def _ring(reading: Reading, secrets: Secrets | None) -> SecretRing | None:
    """The wallet's secrets; None where there is no wallet, as at somebody who only runs a registry for others."""
    if secrets is None:
        return None
    if not reading.house.wallet_paths.keystore.is_file():
        reading.note("there is no wallet here: the bundle gets no keys of sealed images")
        return None
    return secret_ring(secrets(), reading.house.wallet_store.handovers)


def _view(file: Path, exported: GateExport) -> GateFile:
    bundle = exported.bundle
    return GateFile(
        file=str(file),
        origin=bundle.origin,
        service=bundle.service,
        repositories=tuple(GateRepository(name=one.name, genesis=display(one.genesis)) for one in bundle.repositories),
        content_keys=sum(len(keys) for keys in bundle.content.values()),
        certificate_until=int(bundle.key.parsed_certificate.not_valid_after_utc.timestamp()),
        missing={name: {str(digest): why for digest, why in found.items()} for name, found in exported.missing.items()},
        notes=exported.notes,
    )
