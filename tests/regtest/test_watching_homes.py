"""A home without keys: it watches, drafts and sends, and the keys never leave a machine that knows no node."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.judge.simple_coloring import judge_chain
from tests.regtest.people import KeepsKeys, asked, issued, password, released, spent, with_wallet

pytestmark = [pytest.mark.node, pytest.mark.registry]


@dataclass(frozen=True)
class Pair:
    """Keys on a machine that knows no node, and a home with a node that only watches them."""

    ground: Ground
    cold: Person
    online: Person
    folder: Path

    def signed(self, file: Path, *options: str) -> Path:
        """What the cold machine makes of a PSBT."""
        out = file.with_suffix(".signed")
        self.cold.run("wallet", "sign", str(file), "--out", str(out), *password(self.cold), "--yes", *options)
        return out

    def sent(self, *arguments: str) -> str:
        """The txid of what was drafted here, signed there, and sent from here."""
        file = self.folder / f"{len(list(self.folder.iterdir()))}.psbt"
        asked(self.online, *arguments, "--psbt", str(file))
        return str(asked(self.online, "wallet", "sign", str(self.signed(file)), "--broadcast", "--yes")["txid"])


def new_address(pair: Pair) -> str:
    """An address of the miner's."""
    return str(pair.ground.node.miner("getnewaddress"))


@pytest.fixture(scope="module")
def pair(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("there and back")
    cold = ground.person("vault", houses=KeepsKeys, node_url="http://127.0.0.1:1")
    cold.run("wallet", "create", *password(cold), "--words-out", str(cold.home / "words"), "--yes")
    public = folder / "public.json"
    public.write_text(json.dumps(asked(cold, "wallet", "show")))
    online = ground.person("desk", houses=KeepsKeys)
    card = asked(online, "wallet", "restore", "--watch", str(public))
    assert card["fingerprint"] == asked(cold, "wallet", "show")["fingerprint"]
    for _ in range(6):
        ground.node.fund(asked(online, "wallet", "receive")["address"], 500_000)
    ground.node.mine()
    return Pair(ground=ground, cold=cold, online=online, folder=folder)


def test_a_home_without_keys_holds_no_secret(pair: Pair) -> None:
    words = (pair.cold.home / "words").read_text().split()
    files = [path for path in pair.online.home.rglob("*") if path.is_file()]
    assert [path.name for path in files if path.name == "watch-only"]
    for path in files:
        held = path.read_bytes()
        assert b"prv" not in held or path.suffix in {".log", ".db"}
        assert " ".join(words).encode() not in held
    assert not list(pair.online.home.rglob("keystore.json*"))


def test_bitcoin_is_paid_by_keys_that_never_met_the_node(pair: Pair) -> None:
    somebody = new_address(pair)
    txid = pair.sent("wallet", "send", somebody, "0.001")
    assert txid in pair.ground.node.rpc("getrawmempool")
    pair.ground.node.mine()
    history = asked(pair.online, "wallet", "history")["transactions"]
    assert [one["kind"] for one in history if one["txid"] == txid] == ["send"]


def test_a_title_that_was_handed_to_cold_keys_releases_and_goes_back(pair: Pair) -> None:
    """Issued by keys on line, handed over to the cold ones, released under them, and given back."""
    ground = pair.ground
    maker = with_wallet(ground, "maker", sats=1_000_000, houses=KeepsKeys)
    name = issued(ground, maker, "acme/vault")
    first = released(ground, maker, name, "1.0")
    ground.node.mine()
    spent(maker, "image", "transfer", name, asked(pair.online, "wallet", "receive", "--units")["address"])
    ground.node.mine()
    assert [one["name"] for one in asked(pair.online, "image", "list")["repositories"] if one["owned"]] == [name]
    revoked = pair.sent("image", "revoke", f"{name}:1.0", "--reason", "broken")
    ground.node.mine()
    state = judge_chain(ground.node).repositories[asked(pair.online, "image", "show", name)["genesis"]]
    assert state.revoked() == {first.hex}
    assert [entry.txid for entry in state.counted()][-1] == revoked
    back = asked(maker, "wallet", "receive", "--units")["address"]
    file = pair.folder / "back.psbt"
    asked(pair.online, "image", "transfer", name, back, "--psbt", str(file))
    refused = pair.cold.run(
        "wallet", "sign", str(file), "--out", str(pair.folder / "x"), *password(pair.cold), "--yes", expect=3
    )
    assert "say --hand-over" in refused.stderr, "no node tells the cold machine, and a title does not leave in passing"
    asked(pair.online, "wallet", "sign", str(pair.signed(file, "--hand-over")), "--broadcast", "--yes")
    ground.node.mine()
    assert asked(maker, "image", "show", name)["owned"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("wallet", "send", "ADDRESS", "0.0001", "--yes"),
        ("wallet", "sign", "PSBT", "--out", "NEW", "--yes"),
        ("wallet", "password"),
        ("wallet", "backup", "NEW"),
        ("wallet", "sign-message", "ADDRESS", "hello"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[1]}",
)
def test_what_needs_keys_says_that_they_are_elsewhere(pair: Pair, arguments: tuple[str, ...]) -> None:
    """Without asking for a password that opens nothing."""
    psbt = pair.folder / "asked.psbt"
    if not psbt.exists():
        asked(pair.online, "wallet", "send", new_address(pair), "0.0001", "--psbt", str(psbt))
    given = {"ADDRESS": new_address(pair), "PSBT": str(psbt), "NEW": str(pair.folder / "new")}
    said = pair.online.run(*(given.get(one, one) for one in arguments), expect=3)
    assert "only watches: its keys are elsewhere" in said.stderr
    assert not (pair.folder / "new").exists()


def test_the_list_tells_which_wallet_only_watches(pair: Pair) -> None:
    assert [one["watch_only"] for one in asked(pair.online, "wallet", "list")["wallets"]] == [True]
    assert [one["watch_only"] for one in asked(pair.cold, "wallet", "list")["wallets"]] == [False]


@pytest.mark.parametrize(
    ("option", "code", "says"),
    [
        (("--words-file", "words"), 2, "takes no secret"),
        (("--network", "signet"), 3, "regtest, not on signet"),
        ((), 3, "already"),
    ],
    ids=["with words", "on another network", "a second time"],
)
def test_a_watching_home_is_made_of_public_facts_alone(
    pair: Pair, option: tuple[str, ...], code: int, says: str
) -> None:
    said = pair.online.run("wallet", "restore", "--watch", str(pair.folder / "public.json"), *option, expect=code)
    assert says in said.stderr
