"""README's section about pipelines, run line by line by a shell without a terminal."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from regtest.harness import Harness
from regtest.image import build_image, push
from regtest.party import Party

pytestmark = [pytest.mark.node, pytest.mark.registry]

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## In a pipeline$(.*?)^## ", re.MULTILINE | re.DOTALL)
SCRIPTS = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def scripts(host: str, secret: Path, genesis: str) -> tuple[str, ...]:
    """The section's scripts: pin, release, verify; without the lines that another tool runs."""
    found = SECTION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    texts = SCRIPTS.findall(found[1])
    assert len(texts) == 3
    kept = ("\n".join(line for line in text.splitlines() if not line.startswith(("docker ", "git "))) for text in texts)
    return tuple(
        text.replace("registry.example", host)
        .replace("DOCKCHAINS_NETWORK=signet", "DOCKCHAINS_NETWORK=regtest")
        .replace("GENESIS=TXID", f"GENESIS={genesis}")
        .replace("/run/secrets/wallet-password", str(secret))
        for text in kept
    )


def shell(party: Party, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A script in a runner's working folder, without a terminal."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = party.environment | {"PATH": path}
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def test_the_pipeline_of_readme_releases_locks_and_verifies(harness: Harness, tmp_path: Path) -> None:
    publisher, person, runner = (harness.party(name) for name in ("ci", "maintainer", "deployer"))
    secret = publisher.secret("password", "only for the tests")
    spending = ("--password-file", str(secret), "--yes")
    publisher.run("wallet", "create", *spending, "--words-out", str(publisher.home / "words"))
    harness.node.fund(publisher.json("wallet", "receive")["address"], 1_000_000)
    harness.node.mine(1)
    name = f"{harness.registry.host}/acme/app"
    genesis = publisher.json("image", "issue", name, *spending)["genesis"]
    harness.node.mine(1)
    built = build_image(tmp_path / "image", tag="1.0", text="built by a pipeline")
    push(built, f"{name}:1.0")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "build.json").write_text(
        json.dumps({"containerimage.digest": built.digest, "image.name": f"{name}:1.0"})
    )
    pin, release, verify = scripts(harness.registry.host, secret, genesis)

    asked = shell(person, checkout, pin)
    assert asked.returncode == 3
    assert "--yes" in asked.stderr
    person.run("image", "pin", name, "--lock", str(checkout / "dockchains.lock"), "--yes")
    assert shell(person, checkout, pin).returncode == 0

    early = shell(runner, checkout, verify + '\necho "$image"')
    assert (early.returncode, early.stdout) == (14, "")
    released = shell(publisher, checkout, release)
    assert released.returncode == 0, released.stderr
    assert len(json.loads((checkout / "release.json").read_text())["transactions"]) == 1
    pending = shell(runner, checkout, verify + '\necho "$image"')
    assert (pending.returncode, pending.stdout) == (15, "")
    harness.node.mine(1)
    verified = shell(runner, checkout, verify + '\necho "$image"')
    assert (verified.returncode, verified.stdout) == (0, f"{name}@{built.digest}\n"), verified.stderr
