"""T22 at the command line: what was shown and said yes to is what is signed, whatever the registry serves then."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.attacks.ground import Ground
from tests.attacks.publisher import PASSWORD, Publisher, new_publisher
from tests.regtest.people import KeepsKeys
from tui.cli.terminal import Terminal
from wallet.hashes import parse_txid


@pytest.fixture(scope="module")
def owner(ground: Ground) -> Publisher:
    made = new_publisher(ground, "owner")
    return replace(made, person=replace(made.person, houses=KeepsKeys))


class Asked:
    """Somebody at a terminal, who says yes to everything; before the first answer something happens elsewhere."""

    def __init__(self, patch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
        self.questions: list[str] = []

        def confirm(_: Terminal, question: str, *, yes: bool) -> None:
            assert not yes
            self.questions.append(question)
            if len(self.questions) == 1:
                meanwhile()

        patch.setattr(Terminal, "interactive", True)
        patch.setattr(Terminal, "confirm", confirm)


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
def test_t22_a_registry_that_serves_another_image_after_the_yes_is_refused_with_both(
    ground: Ground, owner: Publisher, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    name = owner.issue(f"shown/{'sealed' if sealed else 'plain'}")
    shown = ground.push(name, "1.0", f"{name} good")
    moved: list[str] = []
    asked = Asked(monkeypatch, lambda: moved.append(str(ground.push(name, "1.0", f"{name} evil"))))
    options = ("--sealed",) if sealed else ()
    password = ("--password-file", str(owner.person.home / "password"))
    said = owner.person.run("image", "release", f"{name}:1.0", *options, *password, expect=3)
    asks = [f"Release {shown}?", "Encrypt and push this image?"]
    assert asked.questions == asks[: 1 + sealed], "the whole digest"
    assert f"the registry serves   {shown}" in said.stderr
    assert f"the registry serves {moved[0]} as {name}:1.0, and you release {shown}" in said.stderr
    assert not ground.node.rpc("getrawmempool")
    assert said.stdout == ""
    assert PASSWORD not in said.stderr


def test_t22_after_the_last_yes_the_registry_changes_nothing_any_more(
    ground: Ground, owner: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft is shown with its digest, and is what is signed."""
    name = owner.issue("shown/late")
    digest = str(ground.push(name, "1.0", f"{name} good"))
    asked = Asked(monkeypatch, lambda: ground.push(name, "1.0", f"{name} evil"))
    password = ("--password-file", str(owner.person.home / "password"))
    said = owner.person.run("image", "release", f"{name}:1.0", "--digest", digest, *password)
    assert len(asked.questions) == 1
    genesis = owner.person.run("image", "show", name, "--json").document["genesis"]
    assert f"repository: genesis {genesis}" in said.stderr
    assert digest in said.stderr
    ground.node.mine()
    tags = owner.person.run("image", "show", name, "--json").document["tags"]
    assert [one["digest"] for one in tags] == [digest]


def test_t22_a_pin_that_changed_since_it_was_shown_is_not_forgotten(
    ground: Ground, owner: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = owner.issue("shown/pin")
    person = owner.person
    first = person.pin(name)
    rival = str(new_publisher(ground, "rival").signs("image", "issue", name, "--no-publish")["genesis"])
    ground.node.mine()

    def repin() -> None:
        with person.house() as house:
            pins = house.pins.load()
            pin = pins.named(name)
            assert pin is not None
            house.pins.pin(replace(pin, genesis=parse_txid(rival)))

    asked = Asked(monkeypatch, repin)
    said = person.run("image", "unpin", name, expect=3).stderr
    assert len(asked.questions) == 1
    assert first in said
    assert rival in said
    with person.house() as house:
        assert house.pins.load().named(name) is not None
