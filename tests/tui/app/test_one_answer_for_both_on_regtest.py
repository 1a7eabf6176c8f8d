"""Reading, trusting and pulling images by a command and behind the app: one verb, so the same answer."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from regtest.node import Node
from regtest.registry import Registry
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher, new_publisher
from tui.app.house.services import HouseServices
from tui.app.views import WalletChoice
from tui.cli.remedies import words
from tui.verbs.image import references
from tui.verbs.image.reader_requests import Pin, Pull, Verify
from tui.verbs.progress import silent
from wallet.errors import StateError
from wallet.hashes import parse_txid

pytestmark = [pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def owner(bitcoin_node: Node, image_registry: Registry, regtest_folder: Path) -> Iterator[Publisher]:
    """Somebody with a wallet and some bitcoin."""
    bitcoin_node.mine(101)
    with RegistryClient(CredentialFinder.nowhere()) as client:
        ground = Ground(bitcoin_node, image_registry, client, regtest_folder)
        yield new_publisher(ground)
        ground.close()


@pytest.fixture(scope="module")
def services(owner: Publisher) -> Iterator[HouseServices]:
    """The same wallet behind the app."""
    with owner.person.house() as house:
        made = HouseServices(WalletChoice(network="regtest", name="default"), house)
        yield made
        made.close()


@pytest.fixture(scope="module")
def name(owner: Publisher) -> str:
    """A repository with a release in a block."""
    made = owner.issue("both/app")
    owner.release(made, "1.0")
    owner.ground.node.mine()
    return made


def told(owner: Publisher, *arguments: str, expect: int = 0) -> dict[str, Any]:
    """What the command answers to programs, without what changes from second to second."""
    return without_clock(owner.person.run(*arguments, "--json", expect=expect).document)


def seen(view: Any) -> dict[str, Any]:
    """What the app holds, as JSON has it."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(view)))
    return without_clock(document)


def without_clock(document: dict[str, Any]) -> dict[str, Any]:
    if document.get("tip"):
        document["tip"].pop("age")
    return document


def question(name: str, **more: Any) -> Verify:
    return Verify(reference=references.reference(f"{name}:1.0"), **more)


def test_a_verdict_and_the_pin_that_changes_it(owner: Publisher, services: HouseServices, name: str) -> None:
    images = services.images
    assert seen(images.verify(question(name), silent)) == told(owner, "image", "verify", f"{name}:1.0", expect=10)
    allowed = images.verify(question(name, allow=references.allowed("unpinned")), silent)
    assert seen(allowed) == told(owner, "image", "verify", f"{name}:1.0", "--allow", "unpinned")
    proposed = images.propose_pin(Pin(name=name))
    lines = owner.person.run("image", "pin", name, "--yes").stderr
    assert proposed.view.pin.genesis in lines
    assert all(words(warning) in lines for warning in proposed.view.warnings)
    assert [seen(images.pin(images.propose_pin(Pin(name=name))))] == told(owner, "image", "pins")["pins"]
    verdict = images.verify(question(name), silent)
    assert verdict.verdict == "VERIFIED"
    assert seen(verdict) == told(owner, "image", "verify", f"{name}:1.0")


def test_what_is_meant_vouches_for_nothing_and_refuses_another(services: HouseServices, name: str) -> None:
    genesis = parse_txid(services.images.find(name))
    before = services.images.verify(question(name), silent)
    assert seen(services.images.verify(question(name, meant=genesis), silent)) == seen(before)
    with pytest.raises(StateError, match="is meant is abab"):
        services.images.verify(question(name, meant=parse_txid("ab" * 32)), silent)


def test_a_repository_its_history_and_its_holders(owner: Publisher, services: HouseServices, name: str) -> None:
    images = services.images
    genesis = images.find(name)
    detail = images.repository(genesis)
    assert seen(detail.repository) == told(owner, "image", "show", "--genesis", genesis)
    assert seen(detail.lineage) == told(owner, "image", "history", name)
    assert seen(images.holders(genesis, silent)) == told(owner, "access", "holders", name)
    assert seen(images.repositories()) == told(owner, "image", "list")
    assert seen(services.chain.doctor())["checks"][0] == told(owner, "chain", "doctor")["checks"][0]


def test_an_image_that_is_pulled_kept_and_dropped(
    owner: Publisher, services: HouseServices, name: str, tmp_path: Path
) -> None:
    allow = references.allowed("unpinned")
    request = Pull(image=question(name, allow=allow), to=references.destination(f"oci:{tmp_path / 'app'}"))
    view = services.access.pull(request, None, silent, lambda: False)
    assert view.pulled is not None
    command = told(owner, "image", "pull", f"{name}:1.0", "--allow", "unpinned", "--to", f"oci:{tmp_path / 'command'}")
    mine = seen(view.pulled)
    assert mine.pop("key_file") == ""
    assert (mine.pop("to"), command.pop("to")) == (
        f"oci:{tmp_path / 'app'}:1.0",
        f"oci:{tmp_path / 'command'}:1.0",
    )
    assert mine == command
    (kept,) = services.access.held().kept
    would = told(owner, "image", "forget", f"{name}:1.0", "--dry-run")
    assert services.access.room(kept) == would["bytes"]
    assert services.access.forget(kept) == would["bytes"]
    assert services.access.held().kept == ()
    assert "is not kept here" in owner.person.refused("image", "forget", f"{name}:1.0")
