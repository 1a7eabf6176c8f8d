"""Access: what is held, pulling with progress and an end, sealing, logging in and out."""

import threading
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Input, RadioButton

from assets.errors import ImageError, RegistryUnavailableError
from assets.images.tag import parse_tag
from tests.tui.app import access_samples, samples
from tests.tui.app.driving import LARGE, SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby
from tui.app.access_services import OpenSecrets
from tui.app.dialogs.asking import Choice, YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.messages import Opened
from tui.app.screens.access import AccessScreen
from tui.app.screens.access_gate import GateForm
from tui.app.screens.access_pull import PullForm
from tui.app.screens.access_seal import SealForm
from tui.app.screens.grant import GrantForm
from tui.app.screens.release import ReleaseForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.access.holdings import HoldingsView
from tui.verbs.access.requests import ExportGate, Login
from tui.verbs.image import references
from tui.verbs.image.fields import layout_of, tags_of
from tui.verbs.image.pull import PullView
from tui.verbs.image.reader_requests import Pin, Pull, Verify
from tui.verbs.image.requests import RecordSeal, Release, ReleaseSealed, Seal
from wallet.errors import StateError
from wallet.hashes import parse_txid

GENESIS = parse_txid(samples.GENESIS)


async def at_access(pilot: Pilot[None]) -> AccessScreen:
    await unlocked(pilot)
    await pilot.press("9")
    await settled(pilot)
    assert isinstance(pilot.app.screen, AccessScreen)
    return pilot.app.screen


async def pull_form(pilot: Pilot[None]) -> PullForm:
    await at_access(pilot)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(pilot.app.screen, PullForm))
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, PullForm)
    return screen


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, text in values.items():
        pilot.app.screen.query_one(f"#{name.replace('_', '-')}", Field).value = text
    await pilot.pause()


async def gives_password(pilot: Pilot[None], password: str = PASSWORD) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, WithKeys), "the password dialog")
    pilot.app.screen.query_one("#password", Input).value = password
    await pilot.press("enter")
    await settled(pilot)


async def test_what_is_held_is_shown_with_gates_seals_and_logins() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        screen = await at_access(pilot)
        own, other, unknown = screen.query_one("#held", Listing).texts()
        assert own.split() == [samples.NAME, "◆", "●", "1,000,000", "gated+sealed", "not", "yet"]
        assert other.split() == [samples.OTHER_NAME, "●", "3", "gated", "✓", "29", "d"]
        assert "? not known" in unknown
        assert dict(screen.query_one("#detail", Facts).pairs)["gate"] == access_samples.GATE
        assert "1.0" in screen.query_one("#kept", Listing).texts()[0]
        await pilot.press("down", "down")
        await pilot.pause()
        assert dict(screen.query_one("#detail", Facts).pairs)["note"] == "no answer from registry.example"


async def test_an_image_that_was_pulled_is_dropped_after_a_yes() -> None:
    lobby = FakeLobby(samples.CHOICE)
    access = lobby.services.access
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at_access(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        assert "12.0 MB become free" in words_on(pilot)
        await pilot.press("escape")
        assert access.calls("forget") == []
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert access.calls("forget") == [samples.DIGEST]
        assert screen.query_one("#kept", Listing).items == ()
        await pilot.press("x")
        await settled(pilot)
        assert app.screen is screen


async def test_a_gate_s_file_is_written_with_keys_after_the_password_and_without_before() -> None:
    lobby = FakeLobby(samples.CHOICE)
    access = lobby.services.access
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, GateForm))
        await settled(pilot)
        form = app.screen
        assert form.query_one("#name", Field).value == samples.NAME
        await fill(pilot, file="/srv/gate.json")
        await pilot.press("ctrl+g")
        assert "say where it will be reached" in form.query_one("#origin", Field).note
        await fill(pilot, origin="https://gate.example")
        await pilot.press("ctrl+g")
        await gives_password(pilot)
        request = ExportGate(
            file=Path("/srv/gate.json"), origin="https://gate.example", names=(samples.NAME,), meant=GENESIS
        )
        assert access.calls("export_gate") == [(request, True)]
        told = form.query_one("#result", Words).plain
        assert "1 repository and 2 keys of sealed images in /srv/gate.json" in told
        assert "! it names no gate" in told
        assert f"! no key for {samples.NAME}@{samples.DIGEST}" in told
        form.query_one("#keys", Checkbox).toggle()
        form.query_one("#keep", Checkbox).toggle()
        await fill(pilot, origin="", name="")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert access.calls("export_gate")[1:] == [(ExportGate(file=Path("/srv/gate.json"), keep_key=True), False)]


