"""Every place shows what the services answered, and its keys do what the list of commands says."""

import threading
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, TabbedContent

from assets.images.reference import ImageReference
from assets.services.read_models.image_views import VerificationView
from assets.services.read_models.wallet_views import CoinView
from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tui.app.app import DockchainsApp
from tui.app.dialogs.asking import OneLine, YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.messages import Opened
from tui.app.screens.bump import BumpForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.widgets.field import Field
from tui.app.widgets.frame import NavBar
from tui.app.widgets.listing import Listing
from tui.app.widgets.qr import QrCode
from tui.app.widgets.words import Facts, Words
from tui.verbs.image.reader_requests import Pin, Verify
from tui.verbs.progress import Report
from tui.verbs.wallet.requests import Bump, CancelIssue, ReceiveBitcoin, ReceiveUnits
from wallet.amount import Sats
from wallet.errors import EncodingError
from wallet.hashes import parse_txid


async def test_keys_clicks_and_steps_lead_to_every_place() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        for key, place in (("2", "repositories"), ("0", "settings"), ("f8", "log"), ("5", "transactions")):
            await pilot.press(key)
            await settled(pilot)
            assert app.current_mode == place
        await pilot.press("ctrl+pageup")
        await settled(pilot)
        assert app.current_mode == "coins"
        bar = app.screen.query_one(NavBar)
        start = next(start for start, _, place in bar._spans if place == "send")
        await pilot.click(bar, offset=(start + 1, 0))
        await settled(pilot)
        assert app.current_mode == "send"
        await pilot.press("1")
        assert app.screen.query_one("#to", Field).value == "1", "in a field a digit is a digit"
        await pilot.press("escape", "1")
        await settled(pilot)
        assert app.current_mode == "overview"


async def test_the_overview_shows_money_chain_blocks_and_what_needs_attention() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        text = words_on(pilot)
        for wanted in ("0.04986120", "0.00020330", "block 1,204", f"◆ {samples.NAME}", "release", "is frozen"):
            assert wanted in text
        app.screen.query_one("#concerns", Listing).focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert samples.OTHER_NAME in words_on(pilot)


