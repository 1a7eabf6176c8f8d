"""A repository with sealed images is sold: its secret changes hands after the sale, encrypted, and no earlier."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assets.images.canonical import encode
from assets.images.verdict import Verdict
from regtest.image import BuiltImage, build_image
from tests.attacks.ground import Ground
from tests.market.traders import Market, Trader, new_trader
from tests.regtest.people import KeepsKeys, password

pytestmark = [pytest.mark.node, pytest.mark.registry]
PLATFORMS = ("linux/arm64",)


@dataclass(frozen=True, slots=True)
class Sold:
    """A repository with two sealed releases, in the hands of its buyer; what the commands said on the way."""

    market: Market
    buyer: Trader
    folder: Path
    images: tuple[BuiltImage, ...]
    forms: tuple[str, ...]
    bought: dict[str, Any]
    bid: Path
    sale: str
    early: str
    undone: str
    due: dict[str, Any]
    handed: dict[str, Any]
    before: str
    taken: dict[str, Any]

    @property
    def seller(self) -> Trader:
        return self.market.seller

    @property
    def name(self) -> str:
        return self.market.name

    def seal(self, trader: Trader, tag: str) -> tuple[BuiltImage, dict[str, Any]]:
        """An image, released and sealed by whoever owns the repository, in a block."""
        return sealed(self.market, trader, self.folder, tag)

    def pull(self, trader: Trader, image: str, to: Path, *, expect: int = 0) -> str:
        """What somebody with the words of their own gets of a sealed image."""
        said = trader.person.run(
            "image", "pull", image, *password(trader.person), "--to", f"oci:{to}", "--network", "regtest",
            "--allow", "unpinned,superseded", expect=expect,
        )  # fmt: skip
        return said.stdout.strip() if expect == 0 else said.stderr

    def paper(self, content: bytes) -> Path:
        """A file in the buyer's home."""
        path = self.buyer.person.home / f"paper-{len(list(self.buyer.person.home.glob('paper-*')))}"
        path.write_bytes(content)
        return path


def sealed(market: Market, trader: Trader, folder: Path, tag: str) -> tuple[BuiltImage, dict[str, Any]]:
    built = build_image(folder / f"image-{tag}", tag=tag, text=f"sealed {tag}", platforms=PLATFORMS)
    answer = trader.signs(
        "image", "release", f"{market.name}:{tag}", "--sealed", "--layout", f"oci:{built.layout}:{tag}"
    )
    market.mine()
    return built, answer


@pytest.fixture(scope="module")
def sold(ground: Ground, regtest_folder: Path) -> Sold:
    seller = new_trader(ground, "seller")
    market = Market(ground=ground, seller=seller, name=seller.issue("acme/box"))
    folder = regtest_folder / "built"
    made = [sealed(market, seller, folder, tag) for tag in ("1.0", "2.0")]
    buyer = market.buyer("buyer")
    listing = market.listing(seller, market.name, "--title", "--price", "0.01")
    bid = buyer.person.home / "bid"
    bought = buyer.signs("market", "buy", str(listing), "--name", market.name, "--out", str(bid))
    sale = str(seller.signs("market", "accept", str(bid))["txid"])
    early = seller.refuses("market", "accept", "--hand-secret", sale).stderr
    market.mine()
    ground.node.reorg(1, confirm=False)
    undone = seller.refuses("market", "accept", "--hand-secret", sale).stderr
    market.mine()
    traders = {"seller": seller, "buyer": buyer}
    due = {who: one.person.run("market", "offers", "--json").document["secrets_due"] for who, one in traders.items()}
    handed = seller.signs("market", "accept", "--hand-secret", sale)
    name = f"{market.name}@{made[0][1]['ciphertext']}"
    before = buyer.person.run(
        "image", "pull", name, *password(buyer.person), "--to", f"oci:{folder}/no", "--network", "regtest",
        "--allow", "unpinned", expect=3,
    ).stderr  # fmt: skip
    document = buyer.person.home / "secret"
    document.write_text(handed["document"] + "\n")
    taken = buyer.signs("market", "buy", "--take-secret", str(document))
    return Sold(
        market=market,
        buyer=buyer,
        folder=folder,
        images=tuple(built for built, _ in made),
        forms=tuple(answer["ciphertext"] for _, answer in made),
        bought=bought,
        bid=bid,
        sale=sale,
        early=early,
        undone=undone,
        due=due,
        handed=handed,
        before=before,
        taken=taken,
    )


