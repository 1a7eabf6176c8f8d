"""Two people with wallets of their own and one node: everything a wallet does, as it is typed."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from regtest.harness import Harness
from regtest.party import DOCKCHAINS, Party
from tests.tui.cli.typist import Answer, converse
from wallet.store.signing_lock import SigningLock

pytestmark = [pytest.mark.node, pytest.mark.long]

PASSWORD = "correct horse"
COIN = 100_000_000


@pytest.fixture(scope="module")
def alice(harness: Harness) -> Party:
    """Somebody with 0.5 BTC in ten coins of 0.05."""
    party = harness.party("alice")
    create(party)
    for _ in range(10):
        harness.node.fund(address_of(party), 5_000_000)
    harness.node.mine(1)
    return party


@pytest.fixture(scope="module")
def bob(harness: Harness) -> Party:
    """Somebody with nothing yet."""
    party = harness.party("bob")
    create(party)
    return party


def create(party: Party, *options: str) -> dict[str, object]:
    """A wallet whose words are in the file `words` of the home."""
    secret = party.secret("password", PASSWORD)
    done: dict[str, object] = party.json(
        "wallet", "create", "--password-file", str(secret), "--words-out", str(party.home / "words"), *options
    )
    return done


def address_of(party: Party, *options: str) -> str:
    """A fresh address."""
    return str(party.json("wallet", "receive", *options)["address"])


def secret_of(party: Party) -> tuple[str, str]:
    """The option that gives the password."""
    return "--password-file", str(party.home / "password")


def refused(party: Party, *arguments: str, code: int = 3) -> dict[str, str]:
    """The error document of a command that must fail."""
    done = party.run(*arguments, "--json", expect=code)
    error: dict[str, str] = json.loads(done.stdout)["error"]
    assert error["message"] in done.stderr
    return error


def test_a_new_wallet_shows_no_words_and_keeps_its_files_private(harness: Harness) -> None:
    party = harness.party("private")
    card = create(party, "--wallet", "cold")
    words = (party.home / "words").read_text().split()
    assert len(words) == 12
    assert not set(card) & {"words", "seed", "password"}
    folder = Path(party.settings["DOCKCHAINS_HOME"])
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((party.home / "words").stat().st_mode) == 0o600
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert " ".join(words[:3]).encode() not in everything
    assert party.json("wallet", "list") == {"wallets": [{"network": "regtest", "name": "cold", "watch_only": False}]}


def test_a_password_costs_a_lot_to_guess_and_opens_the_wallet(harness: Harness) -> None:
    """By the program as it is; that of the other parties makes keystores that cost little."""
    party = replace(harness.party("guarded"), program=DOCKCHAINS)
    create(party)
    (keystore,) = party.home.rglob("keystore.json")
    cost = json.loads(keystore.read_bytes())["kdf"]
    assert (cost["name"], cost["passes"], cost["memory"], cost["lanes"]) == ("argon2id", 6, 256 * 1024, 4)
    signed = party.json("wallet", "sign-message", address_of(party), "mine", *secret_of(party))
    assert party.run("wallet", "verify-message", signed["address"], signed["signature"], "mine").code == 0


def test_a_second_wallet_of_the_same_name_is_refused(alice: Party) -> None:
    error = refused(alice, "wallet", "create", *secret_of(alice), "--words-out", str(alice.home / "more"))
    assert "there is a wallet 'default' on regtest already" in error["message"]
    assert not (alice.home / "more").exists()


def test_words_are_never_written_over_a_file(harness: Harness) -> None:
    party = harness.party("overwriter")
    taken = party.secret("taken", "precious")
    error = refused(
        party, "wallet", "create", "--password-file", str(party.secret("p", "long enough")), "--words-out", str(taken)
    )
    assert "exists already" in error["message"]
    assert taken.read_text() == "precious\n"
    assert party.json("wallet", "list") == {"wallets": []}


def test_money_arrives_and_is_sent_and_both_histories_tell(harness: Harness, alice: Party, bob: Party) -> None:
    harness.node.mine(1)
    before = alice.json("wallet", "balance")
    owned = bob.json("wallet", "balance")["confirmed"]
    link = bob.json("wallet", "receive", "--amount", "0.07", "--label", "rent & more")
    sent = alice.json("wallet", "send", link["uri"], "--fee-rate", "2", "--yes", *secret_of(alice))
    judged = harness.node.rpc("getmempoolentry", sent["txid"])
    assert judged["vsize"] <= sent["vsize"] <= judged["vsize"] + 2
    assert round(judged["fees"]["base"] * COIN) == sent["fee"]
    assert sent["fee"] >= 2 * judged["vsize"]
    after = alice.json("wallet", "balance")
    assert before["spendable"] - after["spendable"] == 7_000_000 + sent["fee"]
    assert bob.json("wallet", "balance")["untrusted_pending"] == 7_000_000
    pending = alice.json("wallet", "history")["transactions"][0]
    assert (pending["txid"], pending["kind"], pending["sats"], pending["confirmations"]) == (
        sent["txid"], "send", -7_000_000 - sent["fee"], 0,
    )  # fmt: skip
    harness.node.mine(1)
    assert bob.json("wallet", "balance")["confirmed"] == owned + 7_000_000
    received = bob.json("wallet", "history")["transactions"][0]
    assert (received["kind"], received["sats"], received["confirmations"]) == ("received", 7_000_000, 1)


def test_a_dry_run_shows_everything_and_signs_nothing(harness: Harness, alice: Party, bob: Party) -> None:
    to = address_of(bob)
    mempool = harness.node.rpc("getrawmempool")
    draft = alice.json("wallet", "send", to, "0.001", "--dry-run")["draft"]
    assert [item["role"] for item in draft["outputs"]] == ["payment", "change"]
    assert {item["role"] for item in draft["inputs"]} == {"funding"}
    assert draft["delta"] == -100_000 - draft["fee"]
    spoken = alice.run("wallet", "send", to, "0.001", "--dry-run").stdout
    assert f"fee: {draft['fee']} sat, 1 sat/vB" in spoken
    assert "payment" in spoken
    assert harness.node.rpc("getrawmempool") == mempool


def test_everything_can_be_swept(harness: Harness) -> None:
    party = harness.party("sweeper")
    create(party)
    for _ in range(2):
        harness.node.fund(address_of(party), 30_000)
    harness.node.mine(1)
    to = address_of(party)
    sent = party.json("wallet", "send", to, "--all", "--yes", *secret_of(party))
    harness.node.mine(1)
    assert party.json("wallet", "balance")["confirmed"] == 60_000 - sent["fee"]
    assert len(party.json("wallet", "coins")["coins"]) == 1


def test_a_wrong_password_is_exit_4_and_changes_nothing(harness: Harness, alice: Party, bob: Party) -> None:
    wrong = alice.secret("wrong", "battery staple")
    mempool = harness.node.rpc("getrawmempool")
    to = address_of(bob)
    error = refused(alice, "wallet", "send", to, "0.001", "--yes", "--password-file", str(wrong), code=4)
    assert "the password is wrong" in error["message"]
    error = refused(alice, "wallet", "send", to, "0.001", "--yes", code=4)
    assert "--password-file" in error["hint"]
    assert harness.node.rpc("getrawmempool") == mempool


def test_without_a_terminal_a_payment_wants_yes(alice: Party, bob: Party) -> None:
    error = refused(alice, "wallet", "send", address_of(bob), "0.001", *secret_of(alice))
    assert error["hint"] == "answer with --yes"


@pytest.mark.parametrize(
    ("address", "amount", "message"),
    [
        (None, "0.000000001", "too many decimals"),
        (None, "1e-3", "not an amount in BTC"),
        (None, "0", "the amount is zero"),
        (None, "0.00000293", "293 sat are less than the 294 sat"),
        (None, "5000", "are missing in the BTC account"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "0.001", "this address belongs to mainnet"),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "0.001", "belongs to signet or testnet4"),
        ("bcrt1qnonsense", "0.001", "bech32"),
        ("bitcoin:x?req-magic=1", "0.001", "requires 'req-magic'"),
    ],
)
def test_bad_payments_say_what_is_wrong(
    alice: Party, bob: Party, address: str | None, amount: str, message: str
) -> None:
    error = refused(alice, "wallet", "send", address or address_of(bob), amount, "--yes", *secret_of(alice))
    assert message in error["message"]
    assert error["hint"] or "bech32" in error["message"]


def test_too_little_money_says_how_much_is_missing(alice: Party, bob: Party) -> None:
    error = refused(alice, "wallet", "send", address_of(bob), "5000", "--yes", *secret_of(alice))
    assert error["needed"] > 5000 * COIN > error["available"]  # type: ignore[operator]
    assert f"{error['needed'] - error['available']:,} sat are missing" in error["message"]  # type: ignore[operator]


def test_a_unit_address_is_no_place_for_bitcoin(alice: Party, bob: Party) -> None:
    units = bob.json("wallet", "receive", "--units", "--amount", "3")
    assert units["address"].startswith("dcrt1")
    assert units["uri"] == f"dockchains:{units['address']}?amount=3"
    error = refused(alice, "wallet", "send", units["address"], "0.001", "--yes", *secret_of(alice))
    assert "unit address" in error["message"]


def test_coins_on_the_account_for_units_are_reserved(harness: Harness) -> None:
    party = harness.party("collector")
    create(party)
    descriptor = party.json("wallet", "show")["descriptors"][2]
    assert descriptor["account"] == "units"
    (address,) = harness.node.rpc("deriveaddresses", descriptor["descriptor"], [0, 0])
    harness.node.fund(address, 40_000)
    harness.node.mine(1)
    balance = party.json("wallet", "balance")
    assert (balance["reserved"], balance["spendable"]) == (40_000, 0)
    (coin,) = party.json("wallet", "coins")["coins"]
    assert (coin["state"], coin["account"]) == ("reserved", "units")
    error = refused(party, "wallet", "send", address_of(party), "0.0001", "--yes", *secret_of(party))
    assert "40,000 sat are reserved" in error["message"]


def test_a_wallet_comes_back_from_its_words(harness: Harness, alice: Party) -> None:
    twin = harness.party("twin")
    secret = twin.secret("password", "another one")
    options = ("--words-file", str(alice.home / "words"), "--password-file", str(secret))
    restored = twin.json("wallet", "restore", *options, "--birth-height", "100")
    original = alice.json("wallet", "show")
    assert {key: restored[key] for key in ("fingerprint", "address", "unit_address")} == {
        key: original[key] for key in ("fingerprint", "address", "unit_address")
    }
    assert twin.json("wallet", "balance") == alice.json("wallet", "balance") | {"wallet": "default"}
    assert address_of(twin) not in {coin["address"] for coin in alice.json("wallet", "coins")["coins"]}


def test_wrong_words_say_where(harness: Harness) -> None:
    party = harness.party("forgetful")
    secret = party.secret("password", "long enough")
    good = "abandon " * 11 + "about"
    for words, message in (
        (good.replace("about", "aboot"), "word 12 is not in the English BIP39 list"),
        ("abandon " * 12, "the checksum of the recovery words does not fit"),
        ("abandon " * 11, "there are 11 recovery words"),
    ):
        file = party.secret("words", words)
        error = refused(party, "wallet", "restore", "--words-file", str(file), "--password-file", str(secret))
        assert message in error["message"]
        assert "aboot" not in error["message"]
    assert party.json("wallet", "list") == {"wallets": []}


def test_secrets_can_come_through_descriptors(harness: Harness) -> None:
    party = harness.party("piper")
    read, write = os.pipe()
    os.write(write, b"through a pipe\n")
    os.close(write)
    party.run("wallet", "create", "--password-fd", str(read), "--words-out", str(party.home / "w"), fds=(read,))
    os.close(read)
    harness.node.fund(address_of(party), 50_000)
    harness.node.mine(1)
    secret = party.secret("password", "through a pipe")
    party.run("wallet", "send", address_of(party), "0.0001", "--yes", "--password-file", str(secret))


def test_the_wallet_inside_the_node_is_made_again(harness: Harness, alice: Party) -> None:
    before = alice.json("wallet", "balance")
    fingerprint = alice.json("wallet", "show")["fingerprint"]
    harness.node.rpc("unloadwallet", f"dockchains-regtest-{fingerprint}")
    assert alice.json("wallet", "balance") == before
    harness.node.rpc("unloadwallet", f"dockchains-regtest-{fingerprint}")
    folder = harness.node.datadir / "regtest" / "wallets" / f"dockchains-regtest-{fingerprint}"
    folder.rename(folder.with_name("lost"))
    assert alice.json("wallet", "balance") == before


def test_while_one_process_signs_another_is_told_so(harness: Harness, alice: Party, bob: Party) -> None:
    home = Path(alice.settings["DOCKCHAINS_HOME"])
    with SigningLock(home / "regtest" / "wallets" / "default" / "signing.lock"):
        assert alice.json("wallet", "balance")["network"] == "regtest"
        error = refused(alice, "wallet", "send", address_of(bob), "0.001", "--yes", *secret_of(alice))
    assert error["kind"] == "busy"
    assert f"pid {os.getpid()}" in error["message"]


def test_two_processes_at_once_never_spend_the_same_coin(harness: Harness, alice: Party, bob: Party) -> None:
    harness.node.mine(1)
    command = [sys.executable, "-m", "tui", "wallet", "send", address_of(bob), "0.01", "--yes", "--json"]
    running = [
        subprocess.Popen(
            [*command, *secret_of(alice)], env=alice.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for _ in range(2)
    ]
    answers = [(json.loads(process.communicate(timeout=120)[0]), process.returncode) for process in running]
    sent = [answer["txid"] for answer, code in answers if code == 0]
    assert sent
    for answer, code in answers:
        if code:
            assert code == 3
            assert answer["error"]["kind"] in {"busy", "state"}
    mempool = harness.node.rpc("getrawmempool")
    assert set(sent) <= set(mempool)


def test_what_was_signed_and_never_sent_is_sent_by_the_next_command(harness: Harness, alice: Party, bob: Party) -> None:
    sent = alice.json("wallet", "send", address_of(bob), "0.002", "--yes", *secret_of(alice))
    harness.node.evict(sent["txid"])
    assert sent["txid"] not in harness.node.rpc("getrawmempool")
    done = alice.run("wallet", "balance")
    assert f"sent again: {sent['txid']}" in done.stderr
    assert sent["txid"] in harness.node.rpc("getrawmempool")


def test_a_damaged_and_a_newer_database_are_told_apart_and_nothing_is_lost(harness: Harness) -> None:
    party = harness.party("unlucky")
    create(party)
    file = Path(party.settings["DOCKCHAINS_HOME"]) / "regtest" / "wallets" / "default" / "wallet.db"
    good = file.read_bytes()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    error = refused(party, "wallet", "balance")
    assert error["kind"] == "newer_version"
    for leftover in file.parent.glob("wallet.db-*"):
        leftover.unlink()
    file.write_bytes(b"this is no database at all" * 100)
    error = refused(party, "wallet", "balance")
    assert "damaged" in error["message"]
    assert "restore" in error["hint"]
    file.write_bytes(good)
    assert party.json("wallet", "balance")["confirmed"] == 0


def test_a_damaged_keystore_is_no_wrong_password(harness: Harness) -> None:
    party = harness.party("bitrot")
    create(party)
    harness.node.fund(address_of(party), 50_000)
    harness.node.mine(1)
    file = Path(party.settings["DOCKCHAINS_HOME"]) / "regtest" / "wallets" / "default" / "keystore.json"
    file.write_bytes(file.read_bytes()[:-40])
    error = refused(party, "wallet", "send", address_of(party), "0.0001", "--yes", *secret_of(party))
    assert error["kind"] == "keystore"


def test_a_node_of_another_network_is_named(alice: Party, harness: Harness) -> None:
    party = harness.party("abroad")
    settings = {"DOCKCHAINS_NETWORK": "signet"}
    done = party.run("chain", "status", "--json", expect=3, settings=settings)
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "wrong_network"
    assert "the node is on regtest, and signet was asked for" in error["message"]
    doctor = party.run("chain", "doctor", "--json", expect=3, settings=settings)
    assert [check["level"] for check in json.loads(doctor.stdout)["checks"]] == ["ok", "problem"]


def test_the_index_is_built_followed_and_built_anew(harness: Harness) -> None:
    party = harness.party("indexer")
    harness.node.mine(60)
    assert party.json("chain", "status")["index_height"] is None
    height = harness.node.height()
    assert party.json("chain", "sync")["height"] == height
    harness.node.mine(2)
    assert party.json("chain", "status")["index_behind"] == 2
    assert party.json("chain", "sync")["connected"] == 2
    assert party.json("chain", "reindex", "--from", "50")["start"] == 50
    assert party.json("chain", "sync")["connected"] == 0


def test_an_index_that_begins_late_is_used_once_the_settings_say_so(harness: Harness) -> None:
    party = harness.party("latecomer")
    harness.node.mine(1)
    said = party.run("chain", "reindex", "--from", "1").stderr
    assert "dockchains settings set index_start 1" in said
    nobody = f"{'0' * 63}1"
    asked = ("image", "pin", "registry.example/acme/app", "--genesis", nobody, "--json")
    late = json.loads(party.run(*asked, expect=3).stdout)["error"]
    assert late["message"] == "the index begins at block 1, later than block 0 that is asked for"
    assert "`dockchains settings set index_start 1`" in late["hint"]
    party.run("settings", "set", "index_start", "1")
    assert "is not in the node's chain" in json.loads(party.run(*asked, expect=3).stdout)["error"]["message"]


def test_the_doctor_finds_a_healthy_node_healthy(harness: Harness) -> None:
    harness.node.mine(1)
    answer = harness.party("reader").json("chain", "doctor")
    assert answer["healthy"]
    assert {check["level"] for check in answer["checks"]} == {"ok"}


def test_a_person_is_asked_the_words_back(harness: Harness) -> None:
    party = harness.party("writer")

    def word(shown: str) -> str:
        number = int(shown.rsplit("Word ", 1)[1].split(":", maxsplit=1)[0])
        line = next(part for part in shown.split("\n") if f" {number:>2} " in f" {part}")
        return line[line.index(f"{number:>2} ") + 3 :].split()[0]

    questions: list[tuple[str, Answer]] = [("New password.*:", "correct horse"), ("The same again:", "correct horse")]
    talk = converse(["wallet", "create"], [*questions, *[(r"Word \d+:", word)] * 3], party.environment)
    assert talk.code == 0, talk.shown
    assert "fingerprint" in talk.stdout
    wrong = converse(
        ["wallet", "create", "--wallet", "second"], [*questions, (r"Word \d+:", "nonsense")], party.environment
    )
    assert wrong.code == 3
    assert wrong.stdout == ""
    assert party.json("wallet", "list")["wallets"] == [{"network": "regtest", "name": "default", "watch_only": False}]


def test_a_no_at_the_question_is_exit_5_and_signs_nothing(harness: Harness, alice: Party, bob: Party) -> None:
    to = address_of(bob)
    mempool = harness.node.rpc("getrawmempool")
    talk = converse(["wallet", "send", to, "0.001"], [(r"\(y/N\)", "n")], alice.environment)
    assert (talk.code, talk.stdout) == (5, "")
    assert "payment" in talk.shown
    assert harness.node.rpc("getrawmempool") == mempool
    answers: list[tuple[str, Answer]] = [(r"\(y/N\)", "yes"), ("Password of wallet default:", PASSWORD)]
    talk = converse(["wallet", "send", to, "0.001"], answers, alice.environment)
    assert talk.code == 0
    assert PASSWORD not in talk.shown
    assert talk.stdout.strip() in harness.node.rpc("getrawmempool")
