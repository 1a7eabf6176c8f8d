"""Commands that are killed at their writes, or whose writes fail; then the job is done again, and all is compared.

Each case forks a process that does one job below one folder, with a fault at one of its writes (`fault_points.c`): the
process is killed before it, or in the middle of it, or it fails with EIO, or the disk is full from there on. Then the
job is done again, and now and then that is killed too. In the end every file must be there that is there without any
fault, no other, with the same mode, and saying the same. In between nothing may be lost, and no error may be a bug's.
"""

import json
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EIO, ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from assets.services.wallets.public_side import account_of
from tests.builders import NAME
from tests.campaign.fault_jobs import COIN, LAYER
from tests.campaign.parts import Part, Report
from wallet.account import Account
from wallet.backup import read_backup
from wallet.errors import WrongPasswordError
from wallet.hashes import outpoint_text
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import KeystoreSecret, open_
from wallet.keys.mnemonic import check
from wallet.network import REGTEST
from wallet.store.schema import wallet_database
from wallet.store.wallet_store import WalletStore

ROOT = Path(__file__).parents[2]
KILL, TORN = -1, -2
KINDS = (KILL, KILL, TORN, KILL, EIO, KILL, TORN, ENOSPC)
"""Six of eight faults are kills."""

WORDS = {KILL: "killed", TORN: "killed within a write", EIO: "EIO", ENOSPC: "full disk"}
AGAIN = 5
"""Of so many cases one is killed a second time, while its job is done again."""

OLD, NEW = "the older password", "the newer password"
TEST_WORDS = " ".join(["abandon"] * 11 + ["about"])
NOWHERE = {"DOCKCHAINS_NODE_URL": "http://127.0.0.1:1"}
"""A node that does not answer."""

_SIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case happens: a home, and a folder beside it for what commands write elsewhere."""

    root: Path

    @property
    def home(self) -> Path:
        """`DOCKCHAINS_HOME`."""
        return self.root / "home"

    @property
    def out(self) -> Path:
        """Where backups and words go."""
        return self.root / "out"

    @property
    def network(self) -> Path:
        """The folder of the network."""
        return self.home / "regtest"

    @property
    def wallet(self) -> Path:
        """The folder of the wallet."""
        return self.network / "wallets" / "default"


Check = Callable[[Place], str]
"""What is wrong, or an empty text."""


def _fine(_: Place) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A job. `{home}`, `{out}`, `{given}` stand for folders; `prepare` are jobs that are done before, without a fault.

    `again` are the exit codes of a job that is done again, perhaps after it was done: `safe` holds after the fault,
    `whole` in the end.
    """

    name: str
    job: Sequence[str]
    prepare: Sequence[Sequence[str]] = ()
    again: frozenset[int] = frozenset({0})
    safe: Check = _fine
    whole: Check = _fine
    private: tuple[str, ...] = ()


_SECRET = ("--password-file", "{given}/old")
_CREATE = ("wallet", "create", *_SECRET, "--yes", "--words-out", "{out}/words")
_RESTORE = ("wallet", "restore", *_SECRET, "--words-file", "{given}/words", "--birth-height", "0")
_PASSWORD = ("wallet", "password", *_SECRET, "--new-password-file", "{given}/new")


def opens(file: Path, password: str) -> bool:
    """Whether a file is a keystore that a password opens."""
    try:
        open_(file.read_bytes(), password)
    except WrongPasswordError:
        return False
    except Exception:  # noqa: BLE001 - whatever it is, it is no keystore
        return False
    return True


def _one_opens(place: Place) -> str:
    keystore = place.wallet / "keystore.json"
    return "" if opens(keystore, OLD) != opens(keystore, NEW) else "neither password opens the keystore"


def _only_new_opens(place: Place) -> str:
    if not opens(place.wallet / "keystore.json", NEW):
        return "the new password does not open the keystore"
    left = [str(file) for file in place.root.rglob("*") if file.is_file() and opens(file, OLD)]
    return f"the old password opens {left}" if left else ""


def _both_open(place: Place) -> str:
    kept = opens(place.wallet / "keystore.json.bak", OLD)
    return "" if kept and opens(place.wallet / "keystore.json", NEW) else "the older keystore was not kept"


def _account(place: Place) -> Account:
    database = wallet_database(place.wallet / "wallet.db")
    identity = WalletStore(database).identity()
    database.close()
    assert identity is not None, "a wallet says whose it is"
    return account_of(identity)


