"""What a publisher exports for a gate: everything that it needs, nothing that moves or derives anything else."""

import base64
import json
import re
import stat
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bip32utils import BIP32Key

from assets.images.content_key import repository_secret
from assets.images.digest import Digest
from assets.images.gate_bundle import GateBundle
from regtest.harness import Harness
from regtest.image import build_image
from tests.attacks.person import Person
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import parse_txid
from wallet.keys.extended_key import HARDENED
from wallet.keys.keychain import PUBLIC_ACCOUNTS, PrivateKeychain
from wallet.keys.mnemonic import seed
from wallet.network import REGTEST
from wallet.secret_store import SeedSecrets

pytestmark = [pytest.mark.node, pytest.mark.registry]

PASSWORD = "only for the tests"
ORIGIN = "https://gate.example"


@dataclass(frozen=True, slots=True)
class Shop:
    """A publisher of two repositories, one of which has a sealed release, who pinned both."""

    harness: Harness
    publisher: Person
    sealed: str
    plain: str
    plaintext: str
    ciphertext: str

    @property
    def password(self) -> tuple[str, ...]:
        return "--password-file", str(self.publisher.home / "password")

    def export(self, file: Path, *options: str) -> dict[str, Any]:
        """What `access export-gate` answers."""
        return self.publisher.run("access", "export-gate", str(file), *options, *self.password, "--json").document

    def refused(self, file: Path, *options: str) -> str:
        """What it says where it refuses."""
        return self.publisher.run("access", "export-gate", str(file), *options, *self.password, expect=3).stderr

    @property
    def words(self) -> str:
        """The recovery words."""
        return (self.publisher.home / "words").read_text().strip()


@pytest.fixture(scope="module")
def shop(harness: Harness, regtest_folder: Path) -> Shop:
    home = regtest_folder / "publisher"
    home.mkdir(mode=0o700)
    publisher = Person(name="publisher", home=home, node=harness.node)
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    signing = ("--password-file", str(secret), "--yes", "--json")
    publisher.run("wallet", "create", "--words-out", str(home / "words"), *signing)
    harness.node.fund(publisher.run("wallet", "receive", "--json").document["address"], 10_000_000)
    harness.node.mine()
    sealed, plain = (f"{harness.registry.host}/acme/{path}" for path in ("sealed", "plain"))
    for name in (sealed, plain):
        publisher.run("image", "issue", name, *signing)
        harness.node.mine()
        publisher.pin(name)
    built = build_image(home / "image", text="sealed")
    answer = publisher.run(
        "image", "release", f"{sealed}:1.0", "--sealed", "--layout", f"oci:{built.layout}:{built.tag}", *signing
    ).document
    harness.node.mine()
    return Shop(harness, publisher, sealed, plain, built.digest, answer["ciphertext"])


