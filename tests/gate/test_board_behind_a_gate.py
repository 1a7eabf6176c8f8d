"""Whoever has no access yet sees what is for sale; only the owner writes it."""

import pytest

from assets.errors import UnauthorizedError
from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.services.market.boards import read_board
from tests.assets.index.signing_party import Signer
from tests.gate.closed import ClosedWorld
from wallet.amount import Sats
from wallet.hashes import outpoint_text
from wallet.keys.message import sign_message
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]


def _listing(closed: ClosedWorld) -> Ask:
    """An access unit of somebody's, for sale."""
    holder = Signer("holder who sells")
    coin = closed.grant(closed.app, holder)
    ask = Ask(
        network=REGTEST.genesis,
        challenge=None,
        genesis=closed.app.txid,
        sells=Sells.ACCESS,
        coins=(OfferedCoin(outpoint=coin.outpoint, quantity=1, value=Sats(coin.value)),),
        price=Sats(5_000),
        pay_to=holder.script,
        expires=closed.node.height() + 100,
        terms=None,
        gate=None,
        bids_to=None,
    )
    return ask.signed(sign_message(ask.text, holder.key.secret))


def test_strangers_read_the_board_of_a_gated_repository_and_cannot_write_it(closed: ClosedWorld) -> None:
    name = closed.app.name
    closed.publish_definitions()
    ask = _listing(closed)
    place, document = f"{name}/dockchains", Board.of([ask]).serialize()
    with closed.client(None) as stranger:
        with pytest.raises(UnauthorizedError):
            stranger.push_artifact(place, BOARD_TAG, BOARD_TYPE, document, {})
        assert read_board(name, stranger).asks == ()
    with closed.client(closed.owner(closed.app)) as owner:
        owner.push_artifact(place, BOARD_TAG, BOARD_TYPE, document, {})
    with closed.client(None) as stranger:
        with pytest.raises(UnauthorizedError):
            stranger.fetch_artifact(name, BOARD_TAG, BOARD_TYPE, 1 << 20)
        assert read_board(name, stranger).asks == (ask,)
    seen = closed.ground.person("buyer without access").run("market", "offers", name, "--json").document
    assert [(one["id"], one["refusal"], one["where"]) for one in seen["offers"]] == [
        (ask.id.hex(), "", f"{name}:dockchains-asks")
    ]
    assert seen["offers"][0]["coins"] == [outpoint_text(ask.outpoints[0])]
