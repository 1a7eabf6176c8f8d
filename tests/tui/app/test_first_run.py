"""Making and restoring wallets: words shown once and asked back, passwords typed twice, nothing left behind."""

import pytest
from textual.pilot import Pilot

from tests.tui.app import samples
from tests.tui.app.driving import app_of, settled, until
from tests.tui.app.fake_services import PASSWORD, WORDS, FakeLobby
from tui.app.screens.create_wallet import CreateWallet, numbered
from tui.app.screens.first_run import FirstRun
from tui.app.screens.restore_wallet import RestoreWallet, WordSuggester
from tui.app.screens.unlock import UnlockScreen
from tui.app.screens.wallet_steps import CARD, WalletSteps
from tui.app.screens.wallet_steps import PASSWORD as PASSWORD_STEP
from tui.app.views import WalletChoice
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.wallet.requests import NewWords, OldWords
from wallet.errors import StateError


def field(pilot: Pilot[None], name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


def said(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one("#said", Words).plain


async def at_first_run(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
    await settled(pilot)


async def creating(pilot: Pilot[None]) -> CreateWallet:
    await at_first_run(pilot)
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, CreateWallet))
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, CreateWallet)
    return screen


async def answered_right(pilot: Pilot[None], screen: CreateWallet) -> None:
    for question, word in screen._questions():
        question.value = word
    await pilot.pause()
    await pilot.press("ctrl+g")
    await settled(pilot)


async def password_typed(pilot: Pilot[None], password: str = PASSWORD, again: str | None = None) -> None:
    field(pilot, "password").value = password
    field(pilot, "again").value = password if again is None else again
    await pilot.pause()
    await pilot.press("ctrl+g")
    await settled(pilot)


async def test_a_machine_without_wallets_starts_with_the_first_run_and_looks_at_the_node() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await at_first_run(pilot)
        assert lobby.calls("node") == ["regtest"]
        assert "start it with -txindex=1" in app.screen.query_one("#node", Words).plain
        await pilot.press("down")
        await settled(pilot)
        assert lobby.calls("node")[-1] == "signet"


async def test_a_network_that_is_switched_off_says_so_and_is_not_used() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await at_first_run(pilot)
        app.screen.query_one("#networks", Listing).cursor = 2
        await settled(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert isinstance(app.screen, FirstRun)
        assert any("real money" in notice.message for notice in app._notifications)


async def test_a_wallet_is_made_from_words_that_were_asked_back() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        assert numbered(tuple(WORDS.split())) == screen.query_one("#words", Words).plain
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert screen.query_one("#words", Words).plain == "", "the words are shown once"
        await answered_right(pilot, screen)
        assert screen.all_steps[screen._at] == PASSWORD_STEP
        await password_typed(pilot)
        assert lobby.calls("create") == [(WalletChoice(network="regtest", name="default"), NewWords(words=WORDS))]
        assert lobby.passwords == [PASSWORD]
        assert screen.all_steps[screen._at] == CARD
        assert ("fingerprint", "73c5da0a") in screen.query_one("#card", Facts).pairs
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))


async def test_a_wrong_word_makes_no_wallet() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        field(pilot, "word-0").value = "zoo"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "not this word" in field(pilot, "word-0").note
        assert screen.all_steps[screen._at] == "step-back"
        assert lobby.made == []


async def test_going_back_to_the_words_makes_others() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await creating(pilot)
        assert len(lobby.calls("words")) == 1
        await pilot.press("ctrl+g")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert len(lobby.calls("words")) == 2


async def test_24_words_and_a_passphrase_on_request() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        screen.query_one("#many").toggle()  # type: ignore[attr-defined]
        screen.query_one("#extra").toggle()  # type: ignore[attr-defined]
        await settled(pilot)
        assert lobby.calls("words") == [12, 24]
        field(pilot, "passphrase").value = "extra"
        await pilot.pause()
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "differ" in field(pilot, "passphrase-again").note
        field(pilot, "passphrase-again").value = "extra"
        await pilot.press("ctrl+g")
        await settled(pilot)
        await answered_right(pilot, screen)
        await password_typed(pilot)
        assert lobby.made[0].passphrase == "extra"
        assert len(lobby.made[0].words.split()) == 24


