"""Labels and frozen coins, out of the wallet and back; coins with colour never leave as spendable."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from assets.model import Unknown
from assets.services.spending.paying import draft_payment
from assets.services.wallets.freezing import freeze, unfreeze, unfreezing
from assets.services.wallets.labels import carry_over, export_labels, import_labels, remove_label, set_label, what_is
from assets.services.wallets.session import Session
from tests.assets.services.fake_session import FakeWallet
from tests.builders import script
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainUnavailableError, EncodingError, InsufficientFundsError, StateError
from wallet.hashes import Txid, display, outpoint_text
from wallet.keys.address import address_of, unit_address_of
from wallet.network import REGTEST
from wallet.store.wallet_store import LabelType

TXID = "ab" * 32


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    made = FakeWallet(tmp_path)
    yield made
    made.database.close()


def exported(wallet: FakeWallet) -> dict[str, dict[str, object]]:
    """The lines of an export by what they are attached to."""
    lines = [json.loads(line) for line in export_labels(wallet.session).splitlines()]
    return {line["ref"]: line for line in lines}


def test_what_is_meant_is_told_by_its_form(wallet: FakeWallet) -> None:
    unit = wallet.account.script(KeyPath(AccountKind.UNITS, 0, 0))
    xpub = wallet.account.xpubs[0][1]
    assert what_is(TXID, REGTEST) == (LabelType.TX, TXID)
    assert what_is(f"{TXID}:1", REGTEST) == (LabelType.OUTPUT, f"{TXID}:1")
    assert what_is(xpub, REGTEST) == (LabelType.XPUB, xpub)
    assert what_is(unit_address_of(unit, REGTEST), REGTEST) == (LabelType.ADDR, address_of(unit, REGTEST))
    for wrong in ("rent", "", f"{TXID}:x", "dcrt1qqqq"):
        with pytest.raises(EncodingError):
            what_is(wrong, REGTEST)


def test_a_label_is_set_changed_and_removed(wallet: FakeWallet) -> None:
    store = wallet.session.store
    set_label(store, REGTEST, TXID, "rent")
    set_label(store, REGTEST, TXID, "rent, May")
    assert [label.label for label in store.labels()] == ["rent, May"]
    for text in ("", "x" * 1001):
        with pytest.raises(EncodingError, match="1 to 1000 characters"):
            set_label(store, REGTEST, TXID, text)
    remove_label(store, REGTEST, TXID)
    assert store.labels() == ()
    with pytest.raises(StateError, match="there is no label"):
        remove_label(store, REGTEST, TXID)


def test_every_coin_that_must_not_be_spent_elsewhere_is_exported_as_such(wallet: FakeWallet) -> None:
    free, named, cold = wallet.fund(1_500), wallet.fund(2_000, index=1), wallet.fund(3_000, index=2)
    unit = wallet.fund(10_000, account=AccountKind.UNITS)
    issuing = wallet.fund(11_000, account=AccountKind.ISSUING)
    unknown = wallet.fund(12_000, index=3)
    asked = wallet.session.color_of
    object.__setattr__(
        wallet.session, "color_of", lambda coin: Unknown(reason="lost") if coin == unknown else asked(coin)
    )
    set_label(wallet.session.store, REGTEST, outpoint_text(named), "savings")
    freeze([cold], wallet.session)
    lines = exported(wallet)
    assert outpoint_text(free) not in lines
    assert lines[outpoint_text(named)] == {
        "type": "output", "ref": outpoint_text(named), "label": "savings", "spendable": True,
    }  # fmt: skip
    for coin in (cold, unit, issuing, unknown):
        assert lines[outpoint_text(coin)]["spendable"] is False
        assert bool(lines[outpoint_text(coin)].get("label")) is (coin != cold), "frozen today is no name for ever"


def test_an_import_leaves_what_it_omits_and_freezes_what_it_says(wallet: FakeWallet) -> None:
    coin, other = wallet.fund(100_000), wallet.fund(90_000, index=1)
    store = wallet.session.store
    set_label(store, REGTEST, outpoint_text(coin), "mine")
    freeze([other], wallet.session)
    lines = [
        {"type": "output", "ref": outpoint_text(coin), "spendable": False},
        {"type": "output", "ref": outpoint_text(other), "label": "theirs", "spendable": True},
        {"type": "tx", "ref": TXID, "label": "rent"},
    ]
    view = import_labels("\n".join(map(json.dumps, lines)).encode(), store, lambda: wallet.session)
    assert (view.labels, view.skipped, view.frozen, view.unfrozen) == (3, 0, 1, 1)
    assert {label.ref: label.label for label in store.labels()} == {
        outpoint_text(coin): "mine", outpoint_text(other): "theirs", TXID: "rent",
    }  # fmt: skip
    assert store.frozen() == {coin}
    again = export_labels(wallet.session)
    assert import_labels(again.encode(), store, lambda: wallet.session).frozen == 0
    assert export_labels(wallet.session) == again


def test_a_damaged_file_changes_nothing(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    good = json.dumps({"type": "output", "ref": outpoint_text(coin), "label": "x", "spendable": False})
    with pytest.raises(EncodingError, match="line 2"):
        import_labels(f"{good}\nnonsense\n".encode(), wallet.session.store, lambda: wallet.session)
    assert wallet.session.store.labels() == ()
    assert wallet.session.store.frozen() == frozenset()


def test_a_file_cannot_make_a_coin_with_colour_spendable(wallet: FakeWallet) -> None:
    unit = wallet.fund(100_000, account=AccountKind.UNITS)
    line = json.dumps({"type": "output", "ref": outpoint_text(unit), "spendable": True})
    import_labels(line.encode(), wallet.session.store, lambda: wallet.session)
    with pytest.raises(InsufficientFundsError):
        draft_payment(wallet.session, address_of(script("somebody"), REGTEST), "0.0005", rate="1")
    assert exported(wallet)[outpoint_text(unit)]["spendable"] is False


def test_the_name_of_a_transaction_goes_on_to_its_replacement(wallet: FakeWallet) -> None:
    store = wallet.session.store
    old, new, named = (Txid(bytes([number]) * 32) for number in (1, 2, 3))
    set_label(store, REGTEST, display(old), "rent")
    set_label(store, REGTEST, display(named), "mine")
    carry_over(store, old, new)
    carry_over(store, old, named)
    carry_over(store, Txid(bytes(32)), old)
    assert {label.ref: label.label for label in store.labels()} == {
        display(old): "rent", display(new): "rent", display(named): "mine",
    }  # fmt: skip


def test_only_coins_of_the_wallet_are_frozen_and_only_frozen_ones_freed(wallet: FakeWallet) -> None:
    coin, other, stranger = wallet.fund(100_000), wallet.fund(9_000), COutPoint(b"\x01" * 32, 0)
    with pytest.raises(StateError, match="is no unspent coin of this wallet"):
        freeze([coin, stranger], wallet.session)
    assert wallet.session.store.frozen() == frozenset()
    freeze([coin], wallet.session)
    with pytest.raises(InsufficientFundsError):
        draft_payment(wallet.session, address_of(script("somebody"), REGTEST), "0.0005", rate="1")
    with pytest.raises(StateError, match="is not frozen"):
        unfreezing([coin, other], wallet.session.store, wallet.session.color_of)
    unfreeze(unfreezing([coin], wallet.session.store, wallet.session.color_of), wallet.session.store)
    assert draft_payment(wallet.session, address_of(script("somebody"), REGTEST), "0.0005", rate="1").txid


def test_what_was_exported_comes_back_without_freezing_a_coin_that_carries_units(wallet: FakeWallet) -> None:
    plain, unit = wallet.fund(100_000), wallet.fund(10_000, account=AccountKind.UNITS)
    freeze([plain], wallet.session)
    lines = export_labels(wallet.session)
    wallet.session.store.unfreeze(plain)
    view = import_labels(lines.encode(), wallet.session.store, lambda: wallet.session)
    assert (view.frozen, view.reserved) == (1, 1)
    assert wallet.session.store.frozen() == {plain}
    assert unit not in wallet.session.held(), "its owner can go on releasing"


def test_labels_that_freeze_nothing_need_no_node(wallet: FakeWallet) -> None:
    def absent() -> Session:
        raise ChainUnavailableError("no node answers")

    line = json.dumps({"type": "tx", "ref": TXID, "label": "rent"})
    assert import_labels(line.encode(), wallet.session.store, absent).labels == 1
    withheld = json.dumps({"type": "output", "ref": f"{TXID}:0", "spendable": False})
    with pytest.raises(ChainUnavailableError):
        import_labels(withheld.encode(), wallet.session.store, absent)
    assert wallet.session.store.frozen() == frozenset()
