"""`dockchains access export-gate`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


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
    from tui.verbs.access.export_gate import export_gate
    from tui.verbs.access.requests import ExportGate
    from tui.verbs.image import references
    from tui.verbs.image.fields import bare_name

    if origin is None and not keep_key:
        raise click.UsageError("Where will the gate be reached? Say --origin.")
    request = ExportGate(
        file=file,
        origin=references.gate_origin(origin),
        service=service,
        registry=registry,
        names=tuple(bare_name(name) for name in names),
        others=others,
        keep_key=keep_key,
    )
    keys = call.keys(password_file, password_fd)
    written = export_gate(request, call.workplace, None if no_content_keys else keys.secrets)
    kept = f"keys of sealed images: {written.content_keys}"
    call.note(f"repositories in {written.file}: {len(written.repositories)}; {kept}")
    for note in (*written.notes, *written.lacking):
        call.note(note)
    call.note(f"next: dockchains access serve {file} --write-config registry.yml, then dockchains access serve {file}")
    return Output(data=written, text=written.file)
