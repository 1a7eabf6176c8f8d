"""Lists draw only what is seen, codes hold what they should, searching finds, words have signs."""

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tests.tui.app.driving import settled, words_on
from tui.app.finding import Searchable
from tui.app.text import GLYPHS, SIGNS, TONES, age, btc, color_kind, count, grouped, place, shown, signed, tone_of
from tui.app.widgets.frame import NavBar
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.qr import QrCode, half_blocks

MANY = 100_000


class Lists(App[None]):
    """One list."""

    def __init__(self, *columns: Column) -> None:
        super().__init__()
        self._columns = columns or (Column("number", 8, right=True), Column("name"), Column("more", 9, room=60))
        self.chosen: list[str] = []
        self.drawn = 0

    def compose(self) -> ComposeResult:
        yield Listing(*self._columns, empty="none")

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        self.chosen.append(event.key)

    def line(self, number: int) -> Line:
        self.drawn += 1
        return Line(str(number), (f"{number:,}", f"line {number}", "more"))


async def test_of_many_lines_only_those_that_are_seen_are_made() -> None:
    app = Lists()
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.query_one(Listing)
        listing.focus()
        listing.show(range(MANY), app.line)
        await settled(pilot)
        app.drawn = 0
        await pilot.press("end")
        await settled(pilot)
        assert listing.key == str(MANY - 1)
        assert "line 99999" in words_on(pilot)
        assert app.drawn < 400
        await pilot.press("home", "pagedown", "down", "up", "enter")
        await settled(pilot)
        assert app.chosen == ["22"]
        assert "line 22" in words_on(pilot)


async def test_the_cursor_stays_on_a_list_that_shrinks_and_none_is_on_an_empty_one() -> None:
    app = Lists()
    async with app.run_test(size=(80, 24)) as pilot:
        listing = app.query_one(Listing)
        listing.focus()
        assert (listing.key, listing.item) == ("", None)
        await pilot.press("down", "up", "end", "pageup", "enter")
        assert app.chosen == []
        assert "none" in words_on(pilot)
        listing.show(range(50), app.line)
        await pilot.press("end")
        listing.show(range(3), app.line)
        await settled(pilot)
        assert listing.key == "2"
        listing.show((), app.line)
        await settled(pilot)
        assert listing.key == ""
        assert "none" in words_on(pilot)


async def test_a_click_marks_a_line_and_a_second_one_opens_it() -> None:
    app = Lists()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Listing).show(range(5), app.line)
        await settled(pilot)
        await pilot.click(Listing, offset=(10, 3))
        assert app.query_one(Listing).key == "2"
        await pilot.click(Listing, offset=(10, 3))
        await pilot.click(Listing, offset=(10, 0))
        await pilot.click(Listing, offset=(10, 15))
        await settled(pilot)
        assert app.chosen == ["2"]


async def test_columns_go_where_there_is_no_room_and_long_texts_are_marked_as_cut() -> None:
    app = Lists(Column("name", 10), Column("more", 9, room=60))
    async with app.run_test(size=(50, 5)) as pilot:
        app.query_one(Listing).show((1,), lambda _: Line("1", ("a very long name 漢字漢字", "more")))
        await settled(pilot)
        assert "more" not in words_on(pilot)
        assert "a very lo…" in words_on(pilot)
        await pilot.resize_terminal(80, 5)
        await settled(pilot)
        assert "more" in words_on(pilot)


async def test_what_the_scroll_bar_leaves_is_all_that_a_line_takes() -> None:
    app = Lists(Column("name"))
    async with app.run_test(size=(40, 5)) as pilot:
        app.query_one(Listing).show(range(50), lambda number: Line(str(number), ("x" * 60,)))
        await settled(pilot)
        lines = words_on(pilot).splitlines()[1:4]
        assert all("x…" in line for line in lines), "the mark of what is cut is not below the bar"


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40), st.integers(1, 30))
def test_a_cell_is_always_as_wide_as_its_column(text: str, size: int) -> None:
    from rich.cells import cell_len

    from tui.app.widgets.listing import _fitted

    assert cell_len(_fitted(text, size, right=False)) == size
    assert cell_len(_fitted(text, size, right=True)) == size