def test_a_bid_for_a_sealed_repository_names_a_key_and_says_what_depends_on_it(sold: Sold) -> None:
    bid = json.loads(sold.bid.read_bytes())["bid"]
    assert bid["secret_to"]["crv"] == "P-256"
    assert sold.handed["secret_to"] == sold.bought["secret_to"]
    assert sold.handed["sealed_forms"] == 2


def test_the_checklist_of_a_purchase_says_what_a_buyer_of_sealed_images_depends_on(sold: Sold) -> None:
    listing = sold.market.listing(sold.buyer, sold.name, "--title", "--price", "0.02")
    other = sold.market.buyer("looker")
    shown = other.person.run("market", "buy", str(listing), "--dry-run", "--json").document
    assert shown["wants_secret"]
    assert shown["report"]["sealed"] >= 2
    assert any("nothing on the chain forces that" in line for line in shown["report"]["checklist"])
    without = other.person.run("market", "buy", str(listing), "--no-secret", "--dry-run", "--json").document
    assert not without["wants_secret"]


def test_a_transfer_warns_that_the_secret_does_not_go_along(sold: Sold) -> None:
    address = sold.seller.person.run("wallet", "receive", "--units", "--json").document["address"]
    said = sold.buyer.person.run("image", "transfer", sold.name, address, "--dry-run")
    assert "which a transfer does not hand over" in said.stdout


def test_offers_say_what_a_buyer_depends_on_and_which_secrets_are_due(sold: Sold) -> None:
    assert [(one["txid"], one["mine"]) for one in sold.due["seller"]] == [(sold.sale, True)]
    assert [(one["txid"], one["mine"]) for one in sold.due["buyer"]] == [(sold.sale, False)]
    for trader in (sold.seller, sold.buyer):
        assert trader.person.run("market", "offers", "--json").document["secrets_due"] == []
    listing = sold.market.listing(sold.buyer, sold.name, "--title", "--price", "0.03")
    said = sold.seller.person.run("market", "offers", sold.name, "--from", str(listing), "--json")
    (sealed,) = said.document["sealed_forms"].values()
    assert sealed >= 2
    assert "nothing on the chain forces that" in said.stderr


def test_the_secret_is_not_handed_over_before_the_sale_has_its_confirmations(sold: Sold) -> None:
    assert f"the sale {sold.sale} has 0 of 1 confirmations" in sold.early


def test_the_secret_is_not_handed_over_while_a_reorganisation_has_undone_the_sale(sold: Sold) -> None:
    assert f"the sale {sold.sale} has 0 of 1 confirmations" in sold.undone


def test_the_document_holds_no_secret_in_the_clear(sold: Sold) -> None:
    assert sold.handed["document"].count(".") == 4
    assert len(sold.handed["secrets"]) == 1
    assert sold.taken["secrets"] == sold.handed["secrets"]


def test_the_buyer_opens_the_old_images_once_the_secret_is_there(sold: Sold, tmp_path: Path) -> None:
    assert "is sealed, and there is no key for it here" in sold.before
    assert set(sold.taken["opens"]) == set(sold.forms)
    assert sold.taken["closed"] == []
    for number, (image, form) in enumerate(zip(sold.images, sold.forms, strict=True)):
        opened = sold.pull(sold.buyer, f"{sold.name}@{form}", tmp_path / str(number))
        assert opened == f"{sold.name}@{image.digest}"


def test_what_the_new_owner_seals_is_under_a_secret_that_the_old_one_does_not_have(sold: Sold, tmp_path: Path) -> None:
    image, answer = sold.seal(sold.buyer, "3.0")
    assert answer["secret"] not in sold.handed["secrets"]
    assert sold.pull(sold.buyer, f"{sold.name}:3.0", tmp_path / "mine") == f"{sold.name}@{image.digest}"
    refused = sold.pull(sold.seller, f"{sold.name}:3.0", tmp_path / "theirs", expect=3)
    assert "is sealed, and there is no key for it here" in refused
    opened = sold.pull(sold.seller, f"{sold.name}@{sold.forms[0]}", tmp_path / "kept")
    assert opened == f"{sold.name}@{sold.images[0].digest}"


def test_a_tampered_document_is_refused(sold: Sold) -> None:
    parts = sold.handed["document"].split(".")
    changed = ("A" if parts[3][0] != "A" else "B") + parts[3][1:]
    document = ".".join((*parts[:3], changed, parts[4]))
    refused = sold.buyer.refuses("market", "buy", "--take-secret", str(sold.paper(document.encode())))
    assert "no key of this wallet opens it" in refused.stderr


