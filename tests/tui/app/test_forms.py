"""Forms check each text as it is typed, say why, and ask for exactly what was typed."""

import pytest
from bitcoin.core.script import CScript
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, RadioButton

from assets.errors import NamedRepository
from assets.images.digest import Digest
from assets.images.record import RevokeReason
from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby, FakeServices
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.kinds import Kind
from tui.app.messages import Answered
from tui.app.screens.define import DefineForm
from tui.app.screens.form import DRAFT, DraftForm
from tui.app.screens.grant import GrantForm
from tui.app.screens.hand_over import HandOverForm
from tui.app.screens.issue import IssueForm
from tui.app.screens.release import ReleaseForm
from tui.app.screens.revoke import RevokeForm
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.verbs.access.requests import Grant
from tui.verbs.image.fields import digest_of, tags_of
from tui.verbs.image.issue import RivalHeld
from tui.verbs.image.requests import Define, HandOver, Issue, Release, Revoke
from tui.verbs.wallet.requests import Send
from wallet.errors import EncodingError, FeeError, InsufficientFundsError
from wallet.hashes import parse_txid
from wallet.keys.address import unit_address_of
from wallet.network import REGTEST

GENESIS = parse_txid(samples.GENESIS)
DIGEST = Digest.parse(samples.DIGEST)
SEEN = "5e" * 32
UNIT_ADDRESS = unit_address_of(CScript(b"\x00\x14" + b"\x07" * 20), REGTEST)


def field(pilot: Pilot[None], name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, text in values.items():
        field(pilot, name.replace("_", "-")).value = text
    await pilot.pause()


async def form(pilot: Pilot[None], lobby: FakeLobby, screen: DraftForm) -> DraftForm:
    await unlocked(pilot)
    pilot.app.push_screen(screen)
    await until(pilot, lambda: pilot.app.screen is screen)
    await settled(pilot)
    return screen


async def reviewed(pilot: Pilot[None], lobby: FakeLobby) -> object:
    """Presses on to the review; what was asked."""
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, ReviewDialog), "the review")
    return lobby.services.drafts.calls("draft")[-1]


@pytest.mark.parametrize(
    ("kind", "good", "bad", "why"),
    [
        (Kind.ADDRESS, samples.ADDRESS, "bcrt1qnope", "not a bech32 address"),
        (Kind.ADDRESS, f"bitcoin:{samples.ADDRESS}?amount=0.5", UNIT_ADDRESS, "unit address"),
        (Kind.UNIT_ADDRESS, UNIT_ADDRESS, samples.ADDRESS, ""),
        (Kind.SHARE, f"{UNIT_ADDRESS} 5", f"{UNIT_ADDRESS} 0", "not a number of units"),
        (Kind.BTC, "0.0005", "5e-4", "not an amount in BTC"),
        (Kind.BTC, "1", "0.123456789", "too many decimals"),
        (Kind.UNITS, "1,000", "-1", "not a number of units"),
        (Kind.SATS, "546", "545", "not an amount of sats"),
        (Kind.RATE, "2.5", "0.5", "outside of"),
        (Kind.HEIGHT, "800_000", "x", "not a block height"),
        (Kind.REFERENCE, f"{samples.NAME}:1.0", "a b", ""),
        (Kind.NAME, samples.NAME, f"{samples.NAME}:1.0", "not about one image"),
        (Kind.LOOKUP, samples.GENESIS, "Upper/Case", ""),
        (Kind.TAGS, "1.0, latest", "1.0 1.0", "named twice"),
        (Kind.IMAGE, "1.0", "sha256:12", ""),
        (Kind.IMAGE, samples.DIGEST, "one two", ""),
        (Kind.DIGEST, samples.DIGEST, "sha512:00", ""),
        (Kind.BUILD, samples.DIGEST, "build.json", "neither a digest nor a full path"),
        (Kind.BUILD, "/tmp/build.json", "sha256:12", ""),
        (Kind.TXID, samples.TXID, "12", ""),
        (Kind.ALLOWED, "pending,superseded", "revoked", "cannot be allowed"),
        (Kind.WALLET, "main", "../main", "not a wallet name"),
        (Kind.PASSWORD, PASSWORD, "short", "at least 8 characters"),
        (Kind.SETTING, "fee_rate=2.5", "fee_rate=cheap", ""),
        (Kind.SETTING, "allow_mainnet=true", "allow_mainnet=perhaps", "allow_mainnet"),
        (Kind.MAGNET, "magnet:?xt=urn:btih:00", "https://example.org", "not a magnet link"),
    ],
)
async def test_a_field_takes_what_is_good_and_says_why_it_does_not_take_what_is_not(
    kind: Kind, good: str, bad: str, why: str
) -> None:
    services = FakeServices()
    assert isinstance(services.check(kind, good), str)
    with pytest.raises((EncodingError, FeeError), match=why or "."):
        services.check(kind, bad)


@pytest.mark.parametrize("kind", list(Kind))
async def test_no_field_takes_a_text_without_end(kind: Kind) -> None:
    with pytest.raises(ValueError, match="too long"):
        FakeServices().check(kind, "a" * 5_000)


