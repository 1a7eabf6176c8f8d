"""`make play`: a node, a registry with an image, two funded wallets and a shell in which everything is at hand."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from regtest.errors import HarnessError
from regtest.harness import Harness, Party
from regtest.image import NATIVE, BuiltImage, build_image, push
from regtest.packages import CACHE, tools
from regtest.party import DOCKCHAINS
from regtest.state import VARIABLE, Running, State

PASSWORD = "only for the harness"  # noqa: S105 - wallets of a throw-away regtest chain
FUNDS = 5_000_000
"""Sats that each party gets."""

_WELCOME = """\
A regtest node and a registry are up, for as long as this shell.
  registry      {host}  (push with: skopeo copy --dest-tls-verify=false ... docker://$REGISTRY/acme/app:1.1)
  image         {host}/acme/app:1.0 is pushed; what built it left it in $LAYOUT
  dockchains    is the publisher; `publisher ...` and `consumer ...` say who
  mine 1        a block;  fund ADDRESS BTC  pays;  reorg 2  rewrites the last two blocks
  bitcoin-cli   speaks to the node
  password      {password}  (in $PASSWORD_FILE, for --password-file)
The main job:
  dockchains image issue $REGISTRY/acme/app --password-file $PASSWORD_FILE
  dockchains image release $REGISTRY/acme/app:1.0 --layout $LAYOUT --password-file $PASSWORD_FILE
  mine 1
  consumer image pin $REGISTRY/acme/app
  consumer image verify $REGISTRY/acme/app:1.0
Leave with `exit`: everything stops and is removed.
"""


def play(program: tuple[str, ...] = DOCKCHAINS) -> int:
    """Bring everything up, run `$SHELL` in it, and stop everything; returns the shell's exit code.

    `program` makes the two wallets.
    """
    tools(fetch=True)
    with Harness(node_options=("-walletbroadcast=1",), program=program) as harness:
        publisher, consumer = harness.party("publisher"), harness.party("consumer")
        for party in (publisher, consumer):
            _open_wallet(harness, party)
        harness.node.mine(1)
        State(
            folder=harness.folder,
            node=Running.of(harness.node.pid, harness.node.rpc_port),
            registry=Running.of(harness.registry.pid, harness.registry.port),
        ).save()
        _write_commands(harness, (publisher, consumer))
        image = build_image(
            harness.folder / "image", text="hello from the playground", platforms=(NATIVE, "linux/arm64")
        )
        push(image, f"{harness.registry.host}/acme/app:{image.tag}")
        print(_WELCOME.format(host=harness.registry.host, password=PASSWORD), flush=True)
        return _shell(harness, publisher, image)


def _open_wallet(harness: Harness, party: Party) -> None:
    """Create and fund a party's wallet through `dockchains`; a failure is told, and the shell opens all the same."""
    secret = str(party.secret("password", PASSWORD))
    try:
        party.json(
            "wallet", "create", "--password-file", secret, "--words-out", str(party.home / "words"), "--yes"
        )  # fmt: skip
        address = party.json("wallet", "receive")["address"]
        harness.node.fund(address, FUNDS)
    except (HarnessError, KeyError, TypeError) as error:
        print(f"The wallet of the {party.name} could not be made ready: {error}", file=sys.stderr)


def _write_commands(harness: Harness, parties: tuple[Party, ...]) -> None:
    """Small scripts for the shell's PATH."""
    folder = harness.folder / "bin"
    folder.mkdir(mode=0o700)
    python = shlex.quote(sys.executable)
    scripts = {word: f'exec {python} -m regtest {word} "$@"' for word in ("mine", "fund", "reorg")}
    for party in parties:
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in party.settings.items())
        scripts[party.name] = f'exec env {settings} {python} -m tui "$@"'
    cookie = shlex.quote(str(harness.node.cookie))
    client = shlex.quote(str(tools(fetch=False).bitcoin_cli))
    scripts["bitcoin-cli"] = (
        f'exec {client} -regtest -rpcport={harness.node.rpc_port} -rpccookiefile={cookie} "$@"'
    )  # fmt: skip
    for name, line in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        path.chmod(0o700)


def _shell(harness: Harness, party: Party, image: BuiltImage) -> int:
    """Run the user's shell; an interrupt is the shell's business, and everything is stopped when it ends."""
    paths = [harness.folder / "bin", Path(sys.executable).parent, CACHE / "bin"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DOCKCHAINS_")},
        **party.settings,
        VARIABLE: str(harness.folder),
        "REGISTRY": harness.registry.host,
        "LAYOUT": f"oci:{image.layout}:{image.tag}",
        "PASSWORD_FILE": str(party.home / "password"),
        "PATH": os.pathsep.join([*map(str, paths), os.environ.get("PATH", os.defpath)]),
    }
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        return subprocess.run([os.environ.get("SHELL") or "/bin/sh"], env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