async def test_nothing_held_says_where_access_comes_from() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.view = HoldingsView(now=samples.TIME, held=(), kept=())
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        assert "8 shows offers" in words_on(pilot)
        for key in ("a", "h", "l", "o"):
            await pilot.press(key)
            await settled(pilot)
            assert isinstance(app.screen, AccessScreen)


async def test_a_line_leads_to_its_repository_its_holders_and_to_grants() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert app.screen.query_one("#tabs").active == "tab-holders"  # type: ignore[attr-defined]
        assert len(app.screen.query_one("#holders", Listing).items) == 2
        await pilot.press("escape", "a")
        await until(pilot, lambda: isinstance(app.screen, GrantForm))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        assert app.screen.genesis == samples.GENESIS  # type: ignore[attr-defined]
        await pilot.press("escape", "down", "a")
        await settled(pilot)
        assert isinstance(app.screen, AccessScreen), "only the owner grants"


async def test_an_image_is_pulled_into_a_layout_and_the_form_says_where_it_is() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await pull_form(pilot)
        assert screen.query_one("#reference", Field).value == samples.NAME
        assert not screen.query_one("#where", Field).display
        list(screen.query(RadioButton))[1].toggle()
        await pilot.pause()
        await fill(pilot, reference=f"{samples.NAME}:1.0", where="srv/app")
        assert "not a full path" in screen.query_one("#where", Field).note
        await pilot.press("ctrl+g")
        assert lobby.services.access.calls("pull") == []
        await fill(pilot, where="/srv/app:1.0")
        await pilot.press("ctrl+g")
        await settled(pilot)
        request = Pull(
            image=Verify(reference=references.reference(f"{samples.NAME}:1.0"), meant=GENESIS),
            to=references.destination("oci:/srv/app:1.0"),
        )
        assert lobby.services.access.calls("pull") == [(request, None)], "the repository that was marked is meant"
        assert screen.query_one("#verdict", Words).plain.startswith("✓ VERIFIED")
        assert f"{samples.NAME}@{samples.DIGEST}" in screen.query_one("#result", Words).plain
        assert "handed over to oci:/srv/app:1.0" in screen.query_one("#result", Words).plain
        assert "can keep it" in screen.query_one("#result", Words).plain
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert isinstance(app.screen, AccessScreen)
        assert len(lobby.services.access.calls("held")) == 2, "the place shows what came"


async def test_each_destination_is_asked_for_what_it_needs() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await pull_form(pilot)
        where = screen.query_one("#where", Field)
        wanted = []
        for number, text in ((0, ""), (2, "/srv/app.tar"), (3, ""), (4, "localhost:5000/acme/app:2.0")):
            list(screen.query(RadioButton))[number].toggle()
            await pilot.pause()
            assert where.display == bool(text)
            if text:
                await fill(pilot, where="")
                await pilot.press("ctrl+g")
                assert "say which" in where.note
                await fill(pilot, where=text)
            await pilot.press("ctrl+g")
            await settled(pilot)
            wanted.append(lobby.services.access.calls("pull")[-1][0].to)  # type: ignore[index]
        texts = ("docker-archive:/srv/app.tar", "docker-daemon:", "localhost:5000/acme/app:2.0")
        assert wanted == [None, *(references.destination(text) for text in texts)]


async def test_an_image_that_does_not_verify_is_not_fetched_and_the_form_says_why() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.pulled = access_samples.NOT_PULLED
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert screen.query_one("#verdict", Words).plain.startswith("✗ REVOKED")
        assert screen.query_one("#result", Words).plain.startswith("nothing was fetched")


