"""People who sell and buy by typed commands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher
from tests.regtest.people import KeepsKeys, with_wallet

FUNDS = 5_000_000

Trader = Publisher
"""Somebody with a wallet, and some bitcoin in it."""


def new_trader(ground: Ground, name: str, *, coins: int = 1) -> Trader:
    """Somebody new with a funded wallet, whose keystore is opened once; FUNDS in each of `coins` coins."""
    person = with_wallet(ground, name, houses=KeepsKeys)
    for _ in range(coins):
        ground.node.fund(person.run("wallet", "receive", "--json").document["address"], FUNDS)
    ground.node.mine()
    return Trader(person=person, ground=ground)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A node, a registry, a seller with a repository in a block, and as many buyers as a test wants."""

    ground: Ground
    seller: Trader
    name: str

    def buyer(self, name: str) -> Trader:
        """Somebody new with a funded wallet."""
        return new_trader(self.ground, name)

    def mine(self, count: int = 1) -> None:
        """Blocks with what waits."""
        self.ground.node.mine(count)

    def lots(self, copies: int, price: str = "0.0005", *options: str) -> list[dict[str, Any]]:
        """The seller makes and lists lots, in a block; the asks."""
        sold = self.seller.signs(
            "market", "sell", self.name, "--access", "--copies", str(copies), "--price", price, *options
        )
        self.mine()
        asks = sold["asks"]
        assert isinstance(asks, list)
        return asks

    def listing(self, trader: Trader, *options: str) -> Path:
        """A listing in a file."""
        path = trader.person.home / f"listing-{len(list(trader.person.home.glob('listing-*')))}"
        trader.signs("market", "sell", *options, "--out", str(path))
        return path

    def bid(self, buyer: Trader, listing: Path | str, *options: str) -> Path:
        """A bid in a file."""
        path = buyer.person.home / f"bid-{len(list(buyer.person.home.glob('bid-*')))}"
        buyer.signs("market", "buy", str(listing), "--out", str(path), *options)
        return path

    def units(self, trader: Trader) -> tuple[int, bool]:
        """Access units of the repository that somebody holds, and whether the title too."""
        balance = trader.person.run("wallet", "balance", "--json").document
        found = [one for one in balance["units"] if one["name"] == self.name]
        return (found[0]["access_units"], found[0]["title"]) if found else (0, False)


def new_market(ground: Ground, path: str) -> Market:
    """A seller with a repository."""
    seller = new_trader(ground, f"seller of {path.replace('/', ' ')}")
    return Market(ground=ground, seller=seller, name=seller.issue(path))
