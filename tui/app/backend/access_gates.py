"""What a gate runs from, written into a file for whoever runs it."""

from pathlib import Path

from assets.images.origin import parse_origin
from assets.services.access.gate_exporting import GateExport, GateOrder, chosen_pins, export_gate
from assets.services.access.gate_finding import gate_of
from tui.app.access_asks import ExportGate
from tui.app.access_views import GateExported, Opened
from tui.app.backend.access import Access
from tui.app.backend.access_secrets import secrets_of
from tui.app.remedies import words
from tui.verbs.files import require_new, whole_path, write_new
from tui.verbs.image.fields import bare_name
from wallet.errors import EncodingError
from wallet.hashes import parse_txid
from wallet.store.files import write_private


def export(ask: ExportGate, opened: Opened | None, access: Access) -> GateExported:
    """Writes the bundle: a new file, or, with `keep_key`, an earlier one that goes on with its key."""
    from tui.gate import read_bundle

    house, path = access.house, whole_path(ask.file)
    earlier = read_bundle(house, path) if ask.keep_key else None
    if earlier is None:
        require_new(path)
        if not ask.origin.strip():
            raise EncodingError("where will the gate be reached?", hint="say its origin, such as https://gate.example")
    order = GateOrder(
        origin=parse_origin(ask.origin.strip()) if ask.origin.strip() or earlier is None else earlier.origin,
        service=None if earlier is None else earlier.service,
        pins=chosen_pins(
            house.pins.load(),
            registry=None,
            names=[bare_name(ask.name)] if ask.name.strip() else (),
            meant=parse_txid(ask.genesis) if ask.genesis else None,
        ),
        earlier=earlier,
    )
    registry = house.registry
    exported = export_gate(
        order,
        house.network,
        access.chain(),
        None if opened is None else secrets_of(opened).ring,
        lambda name, digest: registry.manifest(name, digest).document,
        lambda name, state: gate_of(name, state, registry, access.definitions),
        now=house.now(),
    )
    _write(path, exported.bundle.serialize() + b"\n", over=earlier is not None)
    return _view(path, exported)


def _write(path: Path, data: bytes, *, over: bool) -> None:
    if over:
        write_private(path, data, overwrite=True)
    else:
        write_new(path, data)


def _view(path: Path, exported: GateExport) -> GateExported:
    bundle = exported.bundle
    missing = (
        f"no key for {name}@{digest}: {words(why)}"
        for name, found in exported.missing.items()
        for digest, why in found.items()
    )
    return GateExported(
        file=str(path),
        repositories=tuple(one.name for one in bundle.repositories),
        keys=sum(len(found) for found in bundle.content.values()),
        notes=(*map(words, exported.notes), *missing),
    )