async def test_what_nobody_vouches_for_is_pinned_from_the_pull_itself() -> None:
    lobby = FakeLobby(samples.CHOICE)
    verdict = replace(samples.VERIFICATION, verdict="UNPINNED", exit_code=14, vouchers=())
    lobby.services.access.pulled = PullView(verification=verdict)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        await pilot.press("ctrl+y")
        await settled(pilot)
        assert app.screen is screen, "nothing was judged yet"
        await pilot.press("ctrl+g")
        await settled(pilot)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert lobby.services.images.calls("propose_pin") == [Pin(name=samples.NAME, genesis=GENESIS)]
        assert lobby.services.images.calls("pin") == [samples.PIN]
        assert "pinned" in screen.query_one("#said", Words).plain


async def test_a_pull_shows_how_far_it_is_and_ends_where_a_person_wants_that() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "6.0 MB of 12.0 MB" in screen.query_one("#progress", Words).plain)
        assert "████████████░" in screen.query_one("#progress", Words).plain
        assert app.status.progress is None, "the line of all screens tells of the index alone"
        assert screen.query_one("#go", Button).disabled
        await pilot.press("f4")
        await settled(pilot)
        assert "stopped" in screen.query_one("#said", Words).plain
        assert not screen.query_one("#go", Button).disabled
        assert not screen.query_one("#running").display
        lobby.services.access.waiting = None
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert screen.result is not None


async def test_locking_ends_a_pull() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(lobby.services.access.calls("pull")))
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await settled(pilot)
        assert screen._stop.is_set()
        assert lobby.services.closed


async def test_the_wallet_s_own_words_open_what_it_sealed_after_its_password() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        screen.query_one("#own-words", Checkbox).toggle()
        await pilot.press("ctrl+g")
        await gives_password(pilot, "wrong password")
        assert "the password is wrong" in app.screen.query_one("#said", Words).plain
        assert app.screen.query_one("#password", Input).value == ""
        await gives_password(pilot)
        assert app.screen is screen
        pulled = lobby.services.access.calls("pull")[0]
        assert isinstance(pulled, tuple)
        _, opened = pulled
        assert isinstance(opened, OpenSecrets)
        assert "secrets" not in repr(opened)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, WithKeys))
        await pilot.press("escape")
        await settled(pilot)
        assert len(lobby.services.access.calls("pull")) == 1, "without a password nothing is opened"


async def test_a_registry_without_answer_is_said_and_the_form_stays() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.fail("pull", RegistryUnavailableError("no answer from registry.example", hint="is it up?"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await pull_form(pilot)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "no answer from registry.example - is it up?" in screen.query_one("#said", Words).plain
        assert "! registry: no answer" in words_on(pilot)
        assert not screen.query_one("#go", Button).disabled


async def seal_form(pilot: Pilot[None]) -> SealForm:
    await unlocked(pilot)
    pilot.app.screen.post_message(Opened(genesis=samples.GENESIS))
    await until(pilot, lambda: isinstance(pilot.app.screen, RepositoryScreen))
    await settled(pilot)
    await pilot.press("e")
    await until(pilot, lambda: isinstance(pilot.app.screen, SealForm))
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SealForm)
    return screen


async def test_an_image_is_encrypted_first_and_then_reviewed_and_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    access, drafts = lobby.services.access, lobby.services.drafts
    access.sealed = replace(access_samples.SEALED, notes=("it has a sealed form already",))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await seal_form(pilot)
        assert screen.query_one("#image", Field).value == "1.1", "the line under the cursor"
        await fill(pilot, generation="256")
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert app.screen is screen
        assert "1 to 255" in screen.query_one("#generation", Field).note
        await fill(pilot, generation="2", layout="oci:/srv/app:1.1", key_out="/srv/key.pem", rate="2")
        await pilot.press("ctrl+g")
        assert drafts.calls("draft") == []
        await gives_password(pilot)
        ask = Seal(
            genesis=parse_txid(samples.GENESIS),
            name=samples.NAME,
            tag=parse_tag("1.1"),
            layout=layout_of("oci:/srv/app:1.1"),
            generation=2,
            key_out=Path("/srv/key.pem"),
            rate="2",
        )
        assert access.calls("seal")[0][0] == ask  # type: ignore[index]
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog), "the review")
        assert drafts.calls("draft") == [RecordSeal(sealing=ask, form=access.sealed)]
        assert any("sealed form already" in notice.message for notice in app._notifications)
        app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, RepositoryScreen), "sent, so the form is gone"


