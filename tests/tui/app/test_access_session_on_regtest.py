"""A closed image by keys alone: a real node, a gate, a registry that asks it; skopeo and command line are the judges.

The owner seals a release, pulls it with her own words, gives access away. The holder is refused, logs in, pulls, logs
out; the owner revokes, and he is refused again. Then drafts go to a cold key and back, texts are signed, and the
wallet gets another password.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Input, RadioButton, TextArea

from regtest.gated import GatedRegistry, environment_of, skopeo_of
from regtest.harness import Harness
from regtest.image import BuiltImage, build_image
from regtest.party import Party
from tests.tui.app import samples
from tests.tui.app.driving import settled, until
from tui.app.app import DockchainsApp
from tui.app.backend.lobby import HouseLobby
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.leaving import LeaveForCold
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.screens.access import AccessScreen
from tui.app.screens.access_gate import GateForm
from tui.app.screens.access_pull import PullForm
from tui.app.screens.backup import BackupForm
from tui.app.screens.cold import ColdScreen
from tui.app.screens.messages_signed import MessagesScreen
from tui.app.screens.new_password import NewPasswordForm
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.page import Page
from tui.app.screens.release import ReleaseForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.send import SendScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.paths import Paths
from tui.settings import load

PASSWORD = "only for the harness"
NEW_PASSWORD = "another one for the harness"
pytestmark = [pytest.mark.node, pytest.mark.registry]


class Person:
    """Somebody with a wallet, in front of the app."""

    def __init__(self, pilot: Pilot[None], harness: Harness, party: Party) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.harness = harness
        self.party = party

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await settled(self.pilot)

    async def types(self, name: str, text: str) -> None:
        """Into a field."""
        self.app.screen.query_one(f"#{name}", Field).focus_input()
        await self.pilot.pause()
        self.app.screen.focused.value = text  # type: ignore[union-attr]
        await self.pilot.pause()

    async def presses(self, button: str) -> None:
        """A button."""
        self.app.screen.query_one(f"#{button}", Button).press()
        await settled(self.pilot)

    async def sees(self, kind: type[Any]) -> Any:
        """The screen of this kind."""
        await until(self.pilot, lambda: isinstance(self.app.screen, kind), kind.__name__)
        await settled(self.pilot)
        return self.app.screen

    async def gives_password(self, kind: type[Any], password: str = PASSWORD) -> None:
        """In a dialog of this kind, which ends."""
        dialog = await self.sees(kind)
        dialog.query_one("#password", Input).value = password
        await self.press("enter")
        await until(self.pilot, lambda: self.app.screen is not dialog, f"{kind.__name__} ends")
        await settled(self.pilot)

    async def goes(self, key: str) -> Any:
        """To a place, from wherever."""
        while len(self.app.screen_stack) > 1:
            await self.press("escape")
        await self.press("escape", key)
        return self.app.screen

    async def block(self) -> None:
        """A block that the app has noticed."""
        self.harness.node.mine(1)
        height = self.harness.node.rpc("getblockcount")
        self.app._look_at_chain()  # type: ignore[attr-defined]
        await until(
            self.pilot,
            lambda: self.app.status.chain is not None and self.app.status.chain.index_height == height,  # type: ignore[attr-defined]
            f"the index at block {height}",
        )
        await settled(self.pilot)

    async def opens(self) -> RepositoryScreen:
        """The only repository of the list."""
        await self.goes("2")
        await until(self.pilot, lambda: bool(self.app.screen.query_one(Listing).items))
        self.app.screen.query_one(Listing).focus()
        await self.press("enter")
        screen: RepositoryScreen = await self.sees(RepositoryScreen)
        await until(self.pilot, lambda: screen.detail is not None)
        return screen

    async def pulls(self, reference: str, folder: Path, *, own_words: bool = False) -> PullForm:
        """Into a layout, from the access place."""
        await self.goes("9")
        await self.sees(AccessScreen)
        await self.press("p")
        form: PullForm = await self.sees(PullForm)
        await self.types("reference", reference)
        list(form.query(RadioButton))[1].toggle()
        await self.pilot.pause()
        await self.types("where", f"{folder}:1.0")
        if own_words:
            form.query_one("#own-words", Checkbox).toggle()
        await self.press("ctrl+g")
        if own_words:
            await self.gives_password(WithKeys)
        await until(self.pilot, lambda: not form._busy, "the pull ends")
        await settled(self.pilot)
        return form


class Table:
    """The world of this test."""

    def __init__(self, harness: Harness, place: GatedRegistry, tmp_path: Path) -> None:
        self.harness = harness
        self.place = place
        self.owner, self.holder = harness.party("keys owner"), harness.party("keys holder")
        self.name = f"{place.host}/acme/closed"
        self.image: BuiltImage = build_image(tmp_path / "image", tag="1.0", text="for holders")

    def password(self, party: Party) -> tuple[str, str]:
        return ("--password-file", str(party.secret("password", PASSWORD)))

    def open_wallets(self) -> None:
        """Two wallets with money, made at the command line."""
        for party in (self.owner, self.holder):
            words = str(party.home / "words")
            party.json("wallet", "create", *self.password(party), "--words-out", words, "--yes")
            self.harness.node.fund(party.json("wallet", "receive")["address"], 2_000_000)
        self.harness.node.mine(1)

    def issue(self) -> None:
        """A repository whose definition names the gate, which then starts."""
        owner, secret = self.owner, self.password(self.owner)
        owner.json("image", "issue", self.name, "--gate", self.place.origin, "--no-publish", *secret, "--yes")
        self.harness.node.mine(1)
        genesis = owner.json("image", "list")["repositories"][0]["genesis"]
        owner.json("image", "pin", self.name, "--genesis", genesis, "--yes")
        owner.json("access", "export-gate", str(self.place.bundle), "--origin", self.place.origin, *secret)
        self.place.start()


def app_for(party: Party, monkeypatch: pytest.MonkeyPatch) -> DockchainsApp:
    """The app of this party; its home, settings and programs are this process's from now on."""
    for name, value in {**party.settings, "HOME": str(party.home), "PATH": environment_of(party)["PATH"]}.items():
        monkeypatch.setenv(name, value)
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    paths = Paths.of(os.environ)
    return DockchainsApp(HouseLobby(load({}, os.environ, paths.settings_file), paths), poll=3_600, idle_lock=3_600)