def _words_are_the_wallets(place: Place) -> str:
    secret = KeystoreSecret(words=check((place.out / "words").read_text(encoding="utf-8").strip()))
    own = PrivateKeychain(secret.seed(), REGTEST).fingerprint == _account(place).fingerprint
    opened = open_((place.wallet / "keystore.json").read_bytes(), OLD).secret.words == secret.words
    return "" if own and opened else "the words that were written are not the wallet's"


def _words_are_anybodys(place: Place) -> str:
    """A wallet is never there without its words: they were shown nowhere else."""
    missing = place.wallet.exists() and not (place.out / "words").exists()
    return "the wallet is there, and its words are not" if missing else ""


def _is_test_wallet(place: Place) -> str:
    return "" if _account(place).fingerprint.hex() == "73c5da0a" else "another wallet was restored"


def _backup_reads(place: Place) -> str:
    return "" if read_backup((place.out / "new.backup").read_bytes()).name == "default" else "the backup is another's"


def _holds(name: str, text: bytes) -> Check:
    def holds(place: Place) -> str:
        return "" if text in (place.root / name).read_bytes() else f"{name} does not hold what was written"

    return holds


SCENARIOS = (
    Scenario(
        name="wallet create",
        job=_CREATE,
        again=frozenset({0, 3}),
        safe=_words_are_anybodys,
        whole=_words_are_the_wallets,
        private=("home/regtest/wallets/default/wallet.db",),
    ),
    Scenario(name="wallet restore", job=_RESTORE, again=frozenset({0, 3}), whole=_is_test_wallet),
    Scenario(
        name="wallet restore --backup",
        job=("wallet", "restore", *_SECRET, "--backup", "{given}/backup"),
        again=frozenset({0, 3}),
        whole=_is_test_wallet,
    ),
    Scenario(
        name="wallet password",
        job=_PASSWORD,
        prepare=(_RESTORE,),
        again=frozenset({0, 4}),
        safe=_one_opens,
        whole=_only_new_opens,
    ),
    Scenario(
        name="wallet password --keep-old",
        job=(*_PASSWORD, "--keep-old"),
        prepare=(_RESTORE,),
        again=frozenset({0, 4}),
        safe=_one_opens,
        whole=_both_open,
    ),
    Scenario(
        name="wallet backup",
        job=("wallet", "backup", "{out}/new.backup"),
        prepare=(_RESTORE,),
        again=frozenset({0, 3}),
        whole=_backup_reads,
    ),
    Scenario(name="wallet label", job=("wallet", "label", "11" * 32, "rent"), prepare=(_RESTORE,)),
    Scenario(
        name="wallet unfreeze",
        job=("wallet", "unfreeze", outpoint_text(COIN)),
        prepare=(_RESTORE, ("call", "freeze", "{home}/regtest/wallets/default/wallet.db")),
        again=frozenset({0, 3}),
    ),
    Scenario(
        name="settings set",
        job=("settings", "set", "fee_rate", "2.5", "index_start", "7"),
        whole=_holds("home/settings.toml", b"index_start = 7"),
    ),
    Scenario(
        name="settings set again",
        job=("settings", "set", "fee_rate", "9"),
        prepare=(("settings", "set", "fee_rate", "2.5"),),
        whole=_holds("home/settings.toml", b"9"),
    ),
    Scenario(name="pin", job=("call", "pin", "{home}/regtest/pins.json")),
    Scenario(
        name="image unpin",
        job=("image", "unpin", NAME, "--yes"),
        prepare=(("call", "pin", "{home}/regtest/pins.json"),),
        again=frozenset({0, 3}),
    ),
    Scenario(name="lock file", job=("call", "lock", "{out}/dockchains.lock")),
    Scenario(name="document", job=("call", "document", "{home}/regtest/manifests")),
    Scenario(name="index", job=("call", "index", "{home}/regtest/index.db")),
    Scenario(name="colours", job=("call", "colors", "{home}/regtest/colors.db")),
    Scenario(name="journal", job=("call", "journal", "{home}/journal.db")),
    Scenario(name="login", job=("call", "login", "{home}/logins", "{out}/docker")),
    Scenario(
        name="login beside others",
        job=("call", "login", "{home}/logins", "{given}/docker"),
        whole=_holds("given/docker/config.json", b"docker-credential-other"),
    ),
    Scenario(name="image", job=("call", "image", "{home}/regtest/images")),
    Scenario(
        name="layout",
        job=("call", "layout", "{out}/layout"),
        again=frozenset({0, 3}),
        whole=_holds("out/layout/index.json", b"1.0"),
    ),
    Scenario(
        name="archive",
        job=("call", "archive", "{out}/image.tar"),
        again=frozenset({0, 3}),
        whole=_holds("out/image.tar", LAYER),
    ),
)


