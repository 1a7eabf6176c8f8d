"""Text from outside cannot take over a terminal, hide characters, or become markup."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tui.text import plain, printable


def test_escape_sequences_are_replaced() -> None:
    assert plain("app\x1b[31m\x07\x9b2J") == "app\ufffd(31m\ufffd\ufffd2J"


def test_bidirectional_and_zero_width_characters_are_replaced() -> None:
    assert plain("a\u202eb\u200bc\u2066d\ufeffe") == "a\ufffdb\ufffdc\ufffdd\ufffde"


def test_square_brackets_can_never_be_markup() -> None:
    assert plain("[@click=app.pay('x')]CLICK[/]") == "(@click=app.pay('x'))CLICK(/)"


def test_lines_are_joined_and_long_text_is_cut_with_a_mark() -> None:
    assert plain("one\n two\t three") == "one two three"
    assert plain("x" * 300, limit=10) == "x" * 9 + "…"


def test_ordinary_text_of_any_language_stays() -> None:
    assert printable("Größe 東京\nnew line") == "Größe 東京\nnew line"


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = plain(text)
    assert len(shown) <= 200
    assert not set(shown) & set("[]\n\r\x1b")
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in shown)
    assert plain(shown) == shown


@given(st.text())
def test_a_whole_output_keeps_its_lines(text: str) -> None:
    assert printable(text).count("\n") == text.count("\n")