async def unlock(person: Person, password: str = PASSWORD) -> None:
    await person.sees(UnlockScreen)
    person.app.screen.query_one("#password", Input).value = password
    await person.press("enter")
    await person.sees(OverviewScreen)
    await until(person.pilot, lambda: person.app.status.chain is not None)  # type: ignore[attr-defined]


def digest_in(layout: Path) -> str:
    return str(json.loads((layout / "index.json").read_text(encoding="utf-8"))["manifests"][0]["digest"])


async def test_a_closed_image_from_the_seal_to_the_revocation(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GatedRegistry(harness.folder / "keys closed", harness.party("keys gate")) as place:
        table = Table(harness, place, tmp_path)
        table.open_wallets()
        table.issue()
        app = app_for(table.owner, monkeypatch)
        async with app.run_test(size=(100, 34)) as pilot:
            owner = Person(pilot, harness, table.owner)
            await unlock(owner)
            await log_in(owner)
            table.owner.json("image", "publish", table.name)
            await release_sealed(owner, table)
            await owner.block()
            form = await owner.pulls(f"{table.name}:1.0", tmp_path / "own", own_words=True)
            assert form.result is not None, form.query_one("#said", Words).plain
            assert form.result.opened
            assert digest_in(tmp_path / "own") == table.image.digest
            await grant(owner, table)
            await owner.block()
            await give_keys_to_gate(owner, table)
        app = app_for(table.holder, monkeypatch)
        async with app.run_test(size=(100, 34)) as pilot:
            holder = Person(pilot, harness, table.holder)
            await unlock(holder)
            await holder_pulls(holder, table, tmp_path)
        app = app_for(table.owner, monkeypatch)
        async with app.run_test(size=(100, 34)) as pilot:
            owner = Person(pilot, harness, table.owner)
            await unlock(owner)
            screen = await owner.opens()
            screen.query_one("#releases", Listing).focus()
            await owner.press("v", "ctrl+g")
            await owner.gives_password(ReviewDialog)
            await owner.block()
        app = app_for(table.holder, monkeypatch)
        async with app.run_test(size=(100, 34)) as pilot:
            holder = Person(pilot, harness, table.holder)
            await unlock(holder)
            form = await holder.pulls(f"{table.name}:1.0", tmp_path / "revoked")
            assert form.query_one("#verdict", Words).plain.startswith("✗ REVOKED")
            assert not (tmp_path / "revoked").exists()
            await log_out(holder)
        assert not (table.holder.home / ".docker" / "config.json").exists()


async def log_in(person: Person) -> None:
    """By the only line of the access place."""
    await person.goes("9")
    screen = await person.sees(AccessScreen)
    await until(person.pilot, lambda: bool(screen.query_one("#held", Listing).items))
    await person.press("l")
    await person.gives_password(WithKeys)
    await until(person.pilot, lambda: "✓" in screen.query_one("#held", Listing).texts()[0], "logged in")


async def release_sealed(owner: Person, table: Table) -> None:
    """Tag and layout typed, sealed ticked; the password before encrypting and before signing."""
    await owner.opens()
    await owner.press("n")
    form = await owner.sees(ReleaseForm)
    await owner.types("tags", "1.0")
    await owner.types("build", f"oci:{table.image.layout}:{table.image.tag}")
    form.query_one("#sealed", Checkbox).toggle()
    await owner.press("ctrl+g")
    await owner.gives_password(WithKeys)
    await owner.gives_password(ReviewDialog)
    screen = await owner.sees(RepositoryScreen)
    assert any("1.0" in line for line in screen.query_one("#releases", Listing).texts())


async def grant(owner: Person, table: Table) -> None:
    """One unit, from the access place."""
    address = str(table.holder.json("wallet", "receive", "--units")["address"])
    await owner.goes("9")
    screen = await owner.sees(AccessScreen)
    await until(owner.pilot, lambda: bool(screen.query_one("#held", Listing).items))
    screen.query_one("#held", Listing).focus()
    await owner.press("a")
    await owner.types("share", f"{address} 1")
    await owner.press("ctrl+g")
    await owner.gives_password(ReviewDialog)


async def give_keys_to_gate(owner: Person, table: Table) -> None:
    """The gate's file again, now with the key of what was sealed; the gate starts from it."""
    await owner.goes("9")
    await owner.sees(AccessScreen)
    await owner.press("g")
    form: GateForm = await owner.sees(GateForm)
    await owner.types("file", str(table.place.bundle))
    form.query_one("#keep", Checkbox).toggle()
    await owner.press("ctrl+g")
    await owner.gives_password(WithKeys)
    result = form.query_one("#result", Words)
    await until(owner.pilot, lambda: bool(result.plain), "the file is written")
    assert "1 repository and 1 key of sealed images" in result.plain
    table.place.start_gate()


async def holder_pulls(holder: Person, table: Table, tmp_path: Path) -> None:
    """Refused by the registry; logged in, pinned, pulled; skopeo pulls by the same login."""
    await holder.goes("9")
    screen = await holder.sees(AccessScreen)
    await until(holder.pilot, lambda: bool(screen.query_one("#held", Listing).items))
    assert screen.view.held[0].units == 1
    assert skopeo(table, table.holder, tmp_path / "refused").code == 1
    await log_in(holder)
    assert screen.view.held[0].gate == table.place.origin
    assert screen.view.held[0].sealed == 1
    assert skopeo(table, table.holder, tmp_path / "copied").code == 0
    table.holder.json("image", "pin", table.name, "--yes")
    form = await holder.pulls(f"{table.name}:1.0", tmp_path / "held")
    assert form.result is not None, form.query_one("#said", Words).plain
    assert form.query_one("#verdict", Words).plain.startswith("✓ VERIFIED")
    assert form.result.opened
    assert digest_in(tmp_path / "held") == table.image.digest
    access = await holder.goes("9")
    await until(holder.pilot, lambda: bool(access.view.kept), "what was pulled is listed")


async def log_out(person: Person) -> None:
    """Everything of the login is taken back."""
    screen = await person.goes("9")
    await until(person.pilot, lambda: bool(screen.view.logins))
    await person.press("o")
    await person.sees(YesNo)
    await person.pilot.click("#yes")
    await until(person.pilot, lambda: not screen.view.logins, "logged out")


def skopeo(table: Table, party: Party, folder: Path) -> Any:
    """Unmodified skopeo, with the party's logins."""
    return skopeo_of(
        party, "copy", "--all", "--src-tls-verify=false", f"docker://{table.name}:1.0", f"oci:{folder}:1.0"
    )


async def test_keys_sign_for_others_and_for_drafts_that_were_left(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = harness.party("keys alone")
    secret = ("--password-file", str(party.secret("password", PASSWORD)))
    card = party.json("wallet", "create", *secret, "--words-out", str(party.home / "words"), "--yes")
    address = party.json("wallet", "receive")["address"]
    harness.node.fund(address, 3_000_000)
    harness.node.mine(1)
    app = app_for(party, monkeypatch)
    async with app.run_test(size=(100, 34)) as pilot:
        person = Person(pilot, harness, party)
        await unlock(person)
        left = await leave_a_payment(person, tmp_path)
        await sign_and_send(person, left, tmp_path)
        signature = await sign_text(person, address)
        await person.goes("0")
        await person.press("b")
        await person.sees(BackupForm)
        await person.types("file", str(tmp_path / "wallet.backup"))
        await person.press("ctrl+g")
        await until(pilot, (tmp_path / "wallet.backup").exists, "the backup")
        await change_password(person)
        await person.press("f9")
        await unlock(person, NEW_PASSWORD)
    assert "valid" in party.run("wallet", "verify-message", address, signature, "one\ntwo").stdout
    restored = harness.party("keys restored")
    told = restored.json(
        "wallet", "restore", "--backup", str(tmp_path / "wallet.backup"),
        "--password-file", str(restored.secret("password", PASSWORD)),
    )  # fmt: skip
    assert told["fingerprint"] == card["fingerprint"], "the backup opens with the older password"


async def leave_a_payment(person: Person, tmp_path: Path) -> Path:
    """A draft goes into a file; nothing is sent."""
    file = tmp_path / "payment.psbt"
    await person.goes("7")
    await person.sees(SendScreen)
    await person.types("to", samples.ADDRESS)
    await person.types("amount", "0.01")
    await person.press("ctrl+g")
    await person.sees(ReviewDialog)
    await person.press("ctrl+l")
    await person.sees(LeaveForCold)
    await person.types("file", str(file))
    await person.press("enter")
    await until(person.pilot, file.exists, "the file")
    await person.press("enter")
    await until(person.pilot, lambda: isinstance(person.app.screen, Page))
    assert person.harness.node.rpc("getrawmempool") == []
    return file


async def sign_and_send(person: Person, file: Path, tmp_path: Path) -> None:
    """Signed where the keys are, saved, brought back, sent without a password."""
    await person.goes("0")
    await person.press("g")
    screen: ColdScreen = await person.sees(ColdScreen)
    assert len(screen.query_one("#waiting", Listing).items) == 1
    await person.types("file", str(file))
    await person.press("enter")
    await until(person.pilot, lambda: screen.seen is not None, "the PSBT is read")
    await person.presses("sign")
    await person.gives_password(WithKeys)
    assert screen.signed is not None
    assert screen.signed.complete
    await person.presses("save")
    await person.types("line", str(tmp_path / "signed.psbt"))
    await person.press("enter")
    await until(person.pilot, (tmp_path / "signed.psbt").exists, "the signed file")
    await person.types("file", str(tmp_path / "signed.psbt"))
    await person.press("enter")
    await until(person.pilot, lambda: screen.seen is not None, "the signed PSBT is read")
    await person.presses("send")
    review: ReviewDialog = await person.sees(ReviewDialog)
    assert not review.query_one("#password").display
    await person.presses("sign")
    await until(person.pilot, lambda: not isinstance(person.app.screen, ReviewDialog), "sent")
    assert person.harness.node.rpc("getrawmempool") == [review.review.drafts[0].txid]
    await until(person.pilot, lambda: not screen.query_one("#waiting", Listing).items, "none waits")
    await person.block()


async def sign_text(person: Person, address: str) -> str:
    """A text of two lines."""
    await person.goes("0")
    await person.press("m")
    screen: MessagesScreen = await person.sees(MessagesScreen)
    await person.types("address", address)
    screen.query_one("#text", TextArea).text = "one\ntwo"
    await person.press("ctrl+g")
    await person.gives_password(WithKeys)
    await until(person.pilot, lambda: bool(screen.signature), "the signature")
    return screen.signature


async def change_password(person: Person) -> None:
    """The present one is asked for."""
    await person.goes("0")
    await person.press("p")
    await person.sees(NewPasswordForm)
    await person.types("password", NEW_PASSWORD)
    await person.types("again", NEW_PASSWORD)
    await person.press("ctrl+g")
    await person.gives_password(WithKeys)