@pytest.mark.parametrize("text", ["BCRT1QW508D6", "bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.5"])
def test_a_code_holds_the_modules_of_its_link_and_a_quiet_border(text: str) -> None:
    rows = half_blocks(text)
    modules = [[bool(module) for module in row] for row in segno.make(text, error="l", micro=False).matrix]
    drawn = []
    for row in rows:
        drawn += [[char in "▀█" for char in row], [char in "▄█" for char in row]]
    size = len(modules)
    assert [row[2:-2] for row in drawn[2 : 2 + size]] == modules
    assert not any(any(row) for row in drawn[:2] + drawn[2 + size :])
    assert not any(any(row[:2]) or any(row[-2:]) for row in drawn)


def test_searching_wants_every_word_in_any_case_and_any_order() -> None:
    found = Searchable.of(("Acme app", "acme worker", "other"), str)
    assert found.matching("") == found.items
    assert found.matching("APP acme") == ("Acme app",)
    assert found.matching("acme", lambda one: "worker" in one) == ("acme worker",)
    assert found.matching("", lambda one: one == "other") == ("other",)
    assert found.matching("nothing") == ()


@given(st.lists(st.text(max_size=10), max_size=20), st.text(max_size=5))
def test_searching_only_ever_leaves_out(items: list[str], needle: str) -> None:
    found = Searchable.of(items, str).matching(needle)
    assert list(found) == [one for one in items if all(word in one.casefold() for word in needle.casefold().split())]


def test_every_tone_has_a_sign_so_that_no_colour_carries_meaning_alone() -> None:
    assert set(TONES.values()) <= set(SIGNS)
    assert len(set(SIGNS.values())) == len(SIGNS)
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    assert signed("revoked") == "✗ revoked"
    assert tone_of("never heard of") == ""


@pytest.mark.parametrize(
    ("holds", "kind"),
    [
        ("", "bitcoin"),
        ("the title of 12", "title"),
        ("3 access units of 12", "access"),
        ("3 foreign units of asset 12", "foreign"),
        ("unknown: no parent", "unknown"),
    ],
)
def test_each_kind_of_colour_has_its_word(holds: str, kind: str) -> None:
    assert color_kind(holds) == kind


def test_small_words() -> None:
    assert (age(5), age(300), age(7_200), age(200_000)) == ("5 s", "5 min", "2 h", "2 d")
    assert (btc(-141), btc(5, sign=True)) == ("-0.00000141", "+0.00000005")
    assert (count(1, "tag"), count(2, "repository", "repositories")) == ("1 tag", "2 repositories")
    assert grouped("bcrt1qw5") == "bcrt 1qw5"
    assert (place(None), place(7)) == ("mempool", "block 7")


async def test_the_places_fit_into_80_columns_and_the_present_one_is_marked_without_colour() -> None:
    class Bar(App[None]):
        def compose(self) -> ComposeResult:
            yield NavBar("coins")

    app = Bar()
    async with app.run_test(size=(80, 3)) as pilot:
        await settled(pilot)
        first = words_on(pilot).splitlines()[0]
        assert "[4 Coins]" in first
        assert "F8" in first
        assert len(first) <= 80
        await pilot.resize_terminal(60, 3)
        await settled(pilot)
        assert words_on(pilot).splitlines()[0] == " 1 2 3[4 Coins]5 6 7 8 9 0 F8"


def test_a_name_with_tag_and_digest_is_never_cut() -> None:
    whole = f"registry.example/{'a' * 238}:{'v' * 128}@sha256:{'0' * 64}"
    assert shown(whole) == whole
    assert shown(whole * 2).endswith("…")


class Codes(App[None]):
    """A code beside a form of 36 cells."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            form = Static()
            form.styles.width, form.styles.min_width = "1fr", 36
            yield form
            yield QrCode(beside=36)

    def on_mount(self) -> None:
        code = self.query_one(QrCode)
        code.styles.width = code.styles.height = "auto"


@pytest.mark.parametrize(
    ("size", "link", "fits"),
    [
        ((80, 24), "bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.0005", True),
        ((60, 24), "bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.0005", False),
        ((80, 12), "bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.0005", False),
        ((80, 24), f"bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?label={'x' * 200}", False),
    ],
)
async def test_a_code_is_whole_or_a_sentence_stands_in_its_place(size: tuple[int, int], link: str, fits: bool) -> None:
    app = Codes()
    async with app.run_test(size=size) as pilot:
        code = app.query_one(QrCode)
        code.show(link)
        await settled(pilot)
        text = words_on(pilot)
        assert ("█▀▀▀▀▀█" in text) is fits
        assert ("too large" in " ".join(text.split())) is not fits
        assert not fits or code.size == (len(code.rows[0]), len(code.rows))
