"""A closed image by keys alone: a real node, a gate, a registry that asks it; skopeo and command line are the judges.

The owner seals a release, pulls it with her own words, gives access away. The holder is refused, logs in, pulls; once
the release is revoked he is refused again, and logs out. Then drafts go to a cold key and back, texts are signed, and
the wallet gets another password.
"""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Checkbox, TextArea

from regtest.gated import GatedRegistry, skopeo_of
from regtest.harness import Harness
from regtest.image import BuiltImage, build_image
from regtest.party import Party
from tests.tui.app import samples
from tests.tui.app.driving import until
from tests.tui.app.sessions import Person, at_the_keys, digest_in, password_of, wallet_of
from tui.app.dialogs.leaving import LeaveForCold
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.screens.access import AccessScreen
from tui.app.screens.access_gate import GateForm
from tui.app.screens.backup import BackupForm
from tui.app.screens.cold import ColdScreen
from tui.app.screens.messages_signed import MessagesScreen
from tui.app.screens.new_password import NewPasswordForm
from tui.app.screens.page import Page
from tui.app.screens.release import ReleaseForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.send import SendScreen
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words

NEW_PASSWORD = "another one for the harness"
pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.long]


class Table:
    """The world of this test."""

    def __init__(self, harness: Harness, place: GatedRegistry, tmp_path: Path) -> None:
        self.harness = harness
        self.place = place
        self.owner = wallet_of(harness, "keys owner", 2_000_000)
        self.holder = wallet_of(harness, "keys holder", 2_000_000)
        harness.node.mine(1)
        self.name = f"{place.host}/acme/closed"
        self.image: BuiltImage = build_image(tmp_path / "image", tag="1.0", text="for holders")

    def issue(self) -> None:
        """A repository whose definition names the gate, which then starts."""
        owner, secret = self.owner, password_of(self.owner)
        owner.json("image", "issue", self.name, "--gate", self.place.origin, "--no-publish", *secret, "--yes")
        self.harness.node.mine(1)
        genesis = owner.json("image", "list")["repositories"][0]["genesis"]
        owner.json("image", "pin", self.name, "--genesis", genesis, "--yes")
        owner.json("access", "export-gate", str(self.place.bundle), "--origin", self.place.origin, *secret)
        self.place.start()


async def test_a_closed_image_from_the_seal_to_the_revocation(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GatedRegistry(harness.folder / "keys closed", harness.party("keys gate")) as place:
        table = Table(harness, place, tmp_path)
        table.issue()
        async with at_the_keys(table.owner, harness, monkeypatch) as owner:
            await owner.unlocks()
            await log_in(owner)
            table.owner.json("image", "publish", table.name)
            await release_sealed(owner, table)
            await owner.block()
            form = await owner.pulls(f"{table.name}:1.0", tmp_path / "own", own_words=True)
            assert form.result is not None, form.query_one("#said", Words).plain
            assert form.result.pulled is not None
            assert form.result.pulled.opened
            assert digest_in(tmp_path / "own") == table.image.digest
            await grant(owner, table)
            await owner.block()
            await give_keys_to_gate(owner, table)
        async with at_the_keys(table.holder, harness, monkeypatch) as holder:
            await holder.unlocks()
            await holder_pulls(holder, table, tmp_path)
            table.owner.json("image", "revoke", f"{table.name}:1.0", *password_of(table.owner), "--yes")
            await holder.block()
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
    await person.gives_password(ReviewDialog)
    await until(person.pilot, lambda: "✓" in screen.query_one("#held", Listing).texts()[0], "logged in")


async def release_sealed(owner: Person, table: Table) -> None:
    """Tag and layout typed, sealed ticked; the password before encrypting and before signing."""
    await owner.opens(table.name)
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
    assert form.result.pulled is not None
    assert form.result.pulled.opened
    assert digest_in(tmp_path / "held") == table.image.digest
    access = await holder.goes("9")
    await until(holder.pilot, lambda: bool(access.view.kept), "what was pulled is listed")


async def log_out(person: Person) -> None:
    """Everything of the login is taken back."""
    screen = await person.goes("9")
    await until(person.pilot, lambda: bool(screen.view.logins))
    await person.press("o")
    await person.agrees()
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
    card = party.json("wallet", "create", *password_of(party), "--words-out", str(party.home / "words"), "--yes")
    address = party.json("wallet", "receive")["address"]
    harness.node.fund(address, 3_000_000)
    harness.node.mine(1)
    async with at_the_keys(party, harness, monkeypatch) as person:
        await person.unlocks()
        left = await leave_a_payment(person, tmp_path)
        await sign_and_send(person, left, tmp_path)
        signature = await sign_text(person, address)
        await person.goes("0")
        await person.press("b")
        await person.sees(BackupForm)
        await person.types("file", str(tmp_path / "wallet.backup"))
        await person.press("ctrl+g")
        await until(person.pilot, (tmp_path / "wallet.backup").exists, "the backup")
        await change_password(person)
        await person.press("f9")
        await person.unlocks(NEW_PASSWORD)
    assert "valid" in party.run("wallet", "verify-message", address, signature, "one\ntwo").stdout
    restored = harness.party("keys restored")
    told = restored.json(
        "wallet", "restore", "--backup", str(tmp_path / "wallet.backup"),
        *password_of(restored),
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
    assert person.harness.node.rpc("getrawmempool") == [review.offered.review.drafts[0].txid]
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
