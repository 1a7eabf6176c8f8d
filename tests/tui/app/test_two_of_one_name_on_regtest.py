"""T21 to T23 at the keys of the app, on a real node: what is on the screen is what is acted on, bound, and told."""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from bitcoin.core import CTransaction
from textual.widgets import Button, Checkbox, Input

from assets.images.digest import Digest
from assets.images.record import RevokeReason
from assets.images.tag import parse_tag
from regtest.harness import Harness
from regtest.image import build_image, push
from regtest.party import Party
from tests.tui.app.access_samples import SEALED
from tests.tui.app.driving import settled, until, words_on
from tests.tui.app.sessions import PASSWORD, Person, at_the_keys, password_of, wallet_of
from tui.app.app import DockchainsApp
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.unfinished import Unfinished
from tui.app.messages import Opened
from tui.app.screens.define import DefineForm
from tui.app.screens.hand_over import HandOverForm
from tui.app.screens.release import ReleaseForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.widgets.words import Words
from tui.verbs.access.requests import Grant
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.image.fields import digest_of, tags_of
from tui.verbs.image.requests import Define, HandOver, RecordSeal, Release, Revoke, Seal
from tui.verbs.market.requests import ExportShop, Recall, Sell, What
from tui.verbs.prepared import Prepared
from wallet.amount import Sats
from wallet.chain.bitcoind import Bitcoind
from wallet.hashes import Txid, parse_txid

