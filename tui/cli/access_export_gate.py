"""`dockchains access export-gate`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.remedies import words

if TYPE_CHECKING:
    from assets.images.gate_bundle import GateBundle
    from assets.images.secret_ring import SecretRing
    from assets.services.access.gate_exporting import GateExport


@verb(
    name="export-gate",
    needs=Needs.NODE,
    new_wallet=True,
    example="dockchains access export-gate gate.json --origin https://gate.example --registry registry.example",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--origin", metavar="ORIGIN", help="Where the gate is reached: https, or http on loopback.")
@click.option("--service", metavar="NAME", help="The registry's name in tokens. Default: its host.")
@click.option("--registry", metavar="HOST", help="Serve what is pinned at this registry. Default: all that is pinned.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="Serve this repository only; may stand twice.")
@click.option("--no-content-keys", is_flag=True, help="Leave out the keys of sealed images; no password is needed.")
@click.option(
    "--keys-from",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="Take along the keys in a bundle that another publisher exported for this gate; may stand twice.",
)
@click.option("--keep-key", is_flag=True, help="Replace FILE, and go on with its key, origin, service, content keys.")
@options.password
def command(
    call: Call,
    *,
    file: Path,
    origin: str | None,
    service: str | None,
    registry: str | None,
    names: tuple[str, ...],
    no_content_keys: bool,
    others: tuple[Path, ...],
    keep_key: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Write what a gate runs from to a new FILE: the key of its tokens, the pinned names, keys of sealed images.

    The names and geneses are those that are pinned here now. FILE holds no recovery words and no key that holds or
    spends anything: whoever steals it can let strangers into that registry, and open the sealed images in it. Export
    again with --keep-key after pinning another repository or sealing another image; the registry's configuration stays.

    One gate can serve many publishers: each exports a bundle with the keys of what it sealed, and whoever runs the gate
    takes them along by --keys-from.
    """
    from assets.images.origin import parse_origin
    from assets.services.access.gate_exporting import GateOrder, bundle_summary, chosen_pins, export_gate
    from assets.services.access.gate_finding import gate_of
    from tui.cli import images
    from tui.verbs.files import write_new
    from wallet.errors import StoreError
    from wallet.store.files import write_private

    earlier = _bundle(call, file) if keep_key else None
    if earlier is None and file.exists():
        raise StoreError(f"{file} exists already", hint="name a new file, or go on with its key by --keep-key")
    if origin is None and earlier is None:
        raise click.UsageError("Where will the gate be reached? Say --origin.")
    house = call.house
    order = GateOrder(
        origin=parse_origin(origin) if origin is not None else _of(earlier).origin,
        service=service if service is not None or earlier is None else earlier.service,
        pins=chosen_pins(house.pins.load(), registry=registry, names=[images.bare_name(name) for name in names]),
        earlier=earlier,
        others=tuple(_bundle(call, other) for other in others),
    )
    ring = None if no_content_keys else _secrets(call, password_file, password_fd)
    exported = export_gate(
        order,
        house.network,
        images.chain_of(call),
        ring,
        lambda name, digest: house.registry.manifest(name, digest).document,
        lambda name, state: gate_of(name, state, house.registry, images.definitions_of(call)),
        now=house.now(),
    )
    data = exported.bundle.serialize() + b"\n"
    if earlier is not None:
        write_private(file.absolute(), data, overwrite=True)
    else:
        write_new(file, data)
    _tell(call, exported, file)
    return Output(
        data={
            "file": str(file),
            **bundle_summary(exported.bundle),
            "missing": _missing(exported),
            "notes": list(exported.notes),
        },
        text=str(file),
    )


def _bundle(call: Call, file: Path) -> "GateBundle":
    from tui.gate import read_bundle

    return read_bundle(call.house, file)


def _of(earlier: "GateBundle | None") -> "GateBundle":
    assert earlier is not None, "checked before"
    return earlier


def _secrets(call: Call, password_file: Path | None, password_fd: int | None) -> "SecretRing | None":
    """The wallet's secrets; None where there is no wallet, as at somebody who only runs a registry for others."""
    from tui.cli.sealing import Keys

    if not call.house.wallet_paths.keystore.is_file():
        call.note("there is no wallet here: the bundle gets no keys of sealed images")
        return None
    return Keys(call, password_file, password_fd).ring


def _missing(exported: "GateExport") -> dict[str, dict[str, str]]:
    missing = exported.missing.items()
    return {name: {str(digest): words(why) for digest, why in found.items()} for name, found in missing}


def _tell(call: Call, exported: "GateExport", file: Path) -> None:
    bundle = exported.bundle
    keys = sum(len(found) for found in bundle.content.values())
    call.note(f"repositories in {file}: {len(bundle.repositories)}; keys of sealed images: {keys}")
    for note in exported.notes:
        call.note(note)
    for name, found in _missing(exported).items():
        for digest, why in found.items():
            call.note(f"no key for {name}@{digest}: {why}")
    call.note(f"next: dockchains access serve {file} --write-config registry.yml, then dockchains access serve {file}")
