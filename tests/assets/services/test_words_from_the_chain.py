"""What a transaction was for, told from the chain alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets.images.digest import Digest
from assets.services.chain.chain_words import words_of_units
from tests.assets.index.harness import out, spend
from tests.assets.services.image_world import World
from tests.builders import marker, pay, script
from wallet.hashes import Txid

DIGEST = Digest.of(b"an image")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty chain, an empty registry."""
    made = World(tmp_path)
    yield made
    made.store.close()


def told(world: World, *names: str) -> list[str]:
    """What somebody with these keys is told, oldest first."""
    world.catch_up()
    with world.store.snapshot() as reader:
        words = words_of_units(reader, [bytes(script(name)) for name in names])
    heights = {txid: found.block.height for txid in words if (found := world.chain.transaction(txid)) and found.block}
    return [words[txid] for txid in sorted(words, key=lambda txid: heights[Txid(txid)])]


def test_an_owner_is_told_each_record_and_the_new_owner_what_came(world: World) -> None:
    app = world.publish()
    acts: list[Callable[[], object]] = [
        lambda: app.release(DIGEST, "1.0"),
        lambda: app.release(DIGEST, "1.0", final=True),
        lambda: app.revoke(DIGEST),
        lambda: app.rename("registry.example/new/name"),
        lambda: app.act(b"no record"),
        lambda: app.hand_over("next"),
        lambda: app.release(DIGEST, "2.0"),
        app.burn,
    ]
    for act in acts:
        act()
        world.chain.mine()
    records = ["issue", "release", "release", "revoke", "define", "title moved"]
    assert told(world, "owner") == [*records, "transfer"]
    assert told(world, "next") == ["title received", "release", "title lost"]
    assert told(world, "owner", "next") == [*records, "title moved", "release", "title lost"]
    assert told(world, "stranger") == []


def test_units_are_given_received_moved_and_ended(world: World) -> None:
    app = world.publish()
    outputs = [marker([5, 999_995]), pay("holder", 330), pay("owner", 330), pay("change")]
    grant = spend([out(app.genesis, 1)], outputs)
    world.chain.mine(grant)
    moved = spend([out(grant, 1)], [marker([5]), pay("holder's other", 330)])
    world.chain.mine(moved)
    world.chain.mine(spend([out(moved, 1)], [marker([]), pay("holder", 330)]))
    assert told(world, "owner") == ["issue", "grant"]
    assert told(world, "holder", "holder's other") == ["units received", "units moved", "units ended"]
    assert told(world, "holder") == ["units received", "grant"]
