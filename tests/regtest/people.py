"""Owners who type commands over the years: wallets, repositories, releases, and machines that are lost."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from bitcoin.core import CTxOut

from assets.images.digest import Digest
from assets.services.wallets.unlocking import Unlocked
from regtest.node import Node
from tests.assets.registry.images import image, push_image
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tui.bootstrap import House
from wallet.coins import AccountKind
from wallet.hashes import outpoint_text
from wallet.psbt import finalize, to_psbt
from wallet.signer import WalletSigner
from wallet.transactions import Prevout, UnsignedTransaction, assemble

PASSWORD = "only for the tests"


def password(person: Person) -> tuple[str, str]:
    """The option that gives a person's password."""
    file = person.home / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(PASSWORD)
    return "--password-file", str(file)


class KeepsKeys(House):
    """A house that opens each keystore once in a whole run: deriving its key takes long, and is tried elsewhere."""

    opened: ClassVar[dict[Path, WalletSigner]] = {}
    whole: ClassVar[dict[Path, Unlocked]] = {}

    def signer(self, password: str) -> WalletSigner:
        """The wallet's keys."""
        path = self.wallet_paths.keystore
        if path not in self.opened:
            self.opened[path] = super().signer(password)
        return self.opened[path]

    def unlocked(self, password: str) -> Unlocked:
        """The wallet's keys and secrets."""
        path = self.wallet_paths.keystore
        if path not in self.whole:
            self.whole[path] = super().unlocked(password)
        return self.whole[path]


def spend_plainly(person: Person, outpoint: str) -> None:
    """What another program would do with a coloured coin: pay it away without a marker. It is in a block then."""
    with person.house() as house:
        session = house.session()
        coin = next(one for one in session.coins.coins() if outpoint_text(one.outpoint) == outpoint)
        target = session.account.script(replace(coin.path, account=AccountKind.BTC))
        prevouts = [Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)]
        fee = next(
            one
            for one in session.coins.coins()
            if one.path.account is AccountKind.BTC and one.height is not None and one.value > 10_000
        )
        prevouts.append(Prevout(outpoint=fee.outpoint, txout=fee.txout, path=fee.path))
        away = CTxOut(coin.value + fee.value - 2_000, target)
        inputs = tuple((one.outpoint, 0xFFFFFFFD) for one in prevouts)
        unsigned = UnsignedTransaction(tx=assemble(inputs, (away,)), prevouts=tuple(prevouts))
        tx = finalize(house.signer(PASSWORD).sign(to_psbt(unsigned, session.account)))
        house.database.close()
    person.node.rpc("sendrawtransaction", tx.serialize().hex())
    person.node.mine()


def with_wallet(ground: Ground, name: str, *, sats: int = 0, houses: type[House] = House) -> Person:
    """Somebody with a new wallet, and `sats` in a block."""
    person = ground.person(name, houses=houses)
    asked(person, "wallet", "create", *password(person), "--words-out", str(person.home / "words"), "--yes")
    if sats:
        ground.node.fund(asked(person, "wallet", "receive")["address"], sats)
        ground.node.mine()
    return person


def asked(person: Person, *arguments: str, expect: int = 0) -> dict[str, Any]:
    """What a command answers to a program."""
    return person.run(*arguments, "--json", expect=expect).document


def spent(person: Person, *arguments: str) -> dict[str, Any]:
    """What a command answers that signs without asking."""
    return asked(person, *arguments, *password(person), "--yes")


def issued(ground: Ground, person: Person, path: str) -> str:
    """The name of a repository that the person issued, in a block and published."""
    name = ground.name(path)
    spent(person, "image", "issue", name)
    ground.node.mine()
    return name


def released(ground: Ground, person: Person, name: str, *tags: str, seed: str = "") -> Digest:
    """The digest that the person bound to tags; it waits in the mempool."""
    one = image(seed or f"{name} {tags}")
    for tag in tags:
        push_image(ground.client, name, one, tag)
    spent(person, "image", "release", f"{name}:{','.join(tags)}", "--digest", str(one.digest))
    return one.digest


def forgotten(node: Node, fingerprint: str) -> None:
    """The node forgets that it ever watched a wallet, as a node that never did."""
    name = f"dockchains-regtest-{fingerprint}"
    node.rpc("unloadwallet", name, False)
    shutil.rmtree(Path(node.datadir) / "regtest" / "wallets" / name)
