"""Texts that a person signs, and those that only this program's own formats do."""

import pytest

from assets.remedies import ImageRemedy
from assets.services.wallets.messages import sign_text
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.signer import SoftwareSigner

SIGNER = SoftwareSigner(PrivateKeychain(bytes(range(32)), REGTEST), REGTEST)
PATH = KeyPath(AccountKind.UNITS, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "dockchains login 1\nnetwork: 00",
        "dockchains ask 1\n",
        "dockchains bid 1\n",
        "dockchains statement 1\n",
        "dockchains pull 1\ngate",
        "dockchains",
        "DockChains\tlogin",
        "\n  dockchains ask 1",
        "\ufeffdockchains ask 1",
        "\u200bdockchains ask 1",
        "dockchains\u00a0ask 1",
    ],
    ids=ascii,
)
def test_what_could_be_taken_for_one_of_our_formats_is_not_signed(text: str) -> None:
    with pytest.raises(EncodingError, match="is a login, a listing, a bid or a statement of this program") as refused:
        sign_text(text, PATH, SIGNER)
    assert refused.value.advice == "nothing was signed; " + ImageRemedy.SIGN_BY_COMMAND.of()


@pytest.mark.parametrize("text", ["", "I hold this address", "about dockchains login 1", "dockchains.example is mine"])
def test_every_other_text_is_signed(text: str) -> None:
    assert sign_text(text, PATH, SIGNER) == SIGNER.sign_message(text, PATH)
