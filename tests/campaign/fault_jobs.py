"""What a forked process does: a command line, or what the program does below one where that needs a node."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import tui.cli
from assets.coloring.walk import ColorWalker
from assets.images.digest import Digest
from assets.images.pin import Pin
from assets.index.image_index import sync
from assets.protocols.table import RULE
from assets.store.color_store import ColorStore
from assets.store.container_logins import ContainerLogins
from assets.store.docker_archive import new_file
from assets.store.document_store import DocumentStore
from assets.store.image_store import ImageStore, KeptImage
from assets.store.index_store import IndexStore
from assets.store.layout_writer import LayoutWriter
from assets.store.lock_file import put_in_lock
from assets.store.session_store import GateSession, SessionStore
from assets.store.trust_store import PinStore
from tests.assets.index.harness import out
from tests.builders import NAME, script
from tests.cheap_keystores import make_keystores_cheap
from tests.stores_v01.contents import NOW, contents
from tui.cli.run import run as run_command
from wallet.errors import WalletError
from wallet.hashes import display, sha256, txid_of
from wallet.network import REGTEST
from wallet.store.journal import Journal, JournalEntry
from wallet.store.schema import wallet_database
from wallet.store.wallet_store import WalletStore

make_keystores_cheap()


def import_all(*packages: ModuleType) -> None:
    """Imports every module of these, once, before any process is forked: a command would import its part each time."""
    for package in packages:
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


import_all(tui.cli)

CHAIN = contents()
"""Made once, before any process is forked."""

COIN = out(CHAIN.genesis, 1)
HOST = "registry.example"
LAYER = bytes(range(256)) * 300
"""More than one buffer of a file."""


def run(job: list[str]) -> int:
    """An exit code: the command's, or for a call by its name 0, and 3 for what the program refuses."""
    if job[0] != "call":
        return run_command(job)
    try:
        CALLS[job[1]](*map(Path, job[2:]))
    except WalletError as error:
        print(f"error: {error}\n  {error.hint}")
        return 3
    return 0


def pin_of_test() -> Pin:
    """A pin of the chain's repository."""
    genesis = txid_of(CHAIN.genesis)
    return Pin(
        name=NAME,
        network=REGTEST.genesis,
        challenge=None,
        genesis=genesis,
        owners=(script("owner"),),
        height=CHAIN.block.height,
        block=CHAIN.block.hash,
    )


def _index(file: Path) -> None:
    store = IndexStore(file, REGTEST)
    sync(CHAIN.chain, store, start_height=0)
    store.close()


def _colors(file: Path) -> None:
    store = ColorStore(file)
    ColorWalker(RULE, CHAIN.chain, store).color(out(CHAIN.release, 1))
    store.close()


def _journal(file: Path) -> None:
    """A transaction is signed, sent and confirmed."""
    database = wallet_database(file)
    journal, tx = Journal(database), CHAIN.release
    journal.record(JournalEntry(tx=tx, kind="release", created=NOW, genesis=txid_of(CHAIN.genesis)))
    found = CHAIN.chain.transaction(txid_of(tx))
    assert found is not None
    assert found.block is not None
    journal.mark_confirmed(txid_of(tx), found.block.height, found.block.hash)
    database.close()


def _freeze(file: Path) -> None:
    database = wallet_database(file)
    WalletStore(database).freeze(COIN)
    database.close()


def _login(folder: Path, docker: Path) -> None:
    """The login is kept before container tools are told."""
    logins = ContainerLogins(environ={"DOCKER_CONFIG": str(docker), "REGISTRY_AUTH_FILE": ""}, home=docker.parent)
    store = SessionStore(folder)
    before = {entry.path: entry for earlier in store.at(HOST) for entry in earlier.entries}
    entries = tuple(before.get(entry.path, entry) for entry in logins.plan(HOST))
    session = GateSession(
        host=HOST,
        gate="https://gate.example",
        image=NAME,
        network=display(REGTEST.genesis),
        key=sha256(b"a session of a test"),
        since=NOW,
        until=NOW + 1_000,
        scripts=1,
        entries=entries,
    )
    store.save(session)
    logins.write(HOST, entries)


def _image(folder: Path) -> None:
    store = ImageStore(folder)
    digest = Digest.of(LAYER)
    with store.landing(digest) as landing:
        landing.restart()
        landing.write(LAYER)
        landing.sync()
    store.settle(digest)
    manifest = store.add(b'{"layers":[]}')
    genesis = txid_of(CHAIN.genesis)
    store.keep(KeptImage(name=NAME, tag=None, digest=manifest, genesis=genesis, sealed=False, gated=False))


def _layout(folder: Path) -> None:
    with LayoutWriter(folder) as writer:
        with writer.new(Digest.of(LAYER)) as file:
            file.write(LAYER)
        writer.finish("application/vnd.oci.image.manifest.v1+json", Digest.of(LAYER), len(LAYER), "1.0")


def _archive(path: Path) -> None:
    with new_file(path) as file:
        file.write(LAYER)


CALLS: dict[str, Callable[..., object]] = {
    "pin": lambda file: PinStore(file, REGTEST).pin(pin_of_test()),
    "lock": lambda file: put_in_lock(file, REGTEST, [pin_of_test()]),
    "document": lambda folder: DocumentStore(folder).save(LAYER),
    "index": _index,
    "colors": _colors,
    "journal": _journal,
    "freeze": _freeze,
    "login": _login,
    "image": _image,
    "layout": _layout,
    "archive": _archive,
}
"""By name; their arguments are paths."""