async def test_repositories_are_searched_filtered_and_opened() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("2")
        await settled(pilot)
        listing = app.screen.query_one(Listing)
        assert len(listing.items) == 2
        await pilot.press("slash", *"worker")
        assert [one.name for one in listing.items] == [samples.OTHER_NAME]
        app.screen.query_one("#search", Input).value = ""
        await pilot.press("enter", "f")
        assert [one.name for one in listing.items] == [samples.NAME], "owned"
        await pilot.press("f")
        assert [one.name for one in listing.items] == [samples.OTHER_NAME], "to look at"
        assert "to look at: 1 repository" in words_on(pilot)
        await pilot.press("f", "enter")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert "◆" in words_on(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen.query_one(Listing) is listing


async def test_any_repository_can_be_looked_up_by_name_or_genesis() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        app.screen.query_one("#line", Field).value = "Registry.example/Acme"
        await pilot.press("enter")
        assert isinstance(app.screen, OneLine), "upper case in a path is refused"
        app.screen.query_one("#line", Field).value = samples.NAME
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        assert lobby.services.images.calls("find") == [samples.NAME]


async def test_what_was_set_apart_for_issuing_is_taken_back_through_a_review() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        assert lobby.services.drafts.calls("draft") == [CancelIssue()]


async def opened(pilot: Pilot[None], app: DockchainsApp, genesis: str = samples.GENESIS) -> RepositoryScreen:
    app.screen.post_message(Opened(genesis=genesis))
    await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
    await settled(pilot)
    screen = app.screen
    assert isinstance(screen, RepositoryScreen)
    return screen


async def test_a_repository_shows_timeline_history_holders_and_definition() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = await opened(pilot, app)
        lines = screen.query_one("#releases", Listing).texts()
        assert [line.split()[-1] for line in lines] == ["pending", "pending", "current", "current", "revoked"]
        assert "genesis" in screen.query_one("#history", Listing).texts()[-1]
        assert ("issuer", "Acme Ltd") in screen.query_one("#definition", Facts).pairs
        assert lobby.services.images.calls("holders") == [], "each coin is looked up only when somebody wants to see"
        screen.query_one("#tabs", TabbedContent).active = "tab-holders"
        await settled(pilot)
        assert "999,000 in the treasury" in screen.query_one("#holders-sum", Words).plain
        assert "treasury" in screen.query_one("#holders", Listing).texts()[0]


async def test_a_definition_that_cannot_be_had_says_why() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.images.details[samples.GENESIS] = replace(
        samples.DETAIL, definition=None, why_no_definition="the registry has none"
    )
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = await opened(pilot, app)
        assert ("document", "the registry has none") in screen.query_one("#definition", Facts).pairs


async def test_nothing_is_offered_to_sign_for_a_repository_of_somebody_else() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = await opened(pilot, app, samples.OTHER_GENESIS)
        for key in ("n", "v", "h", "d", "a"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is screen
        assert any("the title is not in this wallet" in notice.message for notice in app._notifications)


async def test_a_definition_is_published_again_on_request() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await opened(pilot, app)
        await pilot.press("u")
        await settled(pilot)
        assert lobby.services.images.calls("publish") == [(samples.GENESIS, samples.NAME)]


async def test_a_pin_is_taken_only_after_its_proposal_was_seen_and_agreed_to() -> None:
    lobby = FakeLobby(samples.CHOICE)
    images = lobby.services.images
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await opened(pilot, app)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await pilot.pause()
        text = words_on(pilot)
        assert samples.GENESIS in text
        assert "the title is about to change hands" in text
        await pilot.press("enter")
        await settled(pilot)
        assert images.calls("pin") == [], "a stray Enter pins nothing"
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await pilot.click("#yes")
        await settled(pilot)
        assert images.calls("pin") == [samples.PIN]
        assert images.calls("propose_pin")[0] == Pin(name=samples.NAME, genesis=parse_txid(samples.GENESIS))


async def test_a_reference_is_verified_and_its_evidence_shown() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("enter")
        await settled(pilot)
        assert lobby.services.images.calls("verify") == [Verify(reference=ImageReference.parse(f"{samples.NAME}:1.0"))]
        assert "✓ VERIFIED" in app.screen.query_one("#verdict", Words).plain
        facts = dict(app.screen.query_one("#evidence", Facts).pairs)
        assert facts["image"] == f"{samples.NAME}@{samples.DIGEST}"
        assert facts["vouched by"] == "pin"
        assert "5 min old" in facts["tip"]
        assert samples.TXID in facts["record"]
        assert len(app.screen.query_one("#history", Listing).items) == 1


async def test_a_bad_verdict_is_told_by_its_word_and_sign_and_says_what_to_do() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.images.verification = replace(
        samples.VERIFICATION,
        verdict="REVOKED",
        exit_code=12,
        reason="the owner revoked it",
        findings=(samples.REVOKED,),
    )
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert app.screen.query_one("#verdict", Words).plain.startswith("✗ REVOKED  the owner revoked it\nnext: do not")


async def test_a_reference_that_is_none_asks_nobody_and_says_why() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        field = app.screen.query_one("#reference", Field)
        field.value = "Registry.example/Acme/App:1.0"
        await pilot.press("enter")
        await settled(pilot)
        assert field.error
        lobby.services.images.fail("verify", EncodingError("the registry has no such tag", hint="check it"))
        field.value = f"{samples.NAME}:nope"
        await pilot.press("enter")
        await settled(pilot)
        assert "not verified: the registry has no such tag" in app.screen.query_one("#verdict", Words).plain
        assert len(lobby.services.images.calls("verify")) == 1


async def test_no_verdict_stays_beside_another_image() -> None:
    lobby = FakeLobby(samples.CHOICE)
    images = lobby.services.images
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        field, verdict = app.screen.query_one("#reference", Field), app.screen.query_one("#verdict", Words)
        field.value = f"{samples.NAME}:1.0"
        await pilot.press("enter")
        await settled(pilot)
        assert "VERIFIED" in verdict.plain
        await pilot.press("1")
        await settled(pilot)
        assert "VERIFIED" not in words_on(pilot)
        assert app.screen.query_one("#evidence", Facts).pairs == ()
        await pilot.press("ctrl+y")
        await settled(pilot)
        assert images.calls("propose_pin") == [], "nothing that stands there was judged"


async def test_an_answer_about_another_image_is_not_shown() -> None:
    lobby = FakeLobby(samples.CHOICE)
    images, may_answer = lobby.services.images, threading.Event()
    judge = images.verify

    def slow(request: Verify, progress: Report) -> VerificationView:
        may_answer.wait(10)
        return judge(request, progress)

    images.verify = slow  # type: ignore[method-assign]
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("enter", "1")
        may_answer.set()
        await settled(pilot)
        assert len(images.calls("verify")) == 1
        assert "VERIFIED" not in words_on(pilot)


async def test_pinning_from_a_verdict_asks_again_and_an_accepted_owner_needs_the_pin() -> None:
    lobby = FakeLobby(samples.CHOICE)
    images = lobby.services.images
    images.verification = replace(samples.VERIFICATION, verdict="UNPINNED", vouchers=())
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        images.verification = replace(samples.VERIFICATION, verdict="NEW_OWNER")
        await pilot.click("#yes")
        await settled(pilot)
        assert images.calls("propose_pin") == [Pin(name=samples.NAME, genesis=parse_txid(samples.GENESIS))]
        assert len(images.calls("verify")) == 2, "after a pin the verdict is asked for anew"
        assert "NEW_OWNER" in app.screen.query_one("#verdict", Words).plain
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        assert images.calls("propose_pin")[-1] == Pin(name=samples.NAME, accept_owner=True)


POISONED = CoinView(
    outpoint=f"{samples.SECOND}:5", sats=546, address=samples.ADDRESS, account="btc", path="0'/0/5", confirmations=2,
    state="reserved", holds="perhaps another colour: at most 1,000 sat, from others; its transaction moves runes",
    because="it might hold units of another protocol: at most 1,000 sat, from others; its transaction moves runes",
    label="", signs=("small", "runes"), risk="whatever a sender put on so small a coin: runes; runes on it",
)  # fmt: skip


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
async def test_a_coin_that_might_hold_another_colour_is_freed_after_a_question(size: tuple[int, int]) -> None:
    lobby = FakeLobby(samples.CHOICE)
    money = lobby.services.money
    money.held = replace(samples.COINS, coins=(POISONED,))
    app = app_of(lobby)
    async with app.run_test(size=size) as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        (line,) = app.screen.query_one(Listing).texts()
        assert "reserved" in line
        assert "◈ perhaps another colour" in line
        told = words_on(pilot)
        assert "it might hold units of another protocol" in told
        assert "whatever a sender put on so small a coin" in told
        for answer, calls in (("no", []), ("yes", [(POISONED.outpoint, False, POISONED.risk)])):
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.screen, YesNo))
            assert app.screen.query_one("#no", Button).has_focus, "a stray Enter frees nothing"
            await pilot.click(f"#{answer}")
            await settled(pilot)
            assert money.calls("freeze") == calls


