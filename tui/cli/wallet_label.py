"""`dockchains wallet label`."""

from pathlib import Path

import click

from assets.services.read_models.wallet_views import LabelsView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output, table
from tui.text import lines, plain

_FILE = click.Path(path_type=Path, allow_dash=True)


@verb(
    needs=Needs.WALLET,
    node_options=True,
    example='dockchains wallet label 4a5e...b33b "rent"\n  dockchains wallet label --export labels.jsonl',
)
@click.argument("ref", required=False)
@click.argument("text", required=False)
@click.option("--remove", is_flag=True, help="Take the label of REF away.")
@click.option("--export", "export", type=_FILE, metavar="FILE", help="Write all labels to a new file (- for output).")
@click.option("--import", "import_", type=_FILE, metavar="FILE", help="Take in all labels of a file (- for input).")
def command(
    call: Call, *, ref: str | None, text: str | None, remove: bool, export: Path | None, import_: Path | None
) -> Output:
    """Name transactions, coins and addresses, or list the names.

    REF is a transaction id, TXID:VOUT of a coin, an address or an extended public key. Files are BIP329, which other
    wallets read and write. Every coin that carries units is exported as not spendable, so that they leave it alone; an
    import freezes other coins only, since no payment of this wallet takes those.
    """
    from tui.verbs.wallet import label

    _check(ref, text, remove=remove, export=export, import_=import_)
    if export is not None:
        return _export(call, export)
    if import_ is not None:
        return _import(call, import_)
    if ref is None:
        view = label.names(call.workplace)
        return Output(data=view, text=labels_text(view))
    if remove:
        gone = label.take_off(ref, call.workplace)
        return Output(data={"removed": {"type": gone.type, "ref": gone.ref}}, text="")
    assert text is not None, "checked before"
    named = label.put(ref, text, call.workplace)
    return Output(data=named, text=f"{named.type} {named.ref}: {plain(text)}")


def _check(ref: str | None, text: str | None, *, remove: bool, export: Path | None, import_: Path | None) -> None:
    asked = [ref is not None, export is not None, import_ is not None]
    if sum(asked) > 1:
        raise click.UsageError("REF, --export and --import exclude each other.")
    if remove and ref is None:
        raise click.UsageError("--remove wants a REF.")
    if ref is not None and remove == (text is not None):
        raise click.UsageError("Give REF with a TEXT, or with --remove.")


def labels_text(view: LabelsView) -> str:
    """One line for each label."""
    if not view.labels:
        return ""
    return table(("type", "of", "label"), [(item.type, plain(item.ref), plain(item.label)) for item in view.labels])


def _export(call: Call, file: Path) -> Output:
    from tui.verbs.files import write_new
    from tui.verbs.wallet.label import exported

    labels = exported(call.workplace)
    count = labels.count("\n")
    if str(file) == "-":
        return Output(data={"labels": count, "lines": labels}, text=lines(labels.splitlines()))
    write_new(file, labels.encode("utf-8"))
    return Output(data={"labels": count, "file": str(file)}, text=str(file))


def _import(call: Call, file: Path) -> Output:
    from tui.verbs.wallet.label import take_in

    view = take_in(file, call.workplace)
    if view.skipped:
        call.note(f"{view.skipped} lines are of types that this version does not know, and were skipped")
    if view.reserved:
        call.note(f"{view.reserved} coins are reserved as they are, and not frozen: they carry units, or might")
    return Output(data=view, text=f"{view.labels} labels taken in; {view.frozen} coins frozen, {view.unfrozen} freed")