pytestmark = [pytest.mark.node, pytest.mark.registry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The owner's repository, and one of the same name that a stranger gave the owner."""

    harness: Harness
    owner: Party
    stranger: Party
    name: str
    own: str
    given: str
    digest: str

    def owned(self) -> dict[str, bool]:
        """Whose the two are, by the command line."""
        return {one["genesis"]: one["owned"] for one in self.owner.json("image", "list")["repositories"]}

    def kinds(self, genesis: str) -> list[str]:
        """What counts in one of the two, by the command line."""
        records = self.owner.json("image", "history", "--genesis", genesis)["records"]
        return [one["kind"] for one in records if one["counts"]]

    def pushes(self, tag: str, text: str, folder: Path) -> str:
        """An image under a tag, as whoever may push can; its digest."""
        image = build_image(folder / text, tag=tag, text=text, platforms=("linux/arm64",))
        push(image, f"{self.name}:{tag}")
        return image.digest


def address_of(party: Party) -> str:
    """Where a wallet takes units."""
    return str(party.json("wallet", "receive", "--units")["address"])


@pytest.fixture(scope="module")
def twins(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """The owner has released `1.0`; the gift is in a block."""
    owner, stranger = wallet_of(harness, "owner", 3_000_000), wallet_of(harness, "stranger", 3_000_000)
    harness.node.mine(1)
    name = f"{harness.registry.host}/acme/twice"
    image = build_image(tmp_path_factory.mktemp("twins"), tag="1.0", text="one", platforms=("linux/arm64",))
    push(image, f"{name}:1.0")
    yes = (*password_of(owner), "--yes")
    own = str(owner.json("image", "issue", name, *yes)["genesis"])
    harness.node.mine(1)
    owner.json("image", "release", f"{name}:1.0", "--digest", image.digest, *yes)
    theirs = (*password_of(stranger), "--yes")
    given = str(stranger.json("image", "issue", name, "--no-publish", *theirs)["genesis"])
    harness.node.mine(1)
    stranger.json("image", "transfer", name, address_of(owner), *theirs)
    harness.node.mine(1)
    made = Twins(harness=harness, owner=owner, stranger=stranger, name=name, own=own, given=given, digest=image.digest)
    assert made.owned() == {own: True, given: True}
    return made


async def opens(person: Person, genesis: str) -> RepositoryScreen:
    """The screen of one of the two."""
    while len(person.app.screen_stack) > 1:
        await person.press("escape")
    person.app.post_message(Opened(genesis=genesis))
    screen: RepositoryScreen = await person.sees(RepositoryScreen)
    await until(person.pilot, lambda: screen.detail is not None, "the repository")
    assert screen.genesis == genesis
    return screen


async def test_t21_every_request_acts_on_the_repository_of_its_screen(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that an owner can ask, from both screens: what would be signed spends that repository's coins alone."""
    async with at_the_keys(twins.owner, harness, monkeypatch) as owner:
        await owner.unlocks()
        assert isinstance(owner.app, DockchainsApp)
        assert owner.app.services is not None
        drafts, market = owner.app.services.drafts, owner.app.services.market
        to = address_of(twins.stranger)
        for genesis, other in ((twins.own, twins.given), (twins.given, twins.own)):
            screen = await opens(owner, genesis)
            assert screen.detail is not None
            seen = screen.detail.repository.definition
            name, digest, nowhere = twins.name, Digest.parse(twins.digest), parse_txid("ab" * 32)
            asks: tuple[DeedRequest, ...] = (
                Revoke(genesis=parse_txid(genesis), name=name, digest=digest, rate="2"),
                HandOver(genesis=parse_txid(genesis), name=name, to=to, rate="2"),
                Grant(genesis=parse_txid(genesis), name=name, shares=(f"{to}=5",), rate="2"),
                Release(
                    genesis=parse_txid(genesis),
                    name=name,
                    tags=tags_of("1.0"),
                    built=(digest,),
                    final=True,
                    rate="2",
                ),
                Sell(genesis=parse_txid(genesis), name=name, what=What.TITLE, price=Sats(50_000_000)),
            )
            for ask in asks:
                prepared = drafts.draft(ask)
                assert isinstance(prepared, Prepared)
                review = prepared.review
                if isinstance(ask, Sell):
                    assert ("genesis", genesis) in review.facts
                    continue
                (draft,) = review.drafts
                assert draft.genesis == genesis
                colors = " ".join((*(one.color for one in draft.inputs), *(one.color for one in draft.outputs)))
                assert genesis in colors
                assert other not in colors
            assert market.stock(genesis, twins.name).genesis == genesis
            for wrong in (
                Define(seen=digest_of(f"sha256:{seen}"), issuer="Ltd", genesis=nowhere, name=twins.name),
                RecordSeal(sealing=Seal(tag=parse_tag("1.0"), genesis=nowhere, name=twins.name), form=SEALED),
                Recall(genesis=nowhere, name=twins.name),
                ExportShop(genesis=nowhere, name=twins.name, file=Path("/tmp/never.json")),
            ):
                with pytest.raises(Exception, match=r"not in the node's chain|not encrypted yet|no lot"):
                    drafts.draft(wrong)
        assert not harness.node.rpc("getrawmempool")
        with pytest.raises(Exception, match="fits 2 repositories"):
            owner.app.services.images.find(twins.name)


async def test_the_command_and_the_app_draft_the_same(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an owner's deed shows: transaction, effects, notes, warnings, to the letter."""
    name, genesis, digest, to = (
        twins.name,
        parse_txid(twins.own),
        Digest.parse(twins.digest),
        address_of(twins.stranger),
    )
    asks: dict[tuple[str, ...], DeedRequest] = {
        ("image", "revoke", f"{name}:1.0", "--reason", "broken"): Revoke(
            genesis=genesis, name=name, tag=parse_tag("1.0"), reason=RevokeReason.BROKEN, rate="2"
        ),
        ("image", "release", f"{name}:1.0", "--digest", twins.digest, "--final"): Release(
            genesis=genesis, name=name, tags=tags_of("1.0"), built=(digest,), final=True, rate="2"
        ),
        ("image", "define", name, "--issuer", "Acme Ltd"): Define(
            genesis=genesis, name=name, issuer="Acme Ltd", rate="2"
        ),
        ("image", "transfer", name, to): HandOver(genesis=genesis, name=name, to=to, rate="2"),
        ("access", "grant", name, f"{to}=5"): Grant(genesis=genesis, name=name, listed=f"{to} 5", rate="2"),
    }
    async with at_the_keys(twins.owner, harness, monkeypatch) as owner:
        await owner.unlocks()
        assert isinstance(owner.app, DockchainsApp)
        assert owner.app.services is not None
        for arguments, ask in asks.items():
            prepared = owner.app.services.drafts.draft(ask)
            assert isinstance(prepared, Prepared)
            told = twins.owner.json(*arguments, "--genesis", twins.own, "--fee-rate", "2", "--dry-run")["drafts"]
            assert told == json.loads(json.dumps([asdict(one) for one in prepared.review.drafts])), arguments
            assert prepared.review.may_wait, "both leave it for a cold key"


async def test_t21_the_gift_is_handed_on_and_the_owners_own_repository_stays(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = twins.kinds(twins.own)
    async with at_the_keys(twins.owner, harness, monkeypatch, size=(120, 40)) as owner:
        await owner.unlocks()
        await opens(owner, twins.given)
        await owner.press("h")
        await owner.sees(HandOverForm)
        await owner.types("to", address_of(twins.stranger))
        await owner.press("ctrl+g")
        dialog = await owner.sees(ReviewDialog)
        assert f"genesis {twins.given}" in words_on(owner.pilot), "in full, before the password is given"
        assert dialog.offered.review.drafts[0].genesis == twins.given
        await owner.gives_password(ReviewDialog)
        await owner.block()
    assert twins.owned() == {twins.own: True, twins.given: False}
    assert twins.kinds(twins.own) == before
    twins.stranger.json("image", "transfer", twins.name, address_of(twins.owner), *password_of(twins.stranger), "--yes")
    harness.node.mine(1)
    assert twins.owned() == {twins.own: True, twins.given: True}


async def test_t22_the_digest_that_was_shown_in_full_is_the_one_that_is_bound(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The registry moves the tag between the tick and the review."""
    shown = twins.pushes("2.0", "good", tmp_path)
    async with at_the_keys(twins.owner, harness, monkeypatch, size=(120, 40)) as owner:
        await owner.unlocks()
        await opens(owner, twins.own)
        await owner.press("n")
        form = await owner.sees(ReleaseForm)
        await owner.types("tags", "2.0")
        await until(owner.pilot, lambda: shown in form.query_one("#in-full", Words).plain, "the digest")
        form.query_one("#as-served", Checkbox).value = True
        await settled(owner.pilot)
        moved = twins.pushes("2.0", "evil", tmp_path)
        await owner.press("ctrl+g")
        await until(owner.pilot, lambda: "no transaction was made" in form.query_one("#said", Words).plain)
        said = form.query_one("#said", Words).plain
        assert shown in said
        assert moved in said
        assert owner.app.screen is form
        assert twins.pushes("2.0", "good", tmp_path / "again") == shown
        await owner.press("ctrl+g")
        dialog = await owner.sees(ReviewDialog)
        assert shown in dialog.offered.review.drafts[0].effects[0]
        twins.pushes("2.0", "worse", tmp_path)
        await owner.gives_password(ReviewDialog)
        await owner.block()
    tags = twins.owner.json("image", "show", "--genesis", twins.own)["tags"]
    assert {one["tag"]: one["digest"] for one in tags}["2.0"] == shown


async def test_t22_a_pin_and_a_definition_are_those_that_were_shown(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner changes both at another machine, between the look and the yes."""
    party, yes = twins.owner, (*password_of(twins.owner), "--yes")
    async with at_the_keys(party, harness, monkeypatch, size=(120, 40)) as owner:
        await owner.unlocks()
        screen = await opens(owner, twins.given)
        assert screen.detail is not None
        before = screen.detail.repository
        screen.propose(twins.name, genesis=twins.given)
        await owner.sees(YesNo)
        moved = party.json(
            "image", "transfer", twins.name, address_of(party), "--genesis", twins.given, "--no-treasury", *yes
        )
        harness.node.mine(1)
        assert moved["genesis"] == twins.given
        await owner.agrees()
        told = [one.message for one in owner.app._notifications]
        assert any("another pin than was shown" in text and before.owner in text for text in told), told
        assert not party.json("image", "pins")["pins"]
        screen = await opens(owner, twins.own)
        await owner.press("d")
        form = await owner.sees(DefineForm)
        party.json("image", "define", twins.name, "--description", "meanwhile", "--genesis", twins.own, *yes)
        await owner.types("issuer", "Mine Ltd")
        await owner.press("ctrl+g")
        await until(owner.pilot, lambda: "what was shown is" in form.query_one("#said", Words).plain)
        assert owner.app.screen is form
    harness.node.mine(1)


async def test_t23_leaving_while_the_node_is_asked_says_what_was_sent(
    twins: Twins, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer = threading.Event(), threading.Event()
    broadcast = Bitcoind.broadcast

    def slow(self: Bitcoind, tx: CTransaction) -> Txid:
        asked.set()
        assert answer.wait(30)
        return broadcast(self, tx)

    async with at_the_keys(twins.owner, harness, monkeypatch, size=(120, 40)) as owner:
        await owner.unlocks()
        await opens(owner, twins.own)
        await owner.press("h")
        await owner.sees(HandOverForm)
        await owner.types("to", address_of(twins.owner))
        await owner.press("ctrl+g")
        dialog = await owner.sees(ReviewDialog)
        monkeypatch.setattr(Bitcoind, "broadcast", slow)
        dialog.query_one("#password", Input).value = PASSWORD
        await owner.pilot.press("enter")
        await until(owner.pilot, asked.is_set, "it is signed, and on its way")
        await owner.pilot.press("ctrl+q")
        await until(owner.pilot, lambda: isinstance(owner.app.screen, Unfinished), "the question")
        question = owner.app.screen
        assert "no transaction was sent yet" in question.query_one("#sent", Words).plain
        question.query_one("#wait", Button).press()
        await until(owner.pilot, lambda: "waiting for the answer" in question.query_one("#sent", Words).plain)
        assert not owner.app._exit
        answer.set()
        await until(owner.pilot, lambda: owner.app._exit, "the end")
        (txid,) = harness.node.rpc("getrawmempool")
        assert [str(one) for one in owner.app._exit_renderables] == [f"sent: transfer {txid}"]
        owner.app._exit_renderables.clear()
    harness.node.mine(1)
    assert twins.owned()[twins.own]