@dataclass(slots=True)
class Driver:
    """The process that forks. Use it in a `with`. `whole`: its jobs need most of the program."""

    folder: Path
    whole: bool = False
    process: Any = field(init=False)

    def __enter__(self) -> Self:
        library = self.folder / "fault_points.so"
        command = [
            "cc",
            "-shared",
            "-fPIC",
            "-O1",
            "-o",
            str(library),
            str(ROOT / "tests/campaign/fault_points.c"),
            "-ldl",
        ]
        subprocess.run(command, check=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.fault_driver", *(["--whole"] if self.whole else [])],
            cwd=ROOT,
            env={"LD_PRELOAD": str(library), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def run(
        self, place: Place, job: Sequence[str], *, at: int = 0, kind: int = KILL, settings: Mapping[str, str] = NOWHERE
    ) -> "Done":
        """One job, whose writes below the place are counted, with a fault at one of them (0: at none).

        `settings` are environment variables, such as those that say where a node is.
        """
        told = {name: self.folder / name for name in ("stdout", "stderr", "points")}
        told["points"].write_text("0", encoding="ascii")
        words = {"{home}": place.home, "{out}": place.out, "{given}": place.root / "given"}
        filled = [_filled(word, words) for word in job]
        environment = {
            "HOME": str(place.root),
            "DOCKCHAINS_HOME": str(place.home),
            "DOCKCHAINS_NETWORK": "regtest",
            "TMPDIR": str(self.folder),
        } | dict(settings)
        asked = {"job": filled, "environment": environment, "at": at, "kind": kind, "under": f"{place.root}/"}
        line = json.dumps(asked | {name: str(file) for name, file in told.items()})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        code = json.loads(self.process.stdout.readline())
        answer, notes = (told[name].read_text(errors="replace") for name in ("stdout", "stderr"))
        points = int(told["points"].read_text(encoding="ascii"))
        return Done(code=code, points=points, answer=answer, said=notes + answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended (the negative signal where it was killed), how many writes it came to, and what it said.

    `answer` is its standard output, `said` that and its notes.
    """

    code: int
    points: int
    answer: str
    said: str

    @property
    def killed(self) -> bool:
        """Whether the fault killed it."""
        return self.code == -signal.SIGKILL

    @property
    def bug(self) -> str:
        """Why it ended as no job may end, or an empty text."""
        bad = "Traceback" in self.said or "unexpected error" in self.said or self.code == 1
        return f"ended with {self.code}: {self.said[-1_500:]}" if bad or (self.code < 0 and not self.killed) else ""


def _filled(word: str, folders: Mapping[str, Path]) -> str:
    for name, folder in folders.items():
        word = word.replace(name, str(folder))
    return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A scenario that is ready to go wrong: its folder before, the number of its writes, and what there is after it."""

    folder: Path
    points: int
    after: Mapping[str, object]


def state(place: Place, private: Sequence[str] = ()) -> dict[str, object]:
    """Every file and folder with its mode, and what it says as far as that is the same each time.

    `private` are databases that say another thing each time.
    """
    found: dict[str, object] = {}
    for path in sorted(place.root.rglob("*")):
        name = str(path.relative_to(place.root))
        mode = stat.S_IMODE(path.lstat().st_mode)
        if name.endswith(_SIDE):
            if mode & 0o077:
                found[name] = f"a side file with mode {mode:o}"
            continue
        said: object = ""
        if path.suffix == ".db" and name not in private:
            said = _dumped(path)
        elif path.suffix in (".toml", ".lock", ".tar") or "given" in name or "logins" in name or "layout" in name:
            said = path.read_bytes() if (path.is_file() and path.suffix != ".lock") or "dockchains.lock" in name else ""
        elif path.name == "pins.json":
            said = path.read_bytes()
        found[name] = (path.is_dir(), f"{mode:o}", said)
    return found


def _dumped(path: Path) -> tuple[str, ...]:
    connection = sqlite3.connect(path)
    lines = tuple(line for line in connection.iterdump() if 'INTO "identity"' not in line)
    connection.close()
    return lines


def _given(root: Path) -> None:
    """What a person has before: passwords, words, another tool's logins."""
    place = Place(root)
    for folder in (place.home, place.out, root / "given", root / "given/docker"):
        folder.mkdir(mode=0o700)
    files = {
        "old": OLD,
        "new": NEW,
        "words": TEST_WORDS,
        "docker/config.json": '{"credHelpers": {"other.example": "docker-credential-other"}}',
    }
    for name, text in files.items():
        (root / "given" / name).write_text(text, encoding="utf-8")
        (root / "given" / name).chmod(0o600)


def _based(driver: Driver, scenario: Scenario) -> Base:
    """Prepares a scenario, and does its job once, and again, without a fault."""
    folder = driver.folder / f"base-{scenario.name.replace(' ', '-')}"
    folder.mkdir()
    _given(folder)
    place = Place(folder)
    if "{given}/backup" in scenario.job:
        made = Driver.run(driver, place, _RESTORE), Driver.run(driver, place, ("wallet", "backup", "{given}/backup"))
        assert [one.code for one in made] == [0, 0], made
        shutil.rmtree(place.home)
        place.home.mkdir(mode=0o700)
    for job in scenario.prepare:
        done = driver.run(place, job)
        assert done.code == 0, (scenario.name, job, done)
    with TemporaryDirectory(dir=driver.folder) as copy:
        tried = _copied(folder, Path(copy))
        done = driver.run(tried, scenario.job)
        assert done.code == 0, (scenario.name, done)
        again = driver.run(tried, scenario.job)
        assert again.code in scenario.again, (scenario.name, again)
        assert not scenario.whole(tried), scenario.whole(tried)
        return Base(folder=folder, points=done.points, after=_relative(state(tried, scenario.private), tried))


def _relative(found: dict[str, object], place: Place) -> dict[str, object]:
    """The same in every place."""
    return json.loads(json.dumps(found, default=repr).replace(str(place.root), "ROOT"))  # type: ignore[no-any-return]


def _copied(folder: Path, to: Path) -> Place:
    shutil.copytree(folder, to / "case")
    return Place(to / "case")


def _case(driver: Driver, scenario: Scenario, base: Base, number: int, report: Report) -> str:
    """One case; what is wrong, or an empty text."""
    kind = KINDS[number % len(KINDS)]
    at = 1 + (number * 7_919) % base.points
    with TemporaryDirectory(dir=driver.folder) as copy:
        place = _copied(base.folder, Path(copy))
        done = driver.run(place, scenario.job, at=at, kind=kind)
        report.figures[WORDS[kind]] += 1
        where = f"{scenario.name}, {WORDS[kind]} at write {at} of {base.points}"
        wrong = done.bug or scenario.safe(place)
        if wrong:
            return f"{where}: {wrong}"
        if number % AGAIN == 0:
            second = driver.run(place, scenario.job, at=1 + (number * 104_729) % base.points, kind=KILL)
            report.figures["killed once more"] += second.killed
            wrong = second.bug or scenario.safe(place)
            if wrong:
                return f"{where}, then killed again: {wrong}"
        last = driver.run(place, scenario.job)
        if last.code not in scenario.again:
            return f"{where}: done again it ended with {last.code}: {last.said[-1_500:]}"
        wrong = last.bug or scenario.whole(place)
        after = _relative(state(place, scenario.private), place)
        return f"{where}: {wrong}" if wrong else _difference(where, base.after, after)


def _difference(where: str, expected: Mapping[str, object], found: Mapping[str, object]) -> str:
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    lines = [f"{name}: {str(expected.get(name))[:300]} became {str(found.get(name))[:300]}" for name in names[:5]]
    return f"{where}: {'; '.join(lines)}" if lines else ""


def work(first: int, count: int) -> Report:
    """The cases of some seeds, in turn over all scenarios."""
    report = Report()
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with TemporaryDirectory(prefix="faults-", dir=place) as folder, Driver(Path(folder)) as driver:
        bases: dict[str, Base] = {}
        for seed in range(first, first + count):
            scenario = SCENARIOS[seed % len(SCENARIOS)]
            if scenario.name not in bases:
                bases[scenario.name] = _based(driver, scenario)
            wrong = _case(driver, scenario, bases[scenario.name], seed // len(SCENARIOS), report)
            report.cases += 1
            if wrong:
                report.failures.append(f"seed {seed}: {wrong}")
    return report


PART = Part(name="faults", says="jobs killed or failed at a write", cases=1_364, piece=341, minutes=2.5, work=work)