async def test_encrypting_can_be_ended_and_nothing_is_drafted() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await seal_form(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, WithKeys))
        app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until(pilot, lambda: "encrypting" in screen.query_one("#progress", Words).plain)
        screen.query_one("#cancel", Button).press()
        await settled(pilot)
        assert "stopped" in screen.query_one("#said", Words).plain
        assert lobby.services.drafts.calls("draft") == []


async def test_a_release_can_be_sealed_at_once() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        await unlocked(pilot)
        screen = ReleaseForm(lobby.services, samples.GENESIS, samples.NAME)
        app.push_screen(screen)
        await settled(pilot)
        await fill(pilot, tags="2.0 latest", build="oci:/srv/app:2.0")
        screen.query_one("#sealed", Checkbox).toggle()
        await pilot.press("ctrl+g")
        await gives_password(pilot)
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog), "the review")
        release = Release(
            genesis=parse_txid(samples.GENESIS),
            name=samples.NAME,
            tags=tags_of("2.0 latest"),
            built=(layout_of("oci:/srv/app:2.0"),),
        )
        assert lobby.services.drafts.calls("draft") == [
            RecordSeal(sealing=ReleaseSealed(release=release), form=access_samples.SEALED)
        ]


async def test_another_image_than_the_marked_one_is_meant_by_its_name_alone() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await pull_form(pilot)
        await fill(pilot, reference=f"{samples.OTHER_NAME}:1.0")
        assert screen.request().image == Verify(reference=references.reference(f"{samples.OTHER_NAME}:1.0"))


async def test_a_login_shows_what_the_gate_learns_before_the_password_is_given() -> None:
    lobby = FakeLobby(samples.CHOICE)
    drafts = lobby.services.drafts
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        assert drafts.calls("draft") == [Login(genesis=GENESIS, name=samples.NAME)]
        assert f"at the gate {access_samples.GATE}" in app.screen.query_one("#heading", Words).plain
        about = app.screen.query_one("#draft", Words).plain
        assert "2 scripts of yours" in about
        assert "docker, podman and skopeo" in about
        assert "names another gate, and is left out" in about
        await pilot.press("escape")
        await settled(pilot)
        assert drafts.calls("send") == []
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await settled(pilot)
        assert drafts.calls("send") == [0], "no transaction, so no fee"
        told = [notice.message for notice in app._notifications]
        assert any("signed: 1 login" in text for text in told)
        assert any("logged in at" in text for text in told)
        assert any("config.json knows it now" in text for text in told)
        assert len(lobby.services.access.calls("held")) == 2, "the list is read again"


async def test_why_there_is_no_login_is_told() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fail("draft", StateError("it names no gate", hint="open images need no login"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        await pilot.press("l")
        await settled(pilot)
        assert isinstance(app.screen, AccessScreen)
        assert any("it names no gate" in notice.message for notice in app._notifications)


async def test_a_login_is_ended_after_a_yes() -> None:
    lobby = FakeLobby(samples.CHOICE)
    access = lobby.services.access
    access.view = replace(access_samples.ACCESS, logins=(access_samples.LOGIN,))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        assert "1 login at gates" in words_on(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        assert "/home/you/.docker/config.json" in words_on(pilot)
        await pilot.click("#no")
        assert access.calls("log_out") == []
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert access.calls("log_out") == [access_samples.LOGIN.session]


async def test_of_several_logins_one_is_chosen() -> None:
    lobby = FakeLobby(samples.CHOICE)
    access = lobby.services.access
    other = replace(access_samples.LOGIN, host="other.example", session="03" + "5e" * 32, over=True)
    access.view = replace(access_samples.ACCESS, logins=(access_samples.LOGIN, other))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await at_access(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, Choice))
        await settled(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert access.calls("log_out") == [other.session], "that one alone"


async def test_a_view_that_cannot_be_had_leaves_the_screen_as_it_was() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.access.fail("held", ImageError("the chain is another one"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at_access(pilot)
        assert screen.query_one("#held", Listing).items == ()
        assert any("the chain is another one" in notice.message for notice in app._notifications)
