"""How long it takes to have a wallet of 2,000 used addresses back, against the node's own import of its descriptors.

Both search the same regtest chain from its first block on. The node's figure is `importdescriptors` with a time stamp
of 0 into an empty watching wallet; ours are whole commands, each a process: `wallet restore` (which also asks the UTXO
set and derives the keystore's key), and the first `wallet balance`, which searches the chain. Medians of some rounds.
Takes about a minute.
"""

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from regtest.harness import Harness, Party
from regtest.node import Node
from wallet.account import Account
from wallet.coins import AccountKind
from wallet.keys.address import address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.mnemonic import check, seed
from wallet.network import REGTEST

USED = 2_000
SATS = 1_000
ROUNDS = 3
WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
BLOCKS = 20
"""Blocks over which the payments are spread."""

WATCHING = (True, True, "", False, True)
"""createwallet: no private keys, blank, no passphrase, no reuse tracking, descriptors."""
NOT_AT_START = False


def pay(node: Node, account: Account) -> None:
    """Each of the first addresses is paid once."""
    scripts = list(account.scripts(AccountKind.BTC, 0, 0, USED))
    node.fund(address_of(scripts[0][1], REGTEST), SATS)
    share = USED // BLOCKS
    for at in range(0, USED, share):
        amounts = {address_of(script, REGTEST): SATS / 1e8 for _, script in scripts[at : at + share]}
        txid = node.miner("sendmany", "", {address: f"{btc:.8f}" for address, btc in amounts.items()})
        node.rpc("sendrawtransaction", node.miner("gettransaction", txid)["hex"])
        node.mine()


def imported(node: Node, account: Account, number: int) -> float:
    """Seconds that the node needs by itself."""
    name = f"bare{number}"
    node.rpc("createwallet", name, *WATCHING)
    wanted = [
        {"desc": one.text, "range": [0, USED + 999], "timestamp": 0, "internal": one.is_change}
        for one in account.descriptors()
    ]
    started = time.perf_counter()
    answers: list[dict[str, Any]] = node.rpc("importdescriptors", wanted, wallet=name)
    balance = node.rpc("getbalances", wallet=name)
    seconds = time.perf_counter() - started
    assert all(answer["success"] for answer in answers)
    assert round(float(balance["mine"]["trusted"]) * 1e8) == (USED + 1) * SATS
    node.rpc("unloadwallet", name)
    return seconds


def restored(harness: Harness, party: Party, fingerprint: str) -> tuple[float, float]:
    """Seconds of `wallet restore`, and of the first `wallet balance`, on an empty machine."""
    words, password = party.secret("words", WORDS), party.secret("password", "only for the harness")
    started = time.perf_counter()
    party.run("wallet", "restore", "--words-file", str(words), "--password-file", str(password))
    middle = time.perf_counter()
    balance = party.json("wallet", "balance")
    end = time.perf_counter()
    assert balance["confirmed"] == (USED + 1) * SATS, balance
    name = f"dockchains-regtest-{fingerprint}"
    harness.node.rpc("unloadwallet", name, NOT_AT_START)
    shutil.rmtree(Path(harness.node.datadir) / "regtest" / "wallets" / name)
    return middle - started, end - middle


def main() -> None:
    """Build, measure, print."""
    account = Account.of(PrivateKeychain(seed(check(WORDS)), REGTEST))
    with tempfile.TemporaryDirectory(prefix="bench-restore-") as folder, Harness(Path(folder)) as harness:
        pay(harness.node, account)
        bare = statistics.median(imported(harness.node, account, number) for number in range(ROUNDS))
        print(f"{USED:,} used addresses, chain of {harness.node.height()} blocks")
        print(f"the node's own import           {bare:6.2f} s")
        fingerprint = account.fingerprint.hex()
        runs = [restored(harness, harness.party(f"empty{number}"), fingerprint) for number in range(ROUNDS)]
        first, second = (statistics.median(times) for times in zip(*runs, strict=True))
        print(f"wallet restore, with the coins  {first:6.2f} s   {first / bare:5.2f} times the import")
        print(f"first wallet balance, all       {second:6.2f} s   {second / bare:5.2f} times the import")
        print(
            f"together                        {first + second:6.2f} s   {(first + second) / bare:5.2f} times the import"
        )


if __name__ == "__main__":
    main()