@pytest.mark.parametrize(
    ("password", "again", "name", "why"),
    [
        ("short", "short", "password", "at least 8 characters"),
        (PASSWORD, "correct horse batterz", "again", "the two passwords differ"),
    ],
)
async def test_a_weak_or_mistyped_password_makes_no_wallet(password: str, again: str, name: str, why: str) -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        await answered_right(pilot, screen)
        await password_typed(pilot, password, again)
        assert why in field(pilot, name).note
        assert lobby.made == []


async def test_a_wallet_that_cannot_be_made_says_why_and_lets_the_person_try_again() -> None:
    lobby = FakeLobby()
    lobby.fail("create", StateError("there is a wallet 'default' on regtest already", hint="choose another name"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        await answered_right(pilot, screen)
        await password_typed(pilot)
        assert "already" in said(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert len(lobby.made) == 1


async def test_leaving_takes_every_secret_out_of_the_screen() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await creating(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FirstRun))
        await pilot.pause()
        assert screen._words == ()
    assert WORDS not in repr((NewWords(words=WORDS, passphrase="secret"), OldWords(words=WORDS, passphrase="secret")))
    assert "secret" not in repr(
        (NewWords(words=WORDS, passphrase="secret"), OldWords(words=WORDS, passphrase="secret"))
    )


async def restoring(pilot: Pilot[None]) -> WalletSteps:
    await at_first_run(pilot)
    await pilot.click("#restore")
    await until(pilot, lambda: isinstance(pilot.app.screen, RestoreWallet) and bool(pilot.app.screen.query("#words")))
    screen = pilot.app.screen
    assert isinstance(screen, RestoreWallet)
    return screen


async def test_words_are_completed_checked_as_typed_and_compared_before_a_restore() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await restoring(pilot)
        field(pilot, "words").value = "abandon ab"
        await pilot.pause()
        assert "abandon  ability  able" in screen.query_one("#completions", Words).plain
        assert field(pilot, "words").note == "2 of 12 or 24 words"
        field(pilot, "words").value = "abandon xyzzy a"
        await pilot.pause()
        assert "word 2 is not in the English list" in field(pilot, "words").note
        field(pilot, "words").value = WORDS.replace("about", "abandon")
        await pilot.pause()
        assert "checksum" in field(pilot, "words").note
        for written in (WORDS.title(), f"  {WORDS.upper()} ", WORDS):
            field(pilot, "words").value = written
            await pilot.pause()
            assert field(pilot, "words").note == "the words fit together", written
        field(pilot, "birth").value = "800,000"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert ("fingerprint", "73c5da0a") in screen.query_one("#identity", Facts).pairs
        await pilot.press("ctrl+g")
        await settled(pilot)
        await password_typed(pilot)
        assert lobby.made == [OldWords(words=WORDS, birth_height=800_000)]


async def test_a_bad_checksum_never_leads_on() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        screen = await restoring(pilot)
        field(pilot, "words").value = WORDS.replace("about", "zoo")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert screen._at == 0
        assert lobby.calls("identity") == []


async def test_the_suggester_completes_the_last_word_and_remembers_nothing() -> None:
    suggester = WordSuggester(FakeLobby())
    assert await suggester.get_suggestion("legal win") == "legal win"
    assert await suggester.get_suggestion("legal thank yea") == "legal thank year"
    assert await suggester.get_suggestion("legal q") is None, "one letter says too little"
    assert suggester.cache is None


async def test_a_further_wallet_can_be_made_where_there_is_one() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await pilot.press("escape", "f2")
        await at_first_run(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