async def test_a_payment_is_checked_as_it_is_typed_and_asked_for_as_it_stands() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("7")
        await settled(pilot)
        assert "0.04986120" in app.screen.query_one("#spendable", Words).plain
        await fill(pilot, to="bcrt1qnope")
        assert "not a bech32 address" in field(pilot, "to").note
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert lobby.services.drafts.calls("draft") == []
        await fill(pilot, to=samples.ADDRESS)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "say how much" in field(pilot, "amount").note
        await fill(pilot, amount="0.01", rate="2")
        assert field(pilot, "amount").note == "1,000,000 sat"
        assert await reviewed(pilot, lobby) == Send(to=samples.ADDRESS, amount="0.01", rate="2")


async def test_everything_has_no_amount_and_a_sent_payment_empties_the_form() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("7")
        await settled(pilot)
        await fill(pilot, to=samples.ADDRESS, amount="1")
        app.screen.query_one("#everything", Checkbox).toggle()
        await pilot.pause()
        assert await reviewed(pilot, lobby) == Send(to=samples.ADDRESS, everything=True)
        app.screen.query_one("#password").value = PASSWORD  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        await until(pilot, lambda: not isinstance(app.screen, ReviewDialog))
        await pilot.pause()
        assert field(pilot, "to").value == ""
        assert app.current_mode == "send"


async def test_money_that_is_missing_is_said_and_the_form_stays() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fail("draft", InsufficientFundsError("not enough", needed=2, available=1, hint="wait"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("7")
        await settled(pilot)
        await fill(pilot, to=samples.ADDRESS, amount="1")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert any("not enough - wait" in notice.message for notice in app._notifications)
        assert app.screen.query_one("#said", Words).plain == "✗ no transaction was made: not enough - wait"
        assert field(pilot, "amount").value == "1"


async def test_the_issue_wizard_goes_step_by_step_and_back() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, IssueForm(lobby.services))
        await pilot.press("enter")
        assert "this is needed" in field(pilot, "name").note
        await fill(pilot, name=samples.NAME)
        await pilot.press("enter")
        assert "step 2 of 3" in screen.query_one("#heading", Words).plain
        await fill(pilot, units="0")
        await pilot.press("enter")
        assert "step 2 of 3" in screen.query_one("#heading", Words).plain
        await fill(pilot, units="500", rate="3")
        await pilot.press("enter")
        await fill(pilot, issuer="Acme Ltd", source="https://example.org/app")
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert "step 1 of 3" in screen.query_one("#heading", Words).plain
        await pilot.press("ctrl+g", "ctrl+g")
        await pilot.pause()
        assert str(screen.query_one("#step-next", Button).label) == "Review"
        assert await reviewed(pilot, lobby) == Issue(
            name=samples.NAME,
            units=500,
            issuer="Acme Ltd",
            links={"source": "https://example.org/app"},
            rate="3",
        )


async def test_a_release_takes_tags_from_the_registry_and_compares_digests() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await form(pilot, lobby, ReleaseForm(lobby.services, samples.GENESIS, samples.NAME))
        tags = screen.query_one("#tags-list", Listing)
        assert [tag for _, tag in (line.split("  ", 1) for line in tags.texts())] == ["1.0", "1.1", "latest"]
        tags.focus()
        await pilot.press("down", "enter", "down", "enter")
        await settled(pilot)
        assert field(pilot, "tags").value == "1.1 latest"
        assert lobby.services.images.calls("served")[-1] == ("1.1", "latest")
        assert "c2a8e4d1c2a8  5f70bf185f70  ! docker c2a8e4d1c2a8" in screen.query_one("#served", Listing).texts()[1]
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "never signed" in field(pilot, "build").note
        await fill(pilot, build=samples.DIGEST)
        assert await reviewed(pilot, lobby) == Release(
            genesis=GENESIS, name=samples.NAME, tags=tags_of("1.1 latest"), built=(DIGEST,)
        )


async def test_a_digest_of_ones_own_is_never_dropped_for_what_the_registry_serves() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await form(pilot, lobby, ReleaseForm(lobby.services, samples.GENESIS, samples.NAME))
        await fill(pilot, tags="1.1", build=samples.DIGEST)
        app.screen.query_one("#as-served", Checkbox).value = True
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "not both" in field(pilot, "build").error
        assert lobby.services.drafts.calls("draft") == []


async def test_what_the_registry_serves_is_released_only_after_it_was_compared() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await form(pilot, lobby, ReleaseForm(lobby.services, samples.GENESIS, samples.NAME))
        await fill(pilot, tags="2.0")
        await settled(pilot)
        screen.query_one("#as-served", Checkbox).toggle()
        screen.query_one("#final", Checkbox).toggle()
        await settled(pilot)
        assert f"the registry serves {samples.DIGEST}" in screen.query_one("#in-full", Words).plain
        ask = Release(genesis=GENESIS, name=samples.NAME, tags=tags_of("2.0"), compared=DIGEST, final=True)
        assert await reviewed(pilot, lobby) == ask


async def test_t22_a_digest_that_is_not_on_the_screen_in_full_was_compared_by_nobody() -> None:
    """No answer yet, none that fits all tags, or another one than before: the tick says nothing of it."""
    lobby = FakeLobby(samples.CHOICE)
    app, images = app_of(lobby), lobby.services.images
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, ReleaseForm(lobby.services, samples.GENESIS, samples.NAME))
        tick = screen.query_one("#as-served", Checkbox)
        await fill(pilot, tags="2.0")
        await settled(pilot)
        tick.value = True
        await settled(pilot)
        whole = "".join(words_on(pilot).split())
        assert samples.DIGEST in whole, "all of it is on a small screen, too"
        images.serves = {"2.0": samples.OLD_DIGEST, "2.1": samples.DIGEST}
        await fill(pilot, tags="2.0 2.1")
        await settled(pilot)
        assert not tick.value, "what was compared is not what is shown now"
        tick.value = True
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "no one digest" in screen.query_one("#said", Words).plain
        assert lobby.services.drafts.calls("draft") == []
        await fill(pilot, tags="2.0")
        await settled(pilot)
        assert not tick.value
        assert samples.OLD_DIGEST in screen.query_one("#in-full", Words).plain
        tick.value = True
        await settled(pilot)
        asked = await reviewed(pilot, lobby)
        assert isinstance(asked, Release)
        assert asked.compared == digest_of(samples.OLD_DIGEST)


