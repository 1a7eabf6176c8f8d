"""A wallet that only watches is never asked for a password: there is nothing that one could open."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tui.cli.call import Call
from wallet.errors import KeystoreError
from wallet.remedies import WalletRemedy
from wallet.store.keystore_file import require_keys, watch_only_path


@pytest.fixture
def call(tmp_path: Path) -> Any:
    """A command on a wallet without keys, with a terminal that must not be used."""
    keystore = tmp_path / "keystore"
    watch_only_path(keystore).touch()
    house = SimpleNamespace(
        wallet_paths=SimpleNamespace(name="watching"),
        require_keys=lambda: require_keys(keystore),
        signer=None,
        unlocked=None,
    )
    return SimpleNamespace(house=house, terminal=None)


@pytest.mark.parametrize(
    "opening",
    [
        lambda call: Call.keys(call, None, None)(),
        lambda call: Call.keys(call, None, None).secrets(),
    ],
    ids=["what signs", "secrets"],
)
def test_that_the_keys_are_elsewhere_is_said_before_a_password_is_asked_for(
    call: Any, opening: Callable[[Any], object]
) -> None:
    with pytest.raises(KeystoreError, match="only watches: its keys are elsewhere") as refused:
        opening(call)
    assert refused.value.advice == WalletRemedy.SIGN_ELSEWHERE.of()
