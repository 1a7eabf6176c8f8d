"""The bytes that commands print are a contract: they change only on purpose."""

import json

import pytest

from tests.tui.cli.frozen_views import BALANCE, COINS, DRAFT, GENESIS, HISTORY, OTHER, TXID
from tui.cli.draft_text import draft_text
from tui.cli.output import Output, emit, table
from tui.cli.wallet_balance import balance_text
from tui.cli.wallet_coins import coins_text
from tui.cli.wallet_history import history_text


def test_a_draft_shows_every_input_and_output_with_its_role() -> None:
    assert draft_text(DRAFT) == (
        f"send {TXID}\n"
        "in  role           sat  coin" + " " * 75 + "carries\n"
        f"0   title       10,000  {OTHER}:0             the title of {GENESIS}\n"
        f"1   funding  1,234,567  {OTHER}:1 (not ours)\n"
        "out  role           sat  to              carries\n"
        "0    payment  1,000,000  bcrt1qc\n"
        "1    marker           0  (no address)\n"
        "2    change     244,000  bcrt1qd (ours)\n"
        "asset: the title stays\ufffd(2J\n"
        "fee: 567 sat, 2.5 sat/vB, at most 227 vB (set by you)\n"
        "this wallet: -0.01000567 BTC\n"
        "warning: look twice (b)"
    )


def test_a_balance_shows_what_there_is() -> None:
    assert balance_text(BALANCE) == (
        "confirmed" + " " * 57 + "0.05000000 BTC\n"
        "pending, by others" + " " * 48 + "0.00000001 BTC\n"
        "reserved" + " " * 58 + "0.00010330 BTC\n"
        "registry.example/acme/app" + " " * 41 + "title and 1,000,000 access units\n"
        f"{OTHER}  3 access units"
    )


def test_coins_say_what_they_are_for() -> None:
    assert coins_text(COINS) == (
        "coin" + " " * 70 + "sat  conf  account  state      carries\n"
        f"{TXID}:1  2,999,718    12  btc      spendable  -\n"
        f"{OTHER}:0     10,000     0  units    reserved   the title of {GENESIS}"
    )


def test_history_shows_pending_transactions_first() -> None:
    assert history_text(HISTORY) == (
        "time (UTC)        what              BTC  conf  state      txid" + " " * 62 + "note\n"
        f"2026-11-18 11:06  send      -0.01000141     0  pending    {TXID}\n"
        f"2026-11-18 10:50  received  +0.05000000     2  confirmed  {OTHER}  rent\ufffd"
    )


def test_json_is_one_object_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(data=HISTORY, text="not this"), as_json=True)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed)["transactions"][1]["label"] == "rent\u202e"
    assert printed.isascii()


def test_an_empty_answer_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(data={}, text=""), as_json=False)
    assert capsys.readouterr().out == ""


def test_what_is_printed_for_people_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(data={}, text="a\x1b]0;owned\x07b"), as_json=False)
    assert capsys.readouterr().out == "a\ufffd]0;owned\ufffdb\n"


def test_a_list_is_no_answer() -> None:
    with pytest.raises(TypeError):
        emit(Output(data=[1], text=""), as_json=True)


def test_columns_are_aligned() -> None:
    assert table(("a", "bb"), [("xxx", "1"), ("y", "22")], right=frozenset({1})) == "a    bb\nxxx   1\ny    22"