@pytest.mark.parametrize("content", [b"hello\xff", b"eyJhbGciOiJub25lIn0.a.b.c.d"], ids=["no text", "no key"])
def test_what_is_no_such_document_is_refused(sold: Sold, content: bytes) -> None:
    refused = sold.buyer.refuses("market", "buy", "--take-secret", str(sold.paper(content)))
    assert refused.stderr.startswith("error: ")
    assert "\n  " in refused.stderr


def test_a_secret_for_somebody_else_is_refused(sold: Sold) -> None:
    paper = str(sold.paper(sold.handed["document"].encode()))
    assert "no key of this wallet opens it" in sold.seller.refuses("market", "buy", "--take-secret", paper).stderr


def test_a_bid_whose_key_was_exchanged_gets_nothing(sold: Sold) -> None:
    package = json.loads(sold.bid.read_bytes())
    generator = {
        "crv": "P-256",
        "kty": "EC",
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    }
    package["bid"]["secret_to"] = generator
    forged = str(sold.paper(encode(package)))
    refused = sold.seller.refuses("market", "accept", "--hand-secret", sold.sale, forged)
    assert "refused (bid's signature)" in refused.stderr
    assert "must be signed by" in refused.stderr


def test_a_bid_of_another_sale_and_an_unknown_sale_are_told(sold: Sold) -> None:
    other = "ab" * 32
    refused = sold.seller.refuses("market", "accept", "--hand-secret", other, str(sold.bid))
    assert f"the bid is for {sold.sale}, and {other} is meant" in refused.stderr
    assert "this wallet has no bid for" in sold.seller.refuses("market", "accept", "--hand-secret", other).stderr
    not_mine = sold.buyer.refuses("market", "accept", "--hand-secret", sold.sale, str(sold.bid))
    assert "was not this wallet's before" in not_mine.stderr


def test_the_bid_from_a_file_serves_as_well_as_the_one_that_was_kept(sold: Sold) -> None:
    out = sold.seller.person.home / "secret-again"
    said = sold.seller.signs("market", "accept", "--hand-secret", sold.sale, str(sold.bid), "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert said["secrets"] == sold.handed["secrets"]
    assert said["document"] != sold.handed["document"]
    again = sold.buyer.signs("market", "buy", "--take-secret", str(out), "--dry-run")
    assert (again["secrets"], again["kept"]) == (sold.handed["secrets"], False)


def test_a_restore_from_words_takes_the_document_in_again_and_one_from_a_backup_has_it(
    sold: Sold, tmp_path: Path
) -> None:
    backup = sold.buyer.person.home / f"backup-{tmp_path.name}"
    assert sold.buyer.person.run("wallet", "backup", str(backup), "--json").document["secrets"] == 1
    words = Trader(person=sold.market.ground.person("from words", houses=KeepsKeys), ground=sold.market.ground)
    told = words.person.run(
        "wallet", "restore", "--words-file", str(sold.buyer.person.home / "words"), *password(words.person)
    )
    assert told.code == 0
    form = f"{sold.name}@{sold.forms[1]}"
    assert "there is no key for it here" in sold.pull(words, form, tmp_path / "no", expect=3)
    document = str(sold.paper(sold.handed["document"].encode()))
    assert set(words.signs("market", "buy", "--take-secret", document)["opens"]) >= set(sold.forms)
    assert sold.pull(words, form, tmp_path / "words") == f"{sold.name}@{sold.images[1].digest}"
    other = Trader(person=sold.market.ground.person("from backup", houses=KeepsKeys), ground=sold.market.ground)
    other.person.run("wallet", "restore", "--backup", str(backup), *password(other.person))
    assert sold.pull(other, form, tmp_path / "backup") == f"{sold.name}@{sold.images[1].digest}"


def test_what_was_bound_before_the_sale_still_verifies_for_who_accepts_the_new_owner(sold: Sold) -> None:
    looker = sold.market.ground.person("looks on", houses=KeepsKeys)
    answer = looker.run(
        "image", "verify", f"{sold.name}:1.0", "--allow", "unpinned", "--network", "regtest", "--json",
        expect=int(Verdict.VERIFIED),
    ).document  # fmt: skip
    assert answer["digest"] == sold.forms[0]
