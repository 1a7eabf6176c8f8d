"""A publisher with a real wallet, who types real commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from assets.services.wallets.session import Session
from tests.attacks.ground import Ground
from tests.attacks.person import Person, Said
from wallet.hashes import display, parse_txid, txid_of
from wallet.signer import Signer

PASSWORD = "only for the tests"
FUNDS = 5_000_000


@dataclass(slots=True, kw_only=True)
class Publisher:
    """A person whose wallet was made and paid by commands alone."""

    person: Person
    ground: Ground
    _unlocked: Signer | None = None

    @property
    def _password(self) -> tuple[str, str]:
        return ("--password-file", str(self.person.home / "password"))

    def signs(self, *arguments: str) -> dict[str, Any]:
        """A command that signs, said yes to."""
        return self.person.run(*arguments, *self._password, "--yes", "--json").document

    def refuses(self, *arguments: str) -> Said:
        """A command that would sign and must not."""
        said = self.person.run(*arguments, *self._password, "--yes", expect=3)
        assert said.stdout == ""
        return said

    def issue(self, path: str) -> str:
        """A repository in a block; its name."""
        name = self.ground.name(path)
        self.signs("image", "issue", name)
        self.ground.node.mine()
        return name

    def release(self, name: str, tag: str) -> str:
        """Push an image and release it; it waits in the mempool. Its digest."""
        digest = str(self.ground.push(name, tag, f"{name} {tag}"))
        self.signs("image", "release", f"{name}:{tag}", "--digest", digest)
        return digest

    @contextmanager
    def session(self) -> Iterator[tuple[Session, Callable[[], Signer]]]:
        """The wallet and the node as commands have them, and the way to the keys, which are decrypted once."""
        with self.person.house() as house:
            try:
                self._unlocked = self._unlocked or house.signer(PASSWORD)
                keys = self._unlocked
                yield house.session(), lambda: keys
            finally:
                house.database.close()

    def what_is_there(self) -> tuple[object, ...]:
        """Everything that a refusal must leave as it is: what waits, every coin, and the journal."""
        waiting = sorted(self.ground.node.rpc("getrawmempool"))
        coins = self.person.run("wallet", "coins", "--json").stdout
        with self.session() as (session, _):
            journal = tuple((display(txid_of(entry.tx)), entry.state) for entry in session.journal.entries())
        return waiting, coins, journal


def new_publisher(ground: Ground, name: str = "publisher") -> Publisher:
    """Makes a wallet and pays it."""
    person = ground.person(name)
    secret = person.home / "password"
    secret.touch(mode=0o600)
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    made = Publisher(person=person, ground=ground)
    words = str(person.home / "words")
    made.signs("wallet", "create", "--words-out", words)
    address = person.run("wallet", "receive", "--json").document["address"]
    assert parse_txid(ground.node.fund(address, FUNDS))
    ground.node.mine()
    return made
