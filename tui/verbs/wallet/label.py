"""Names of transactions, coins and addresses (BIP329), kept in the wallet."""

from pathlib import Path

from assets.services.read_models.wallet_views import LabelImportView, LabelsView, LabelView
from assets.services.wallets import labels
from assets.services.wallets.session import Session
from tui.verbs.files import read_given
from tui.verbs.workplace import Workplace
from wallet.bip329 import MAX_FILE
from wallet.store.wallet_store import Label


def names(place: Workplace) -> LabelsView:
    """Every label of the wallet."""
    house = place.house
    found = tuple(_view(label) for label in house.wallet_store.labels())
    return LabelsView(network=house.network.name, wallet=house.wallet_paths.name, labels=found)


def put(ref: str, text: str, place: Workplace) -> LabelView:
    """Names something. Raises EncodingError for what is no reference, and for no text."""
    return _view(labels.set_label(place.house.wallet_store, place.network, ref, text))


def take_off(ref: str, place: Workplace) -> LabelView:
    """Takes a name off; the answer says of what kind it was. Raises StateError where there is none."""
    labels.remove_label(place.house.wallet_store, place.network, ref)
    kind, checked = labels.what_is(ref, place.network)
    return LabelView(type=kind.value, ref=checked, label="")


def put_or_take_off(ref: str, text: str, place: Workplace) -> None:
    """Names something, or, where the text is empty, takes its name off, if it has one."""
    words = " ".join(text.split())
    if words:
        put(ref, words, place)
    elif any(known.ref == ref for known in place.house.wallet_store.labels()):
        take_off(ref, place)


def exported(place: Workplace) -> str:
    """All labels, and what must not be spent elsewhere, one JSON object a line."""
    place.house.require_node()
    with place.session() as session:
        return labels.export_labels(session)


def take_in(file: Path, place: Workplace) -> LabelImportView:
    """All labels of a file (- is standard input). A node is asked only where coins are to be frozen or freed."""
    house, store = place.house, place.house.wallet_store

    def opened() -> Session:
        house.require_node()
        with place.session() as session:
            return session

    return labels.import_labels(read_given(file, MAX_FILE), store, opened)


def _view(label: Label) -> LabelView:
    return LabelView(type=label.type.value, ref=label.ref, label=label.label or "")