async def test_coins_tell_their_colour_by_word_and_sign_and_can_be_frozen_and_labelled() -> None:
    lobby = FakeLobby(samples.CHOICE)
    money = lobby.services.money
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        lines = app.screen.query_one(Listing).texts()
        for line, carries in zip(
            lines, ("· bitcoin", "◆ the title of", "● 1,000,000 access", "◇ 12 foreign"), strict=True
        ):
            assert carries in line
        await pilot.press("f")
        await settled(pilot)
        assert money.calls("freeze") == [(samples.COINS.coins[0].outpoint, True)]
        assert "frozen" in app.screen.query_one(Listing).texts()[0]
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        app.screen.query_one("#line", Field).value = "rent"
        await pilot.press("enter")
        await settled(pilot)
        assert money.calls("label") == [(samples.COINS.coins[0].outpoint, "rent")]
        await pilot.press("slash", *"foreign")
        assert len(app.screen.query_one(Listing).items) == 1
        await pilot.press("enter", "t")
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))


async def test_a_coins_way_back_is_traced_from_transaction_to_transaction() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("5")
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))
        await settled(pilot)
        assert "◆ the title of" in words_on(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: len(lobby.services.money.calls("transaction")) == 2)
        assert lobby.services.money.calls("transaction") == [samples.SECOND, samples.TXID]
        await settled(pilot)
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert not isinstance(app.screen, TransactionScreen)