async def test_an_image_is_revoked_with_a_reason() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, RevokeForm(lobby.services, samples.GENESIS, samples.NAME, samples.DIGEST))
        first, second, *_ = screen.query(RadioButton)
        assert (first._button.plain, second._button.plain) == ("(*)", "( )"), "a sign, not only a colour"
        second.toggle()
        await pilot.pause()
        assert await reviewed(pilot, lobby) == Revoke(
            genesis=GENESIS, name=samples.NAME, digest=DIGEST, reason=RevokeReason.COMPROMISED
        )


async def test_a_repository_is_handed_over_to_a_unit_address_only() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, HandOverForm(lobby.services, samples.GENESIS, samples.NAME))
        await fill(pilot, to=samples.ADDRESS)
        assert field(pilot, "to").error
        await fill(pilot, to=UNIT_ADDRESS)
        screen.query_one("#treasury", Checkbox).toggle()
        await pilot.pause()
        assert await reviewed(pilot, lobby) == HandOver(
            genesis=GENESIS, name=samples.NAME, to=UNIT_ADDRESS, with_treasury=False
        )


async def test_a_definition_keeps_what_is_left_empty_and_drops_what_is_crossed_out() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await form(pilot, lobby, DefineForm(lobby.services, samples.GENESIS, samples.NAME, SEEN))
        await fill(pilot, issuer="New Ltd", source="-", terms=samples.DIGEST)
        assert field(pilot, "source").note == "is taken away"
        assert await reviewed(pilot, lobby) == Define(
            genesis=GENESIS,
            name=samples.NAME,
            seen=digest_of(f"sha256:{SEEN}"),
            issuer="New Ltd",
            links={"source": "", "terms": samples.DIGEST},
        )


async def test_access_is_given_to_one_or_to_a_list() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, GrantForm(lobby.services, samples.GENESIS, samples.NAME))
        await pilot.press("ctrl+g")
        assert "name somebody" in field(pilot, "share").note
        await fill(pilot, share=f"{UNIT_ADDRESS} 5")
        assert field(pilot, "share").note == "5 access units"
        screen.query_one("#add", Button).press()
        await pilot.pause()
        await fill(pilot, share=UNIT_ADDRESS)
        screen.query_one("#add", Button).press()
        await pilot.pause()
        assert len(screen.query_one("#shares", Listing).items) == 2
        screen.query_one("#shares", Listing).cursor = 1
        screen.query_one("#remove", Button).press()
        await pilot.pause()
        assert await reviewed(pilot, lobby) == Grant(genesis=GENESIS, name=samples.NAME, listed=f"{UNIT_ADDRESS} 5")


async def test_a_gift_of_the_same_name_is_asked_about_and_stops_nobody() -> None:
    lobby = FakeLobby(samples.CHOICE)
    gift = NamedRepository(genesis=samples.OTHER_GENESIS, height=7, owned=True, issued=False, how="")
    held = RivalHeld(request=Issue(name=samples.NAME, units=500), repositories=(gift,))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await form(pilot, lobby, IssueForm(lobby.services))
        screen.post_message(Answered(DRAFT, held))
        await settled(pilot)
        assert isinstance(app.screen, YesNo)
        assert samples.OTHER_GENESIS in words_on(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert lobby.services.drafts.calls("draft") == [], "nobody said yes"
        screen.post_message(Answered(DRAFT, held))
        await settled(pilot)
        app.screen.query_one("#yes", Button).press()
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog), "the review")
        assert lobby.services.drafts.calls("draft") == [Issue(name=samples.NAME, units=500, rival=True)]