def test_the_bundle_has_the_pinned_names_and_the_keys_of_what_is_sealed(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    answer = shop.export(file, "--origin", ORIGIN)
    assert (answer["origin"], answer["service"]) == (ORIGIN, shop.harness.registry.host)
    assert (answer["content_keys"], answer["missing"]) == (1, {})
    assert [note.partition(" names no gate")[0] for note in answer["notes"]] == [shop.plain, shop.sealed]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    bundle = GateBundle.parse(file.read_bytes())
    assert [one.name for one in bundle.repositories] == [shop.plain, shop.sealed]
    genesis = next(one.genesis for one in bundle.repositories if one.name == shop.sealed)
    pinned = shop.publisher.run("image", "pins", "--json").document["pins"]
    assert genesis == parse_txid(next(one["genesis"] for one in pinned if one["name"] == shop.sealed))
    wanted = repository_secret(SeedSecrets(seed(shop.words)), genesis).content_key(Digest.parse(shop.plaintext))
    assert bundle.content_key(genesis, Digest.parse(shop.ciphertext)) == wanted
    assert "PRIVATE KEY" not in json.dumps(answer)
    assert wanted.value.hex() not in json.dumps(answer)


def test_neither_words_nor_seed_nor_any_key_of_the_wallet_is_in_it(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    shop.export(file, "--origin", ORIGIN)
    text = file.read_text()
    words, secret = shop.words.split(), seed(shop.words)
    keychain = PrivateKeychain(secret, REGTEST)
    genesis = GateBundle.parse(file.read_bytes()).repositories[1].genesis
    hidden = [secret, secret[:32], secret[32:], repository_secret(SeedSecrets(secret), genesis).value]
    for account in AccountKind:
        for chain in (0, 1) if account is AccountKind.BTC else (0,):
            hidden += [keychain.private_key(KeyPath(account, chain, index)) for index in range(40)]
    master = BIP32Key.fromEntropy(secret, testnet=True)
    coin = master.ChildKey(84 | HARDENED).ChildKey(REGTEST.coin_type | HARDENED)
    first = coin.ChildKey(AccountKind.BTC.value | HARDENED).ChildKey(0).ChildKey(0)
    assert bytes(first.PrivateKey()).rjust(32, b"\0") == keychain.private_key(KeyPath(AccountKind.BTC, 0, 0))
    for node in (master, coin, *(coin.ChildKey(account.value | HARDENED) for account in AccountKind)):
        assert node.ExtendedKey() not in text
        hidden += [bytes(node.PrivateKey()).rjust(32, b"\0"), bytes(node.ChainCode())]
    for value in hidden:
        for form in (value.hex(), base64.b64encode(value).decode().rstrip("="), base64.b32encode(value).decode()):
            assert form not in text
    assert not any(keychain.account_xpub(account) in text for account in PUBLIC_ACCOUNTS)
    assert not any(f"{first} {second}" in text for first, second in pairwise(words))
    assert re.search(r"[xtyzuv](prv|pub)[1-9A-HJ-NP-Za-km-z]{50}", text) is None
    assert PASSWORD not in text


def test_without_content_keys_no_password_is_needed(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    said = shop.publisher.run(
        "access", "export-gate", str(file), "--origin", ORIGIN, "--no-content-keys", "--name", shop.sealed, "--json"
    )
    assert (said.document["content_keys"], len(said.document["repositories"])) == (0, 1)


def test_an_export_goes_on_with_the_key_and_loses_no_content_key(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    shop.export(file, "--origin", ORIGIN, "--service", "registry.acme", "--name", shop.sealed)
    before = GateBundle.parse(file.read_bytes())
    answer = shop.export(file, "--keep-key", "--no-content-keys")
    after = GateBundle.parse(file.read_bytes())
    assert (after.key, after.origin, after.service) == (before.key, ORIGIN, "registry.acme")
    assert (len(before.repositories), len(after.repositories)) == (1, 2)
    assert after.content == before.content
    assert answer["content_keys"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_is_not_there_is_told_and_the_rest_is_exported(shop: Shop, tmp_path: Path) -> None:
    other = Person(name="operator", home=tmp_path / "home", node=shop.harness.node)
    other.home.mkdir(mode=0o700)
    other.pin(shop.sealed)
    file = tmp_path / "gate.json"
    said = other.run("access", "export-gate", str(file), "--origin", ORIGIN)
    assert "there is no wallet here" in said.stderr
    assert said.stdout == f"{file}\n"
    assert GateBundle.parse(file.read_bytes()).content == {}


def test_a_gate_for_many_publishers_takes_their_keys_along(shop: Shop, tmp_path: Path) -> None:
    theirs, file = tmp_path / "publisher.json", tmp_path / "gate.json"
    shop.export(theirs, "--origin", ORIGIN)
    handed = GateBundle.parse(theirs.read_bytes())
    operator = Person(name="operator", home=tmp_path / "home", node=shop.harness.node)
    operator.home.mkdir(mode=0o700)
    operator.pin(shop.sealed)
    export = ("access", "export-gate", str(file), "--keys-from", str(theirs))
    answer = operator.run(*export, "--origin", ORIGIN, "--json").document
    bundle = GateBundle.parse(file.read_bytes())
    assert (answer["content_keys"], answer["missing"]) == (1, {})
    assert (bundle.content, [one.name for one in bundle.repositories]) == (handed.content, [shop.sealed])
    assert bundle.key != handed.key, "a publisher does not hold the key of the gate's tokens"
    shop.export(tmp_path / "plain.json", "--origin", ORIGIN, "--name", shop.plain)
    elsewhere = shop.export(tmp_path / "plain.json", "--keep-key", "--name", shop.plain, "--keys-from", str(theirs))
    assert elsewhere["content_keys"] == 0
    assert "are left out" in elsewhere["notes"][-1]
    theirs.chmod(0o644)
    refused = operator.run(*export, "--keep-key", expect=3)
    assert "can be read by others" in refused.stderr
    assert GateBundle.parse(file.read_bytes()).content == handed.content


def test_what_cannot_be_exported_is_refused_and_nothing_is_written(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    for options, why in (
        (("--origin", "http://gate.example"), "http is allowed on loopback only"),
        (("--origin", "https://gate.example/x"), "not a"),
        (("--origin", ORIGIN, "--name", "registry.example/not/pinned"), "is not pinned"),
        (("--origin", ORIGIN, "--registry", "registry.example"), "nothing is pinned at registry.example"),
        (("--keep-key",), "there is no"),
    ):
        assert why in shop.refused(file, *options), options
        assert not file.exists()
    shop.publisher.run("access", "export-gate", str(file), *shop.password, expect=2)
    shop.export(file, "--origin", ORIGIN)
    data = file.read_bytes()
    assert "exists already" in shop.refused(file, "--origin", ORIGIN)
    assert file.read_bytes() == data


def test_a_bundle_that_others_can_read_or_of_another_network_is_not_served(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    shop.export(file, "--origin", ORIGIN)
    serve = ("access", "serve", str(file), "--write-config", "-")
    assert "another network" in shop.publisher.run(*serve, "--network", "signet", expect=3).stderr
    file.chmod(0o644)
    assert "can be read by others" in shop.publisher.run(*serve, expect=3).stderr
    file.chmod(0o600)
    listening = ("access", "serve", str(file), "--listen", "0.0.0.0:8081")
    assert "proxy with TLS" in shop.publisher.run(*listening, expect=3).stderr