async def test_only_what_waits_can_be_bumped() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("5")
        await settled(pilot)
        await pilot.press("down", "b")
        await pilot.pause()
        assert not isinstance(app.screen, BumpForm)
        await pilot.press("up", "b")
        await until(pilot, lambda: isinstance(app.screen, BumpForm))
        app.screen.query_one("#rate", Field).value = "2.5"
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        assert lobby.services.drafts.calls("draft") == [Bump(txid=parse_txid(samples.SECOND), rate="2.5")]


async def test_an_address_is_handed_out_only_when_asked_for_and_its_code_fits_a_small_terminal() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("6")
        await settled(pilot)
        assert lobby.services.money.calls("receive") == []
        app.screen.query_one("#amount", Field).value = "0.0005"
        app.screen.query_one("#label", Field).value = "rent"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert lobby.services.money.calls("receive") == [ReceiveBitcoin(amount=Sats(50_000), label="rent")]
        code = app.screen.query_one(QrCode)
        assert code.rows
        assert code.size.height >= len(code.rows)
        assert code.size.width >= len(code.rows[0])
        assert code.region.right <= SMALL[0]
        assert code.region.bottom <= SMALL[1] - 1
        assert code.rows[3].strip() in words_on(pilot)
        assert "bcrt 1qw5 08d6" in words_on(pilot)


async def test_units_are_asked_for_by_number_and_genesis() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("6")
        await settled(pilot)
        app.screen.query_one("#units").toggle()  # type: ignore[attr-defined]
        await pilot.pause()
        amount = app.screen.query_one("#amount", Field)
        amount.value = "0.5"
        await pilot.pause()
        assert "not a number of units" in amount.error
        amount.value = "3"
        app.screen.query_one("#genesis", Field).value = samples.GENESIS
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert lobby.services.money.calls("receive") == [ReceiveUnits(amount=3, genesis=parse_txid(samples.GENESIS))]


async def test_settings_pins_wallet_and_node_are_shown_and_changed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("0")
        await settled(pilot)
        assert "environment" in app.screen.query_one("#settings", Listing).texts()[0]
        app.screen.query_one("#settings", Listing).cursor = 2
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        app.screen.query_one("#line", Field).value = "2.5"
        await pilot.press("enter")
        await settled(pilot)
        assert lobby.services.machine.calls("set") == [("fee_rate", "2.5")]
        await pilot.press("d")
        await settled(pilot)
        assert "✗ problem transaction index: there is none" in app.screen.query_one("#node", Words).plain
        app.screen.query_one("#tabs", TabbedContent).active = "tab-pins"
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await pilot.click("#yes")
        await settled(pilot)
        assert lobby.services.images.calls("unpin") == [samples.NAME]
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await pilot.click("#yes")
        await settled(pilot)
        assert lobby.services.chain.calls("reindex")


async def test_the_log_shows_its_newest_line() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("f8")
        await settled(pilot)
        assert "sent release" in words_on(pilot)
        assert app.screen.query_one(Listing).cursor == 1


async def test_themes_change_and_everything_stays_readable() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        before = words_on(pilot)
        await pilot.press("f6")
        await settled(pilot)
        assert app.theme == "dockchains-light"
        assert words_on(pilot) == before


async def test_a_window_that_changes_its_size_shows_everything_again() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        assert "[1 Home]" in words_on(pilot)
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        assert "[1 Overview]" in words_on(pilot)
