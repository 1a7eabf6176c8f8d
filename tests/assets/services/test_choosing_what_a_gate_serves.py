"""Which pins go into a gate's bundle, and what its publisher is told."""

import pytest
from bitcoin.core.script import CScript

from assets.errors import ImageError, TrustError
from assets.images.pin import Pin, Pins
from assets.remedies import ImageRemedy
from assets.services.access.gate_exporting import _about_gate, chosen_pins, new_gate_key
from tests.assets.images.lineage import Lineage
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid
from wallet.network import REGTEST


def pin(name: str) -> Pin:
    """A pin of some genesis."""
    return Pin(
        name=name,
        network=REGTEST.genesis,
        genesis=Txid(bytes(32)),
        owners=(CScript(b"\x00\x14" + bytes(20)),),
        height=1,
        block=BlockHash(bytes(32)),
    )


HERE = Pins(pins=(pin("registry.example/a"), pin("registry.example/b")))
BOTH = HERE.with_pin(pin("other.example/c"))


def names(pins: Pins, registry: str | None = None, *wanted: str) -> list[str]:
    """The chosen ones."""
    return [one.name for one in chosen_pins(pins, registry=registry, names=wanted)]


def test_all_of_one_registry_or_those_that_are_named() -> None:
    assert names(HERE) == ["registry.example/a", "registry.example/b"]
    assert names(HERE, None, "registry.example/b") == ["registry.example/b"]
    assert names(BOTH, "other.example") == ["other.example/c"]
    assert names(BOTH, None, "registry.example/a") == ["registry.example/a"]


def test_a_gate_serves_one_registry() -> None:
    with pytest.raises(EncodingError, match=r"2 registries: other.example, registry.example") as caught:
        names(BOTH)
    assert caught.value.advice == ImageRemedy.ONE_REGISTRY.of()


@pytest.mark.parametrize(
    ("pins", "registry", "wanted", "why"),
    [
        (Pins(), None, (), "nothing is pinned"),
        (HERE, "other.example", (), "nothing is pinned at other.example"),
        (HERE, None, ("registry.example/c",), "registry.example/c is not pinned"),
        (BOTH, "other.example", ("registry.example/a",), "nothing is pinned at other.example"),
    ],
)
def test_what_is_not_pinned_is_not_served(pins: Pins, registry: str | None, wanted: tuple[str, ...], why: str) -> None:
    with pytest.raises(TrustError, match=why):
        names(pins, registry, *wanted)


def test_each_gate_has_a_key_of_its_own_and_a_certificate_that_lasts() -> None:
    first, second = new_gate_key(1_700_000_000), new_gate_key(1_700_000_000)
    assert first.key != second.key
    made = first.parsed_certificate
    assert made.not_valid_before_utc.timestamp() == 1_700_000_000 - 86_400
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days == 3650


def test_a_definition_that_does_not_name_this_gate_is_told() -> None:
    state, here = Lineage().state(), "https://gate.example"

    def told(gate: str | None) -> str:
        return " ".join(map(str, _about_gate("registry.example/a", here, state, lambda name, state: gate)))

    def unreadable(name: str, state: object) -> str | None:
        raise ImageError("the definition is nowhere")

    assert told(here) == ""
    assert "everybody may pull it" in told(None)
    assert "https://other.example, where its holders log in" in told("https://other.example")
    assert "it is closed" in _about_gate("registry.example/a", here, state, unreadable)[0]
