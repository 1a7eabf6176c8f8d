"""A node, a registry, an owner and a buyer, whose commands can be killed at their writes: where deeds are done.

The wallets live on through all cases of a process, as a person's does through everything that happens to it.
"""

import json
import sqlite3
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assets.images.digest import Digest
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from regtest.node import Node
from regtest.registry import Registry
from tests.assets.registry.images import image, push_image
from tests.campaign.faults import KILL, Done, Driver, Place

RATE = ("--fee-rate", "2")
FUNDS = 5_000_000
PASSWORD = "only for the campaign"
OWNER, BUYER = "owner", "buyer"

_GROWING = ("/manifests/", "/definitions/", "/images/", "/log")
"""Names that grow with every case, as they should."""


@dataclass(slots=True)
class DeedGround:
    """Use it in a `with`. `folder` is empty, and outlives it."""

    folder: Path
    node: Node = field(init=False)
    registry: Registry = field(init=False)
    driver: Driver = field(init=False)
    client: RegistryClient = field(init=False)

    def __enter__(self) -> Self:
        self.node = Node(self.folder / "node")
        self.registry = Registry(self.folder / "registry")
        jobs = self.folder / "jobs"
        for folder in (jobs, self.root, self.root / "out"):
            folder.mkdir(mode=0o700)
        self.node.start()
        self.registry.start()
        self.driver = Driver(jobs, whole=True).__enter__()
        self.client = RegistryClient(CredentialFinder.nowhere())
        secret = self.root / "password"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD, encoding="utf-8")
        self.node.mine(101)
        for who in (OWNER, BUYER):
            (self.root / who).mkdir(mode=0o700)
            self.signs(who, "wallet", "create", "--words-out", str(self.root / f"{who}.words"))
        self.fund(OWNER, 12)
        self.fund(BUYER, 6)
        for who in (OWNER, BUYER):
            self.signs(who, "wallet", "send", str(self.node.miner("getnewaddress")), "0.0002", *RATE)
            self.asks(who, "chain", "sync")
        self.node.mine()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.driver.__exit__()
        self.client.close()
        self.registry.stop()
        self.node.stop()

    @property
    def root(self) -> Path:
        """What is counted: both homes, and a folder beside them for what commands write elsewhere."""
        return self.folder / "people"

    @property
    def secret(self) -> tuple[str, ...]:
        """Options of every command that signs."""
        return ("--password-file", str(self.root / "password"), "--yes")

    def home(self, who: str) -> Path:
        """Somebody's `DOCKCHAINS_HOME`."""
        return self.root / who / "dockchains"

    def out(self, name: str) -> Path:
        """A file beside the homes."""
        return self.root / "out" / name

    def name(self, path: str) -> str:
        """The canonical name of a repository in the registry."""
        return f"{self.registry.host}/{path}"

    # Commands

    def run(self, who: str, *job: str, at: int = 0, kind: int = KILL) -> Done:
        """A command, perhaps with a fault at one of its writes."""
        settings = {
            "HOME": str(self.root / who),
            "DOCKCHAINS_HOME": str(self.home(who)),
            "DOCKCHAINS_NODE_URL": self.node.url,
            "DOCKCHAINS_NODE_COOKIE": str(self.node.cookie),
        }
        return self.driver.run(Place(self.root), (*job, "--json"), at=at, kind=kind, settings=settings)

    def asks(self, who: str, *job: str) -> dict[str, Any]:
        """What a command answers that must work."""
        done = self.run(who, *job)
        assert done.code == 0, f"{who}: {job} ended with {done.code}: {done.said[-2_000:]}"
        answer: dict[str, Any] = json.loads(done.answer)
        return answer

    def signs(self, who: str, *job: str) -> dict[str, Any]:
        """What a command answers that signs, and must work."""
        return self.asks(who, *job, *self.secret)

    def unit_address(self, who: str) -> str:
        """Where somebody takes units."""
        return str(self.asks(who, "wallet", "receive", "--units")["address"])

    def fund(self, who: str, coins: int) -> None:
        """So many coins in a block."""
        for _ in range(coins):
            self.node.fund(self.asks(who, "wallet", "receive")["address"], FUNDS)
        self.node.mine()

    def push(self, name: str, tag: str, seed: str) -> Digest:
        """An image of one platform."""
        return push_image(self.client, name, image(seed), tag)

    # What is there

    def waiting(self) -> set[str]:
        """The mempool."""
        return set(self.node.rpc("getrawmempool"))

    def outputs(self) -> list[tuple[bytes, int]]:
        """Script and sats of every output in the mempool."""
        found = [self.node.rpc("getrawtransaction", txid, True)["vout"] for txid in self.waiting()]
        return [
            (bytes.fromhex(one["scriptPubKey"]["hex"]), int(Decimal(one["value"]) * 100_000_000))
            for outputs in found
            for one in outputs
        ]

    def records(self, needle: bytes) -> int:
        """How many outputs in the mempool carry data with these bytes."""
        return sum(script[:1] == b"\x6a" and needle in script for script, _ in self.outputs())

    def paid(self, address: str) -> int:
        """Sats that the mempool pays to an address."""
        script = bytes.fromhex(self.node.rpc("validateaddress", address)["scriptPubKey"])
        return sum(sats for one, sats in self.outputs() if one == script)

    def files(self) -> dict[str, str]:
        """Every file and folder of both homes with its mode, but for what grows with every case."""
        found = {}
        for who in (OWNER, BUYER):
            base = self.home(who)
            for path in base.rglob("*"):
                name = f"{who}/{path.relative_to(base)}"
                if any(part in name for part in _GROWING) or name.endswith(("-wal", "-shm", "-journal")):
                    continue
                found[name] = f"{stat.S_IMODE(path.lstat().st_mode):o}"
        return found

    @staticmethod
    def of_anybody(files: Mapping[str, str]) -> dict[str, str]:
        """The same, whoever's home it is: what one has, another may get."""
        return {name.partition("/")[2]: mode for name, mode in files.items()}

    def open_to_others(self) -> list[str]:
        """Files of the homes that somebody else could read. What is handed over elsewhere has modes of its own."""
        paths = [path for who in (OWNER, BUYER) for path in self.home(who).rglob("*") if not path.is_symlink()]
        return [str(path) for path in paths if path.lstat().st_mode & 0o077]

    def compared_with_new(self) -> list[str]:
        """How the wallets and indexes differ from new ones, made of the words and the chain alone."""
        wrong = []
        for who in (OWNER, BUYER):
            new = f"{who} anew"
            (self.root / new).mkdir(mode=0o700)
            words = ("--words-file", str(self.root / f"{who}.words"))
            self.asks(new, "wallet", "restore", *words, "--birth-height", "0", *self.secret[:2])
            self.asks(who, "chain", "sync")
            self.asks(new, "chain", "sync")
            for asked in (("wallet", "coins"), ("wallet", "balance"), ("image", "list")):
                one, other = (_lines(self.asks(name, *asked)) for name in (who, new))
                if one != other:
                    said = f"says beside what a new wallet says {one - other}, and not {other - one}"
                    wrong.append(f"{who}: `{' '.join(asked)}` {said}")
            if _rows(self.home(who)) != _rows(self.home(new)):
                wrong.append(f"{who}: the index is another than one that was made at once")
        return wrong


def _lines(answer: Mapping[str, Any]) -> set[str]:
    """Each thing in the answer's lists, and each word, as text.

    Without what no chain says: labels, what is held for listings and bids, what only a document could tell.
    """
    plain = json.loads(json.dumps(answer), object_hook=_plain)
    return {
        f"{key}: {json.dumps(one, sort_keys=True)}"
        for key, value in plain.items()
        for one in (value if isinstance(value, list) else [value])
    }


def _plain(pairs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in pairs.items() if key not in _PRIVATE}


_PRIVATE = frozenset({"name", "label", "reserved", "spendable", "state", "because", "unsure"})


def _rows(home: Path) -> list[str]:
    connection = sqlite3.connect(home / "regtest" / "index.db")
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()
