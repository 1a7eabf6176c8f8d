"""Commands that sign, on a real node, killed or failed at their writes; then they are typed again, as a person would.

A process has one node, one registry and two wallets (`deed_ground.py`), which live on through all of its cases. After
each fault the same command is typed again until it is done, or refuses because it was done: then the chain has what
was asked for, once, and no transaction more; what the node has stands in the journal; no file is left behind or open
to others. At the end wallets and indexes are compared with new ones, made of the words and the chain alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaign.deed_ground import BUYER, OWNER, RATE, DeedGround
from tests.campaign.faults import AGAIN, KILL, KINDS, WORDS, Done
from tests.campaign.parts import Part, Report
from wallet.errors import WalletError

TRIES = 4
"""So often a person types a command until it is done."""

PRICE = "0.0005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command that is ready to be typed, who types it, and what is wrong once it is done (or an empty text)."""

    who: str
    job: tuple[str, ...]
    wrong: Callable[[], str]


Ready = Callable[[DeedGround, int], Typed]
"""Prepares a case, without any fault. The number is another one each time."""


def _nothing() -> str:
    return ""


def _once(ground: DeedGround, needle: bytes) -> Callable[[], str]:
    """The mempool has one record with these bytes."""

    def wrong() -> str:
        found = ground.records(needle)
        return "" if found == 1 else f"{found} transactions carry {needle.hex()}"

    return wrong


def _written(file: Path) -> Callable[[], str]:
    """A document is there, whole."""

    def wrong() -> str:
        try:
            json.loads(file.read_bytes())
        except (OSError, ValueError) as error:
            return f"{file.name}: {error!r}"
        return ""

    return wrong


def _send(ground: DeedGround, number: int) -> Typed:
    address = str(ground.node.miner("getnewaddress"))

    def wrong() -> str:
        sats = ground.paid(address)
        return "" if sats == 20_000 else f"{sats} sats were paid, not 20000"

    return Typed(who=OWNER, job=("wallet", "send", address, "0.0002", *RATE, *ground.secret), wrong=wrong)


def _bump(ground: DeedGround, number: int) -> Typed:
    address = str(ground.node.miner("getnewaddress"))
    old = ground.signs(OWNER, "wallet", "send", address, "0.0002", *RATE)["txid"]

    def wrong() -> str:
        if old in ground.waiting():
            return f"{old} still waits"
        sats = ground.paid(address)
        return "" if sats == 20_000 else f"{sats} sats were paid, not 20000"

    return Typed(who=OWNER, job=("wallet", "bump", old, "--fee-rate", "20", *ground.secret), wrong=wrong)


def _issue(ground: DeedGround, number: int) -> Typed:
    name = ground.name(f"i/{number:x}")
    return Typed(who=OWNER, job=("image", "issue", name, *RATE, *ground.secret), wrong=_once(ground, b"DC\x01\x01"))


def _repository(ground: DeedGround, path: str = "app") -> str:
    """One that the owner issued."""
    name = ground.name(path)
    known = ground.asks(OWNER, "image", "list")["repositories"]
    if name not in [one["name"] for one in known]:
        ground.signs(OWNER, "image", "issue", name, *RATE)
        ground.node.mine()
    return name


def _release(ground: DeedGround, number: int) -> Typed:
    name = _repository(ground)
    digest = ground.push(name, "1.0", f"release {number}")
    job = ("image", "release", f"{name}:1.0", "--digest", str(digest), *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_once(ground, b"DC\x01\x02" + digest.raw))


def _revoke(ground: DeedGround, number: int) -> Typed:
    name = _repository(ground)
    digest = ground.push(name, "bad", f"revoke {number}")
    job = ("image", "revoke", f"{name}@{digest}", "--reason", "broken", *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_once(ground, b"DC\x01\x03" + digest.raw))


def _define(ground: DeedGround, number: int) -> Typed:
    name = _repository(ground)
    job = ("image", "define", name, "--issuer", f"Acme {number}", *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_once(ground, b"DC\x01\x05"))


def _seal(ground: DeedGround, number: int) -> Typed:
    name = _repository(ground, "sealed")
    digest = ground.push(name, "1.0", f"seal {number}")
    ground.signs(OWNER, "image", "release", f"{name}:1.0", "--digest", str(digest), *RATE)
    ground.node.mine()
    job = ("image", "seal", f"{name}:1.0", *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_once(ground, b"DC\x01\x07" + digest.raw))


def _transfer(ground: DeedGround, number: int) -> Typed:
    """To and fro."""
    _repository(ground, "moving")
    name, who = ground.name("moving"), OWNER
    for one in (OWNER, BUYER):
        listed = ground.asks(one, "image", "list")["repositories"]
        if any(found["name"] == name and found["state"] == "held" and found["owned"] for found in listed):
            who = one
    other = BUYER if who == OWNER else OWNER
    job = ("image", "transfer", name, ground.unit_address(other), *RATE, *ground.secret)
    return Typed(who=who, job=job, wrong=_nothing)


def _grant(ground: DeedGround, number: int) -> Typed:
    name = _repository(ground)
    job = ("access", "grant", name, f"{ground.unit_address(BUYER)}=1", *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_nothing)


def _listed(ground: DeedGround, name: str) -> set[str]:
    """What the owner's listings of a repository are: open, at a shop, ended."""
    return {one["state"] for one in ground.asks(OWNER, "market", "offers", name)["own"]}


def _lots(ground: DeedGround, *, there: bool) -> str:
    """A repository with lots for sale in a block, or with none."""
    name = _repository(ground, "shop")
    states = _listed(ground, name)
    if "at a shop" in states or ("open" in states and not there):
        ground.signs(OWNER, "market", "cancel", name, "--lots", *RATE)
        ground.node.mine()
        states = set()
    if there and "open" not in states:
        ground.signs(OWNER, "market", "sell", name, "--access", "--copies", "2", "--price", PRICE, *RATE)
        ground.node.mine()
    return name


def _without_lots(ground: DeedGround) -> None:
    """All lots come back into one coin: those on their own keys a new wallet finds only once it is unlocked."""
    ground.run(OWNER, "market", "cancel", ground.name("shop"), "--lots", *RATE, *ground.secret)
    ground.node.mine()


def _sell(ground: DeedGround, number: int) -> Typed:
    name = _lots(ground, there=False)
    job = ("market", "sell", name, "--access", "--copies", "2", "--price", PRICE, *RATE, *ground.secret)
    return Typed(who=OWNER, job=job, wrong=_nothing)


def _cancel(ground: DeedGround, number: int) -> Typed:
    name = _lots(ground, there=True)
    return Typed(who=OWNER, job=("market", "cancel", name, "--lots", *RATE, *ground.secret), wrong=_nothing)


def _export_shop(ground: DeedGround, number: int) -> Typed:
    """A shop never has keys of lots that the wallet takes for its own."""
    file, name = ground.out(f"shop-{number}"), _lots(ground, there=True)
    job = ("market", "export-shop", name, str(file), *ground.secret)

    def wrong() -> str:
        shown = file.exists() and file.lstat().st_mode & 0o077
        if shown or (file.exists() and "open" in _listed(ground, name)):
            return "others can read the shop's keys" if shown else "the wallet does not know what is at the shop"
        return _written(file)()

    return Typed(who=OWNER, job=job, wrong=wrong)


def _listing(ground: DeedGround, number: int) -> Path:
    """The title of a small repository, for sale."""
    name, file = _repository(ground, f"t/{number:x}"), ground.out(f"listing-{number}")
    ground.signs(OWNER, "market", "sell", name, "--title", "--price", PRICE, "--out", str(file))
    return file


def _buy(ground: DeedGround, number: int) -> Typed:
    """The bid is written to a file; nobody completes it, and it is taken back by the next case's blocks."""
    listing, bid = _listing(ground, number), ground.out(f"bid-{number}")
    job = ("market", "buy", str(listing), "--out", str(bid), "--no-secret", "--expires", "6", *RATE, *ground.secret)
    return Typed(who=BUYER, job=job, wrong=_written(bid))


def _accept(ground: DeedGround, number: int) -> Typed:
    listing, bid = _listing(ground, number), ground.out(f"bid-{number}")
    ground.signs(BUYER, "market", "buy", str(listing), "--out", str(bid), "--no-secret", *RATE)
    return Typed(who=OWNER, job=("market", "accept", str(bid), *ground.secret), wrong=_nothing)


def _sync(ground: DeedGround, number: int) -> Typed:
    ground.node.mine(2)
    return Typed(who=BUYER, job=("chain", "sync"), wrong=_nothing)


def _reindex(ground: DeedGround, number: int) -> Typed:
    return Typed(who=BUYER, job=("chain", "reindex"), wrong=_nothing)


def _pull(ground: DeedGround, number: int) -> Typed:
    """Into a folder of an image's own layout; a person who finds the folder there removes it first."""
    name = _repository(ground, "pulled")
    repositories = ground.asks(OWNER, "image", "list")["repositories"]
    found = next(one for one in repositories if one["name"] == name)
    if not found["tags"]:
        digest = ground.push(name, "1.0", "pulled")
        ground.signs(OWNER, "image", "release", f"{name}:1.0", "--digest", str(digest), *RATE)
        ground.node.mine()
    folder = ground.out(f"layout-{number}")
    job = ("image", "pull", f"{name}:1.0", "--genesis", found["genesis"], "--to", f"oci:{folder}")

    def wrong() -> str:
        blobs = [one for one in folder.glob("blobs/sha256/*") if one.is_file()]
        return _written(folder / "index.json")() or ("" if len(blobs) == 3 else f"{len(blobs)} blobs were written")

    return Typed(who=BUYER, job=job, wrong=wrong)


DEEDS: dict[str, Ready] = {
    "wallet send": _send,
    "wallet bump": _bump,
    "image issue": _issue,
    "image release": _release,
    "image revoke": _revoke,
    "image define": _define,
    "image seal": _seal,
    "image transfer": _transfer,
    "image pull": _pull,
    "access grant": _grant,
    "market sell": _sell,
    "market cancel": _cancel,
    "market export-shop": _export_shop,
    "market buy": _buy,
    "market accept": _accept,
    "chain sync": _sync,
    "chain reindex": _reindex,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What a deed comes to without a fault: its writes, its transactions, and the files that there are after it."""

    points: int
    sends: int
    files: dict[str, str]


@dataclass(slots=True)
class Doing:
    """All cases of a process."""

    ground: DeedGround
    report: Report
    done: dict[str, Whole]
    said: list[str]
    """What the commands of this case answered, for whoever reads of a failure."""

    def case(self, name: str, seed: int) -> str:
        """One case; what is wrong, or an empty text."""
        self.said.clear()
        wrong = self._tried(name, seed)
        return "\n".join((wrong, *self.said)) if wrong else ""

    def _run(self, typed: Typed, *, at: int = 0, kind: int = KILL) -> Done:
        done = self.ground.run(typed.who, *typed.job, at=at, kind=kind)
        self.said.append(f"  {' '.join(typed.job)} ended with {done.code}: {done.said[-1_200:]}")
        return done

    def _tried(self, name: str, seed: int) -> str:
        if name not in self.done:
            wrong = self._measure(name, seed)
            if wrong:
                return f"{name}, without a fault: {wrong}"
        whole = self.done[name]
        typed = DEEDS[name](self.ground, seed)
        kind, at = KINDS[seed % len(KINDS)], 1 + (seed * 7_919) % whole.points
        done = self._run(typed, at=at, kind=kind)
        self.report.figures[WORDS[kind]] += 1
        where = f"{name}, {WORDS[kind]} at write {at} of {whole.points}"
        wrong = self._ended(done, whole)
        if not wrong and seed % AGAIN == 0 and not self._told(done, typed, whole):
            again = 1 + (seed * 104_729) % whole.points
            done = self._run(typed, at=again)
            self.report.figures["killed once more"] += done.killed
            where = f"{where}, then killed at write {again}"
            wrong = self._ended(done, whole)
        return f"{where}: {wrong}" if wrong else self._finished(where, typed, done, whole)

    def _measure(self, name: str, seed: int) -> str:
        typed = DEEDS[name](self.ground, seed + 10**6)
        before = self.ground.waiting()
        done = self._run(typed)
        if done.code:
            return f"it ended with {done.code}"
        sends = len(self.ground.waiting() - before)
        wrong = typed.wrong()
        self._settle(typed)
        self.done[name] = Whole(points=done.points, sends=sends, files=self.ground.files())
        return wrong

    def _ended(self, done: Done, whole: Whole) -> str:
        """What may never be, whatever happened: a bug's end, a transaction too many, a file that others can read."""
        if done.bug:
            return done.bug
        if len(self.ground.waiting()) > max(whole.sends, 1):
            return f"{len(self.ground.waiting())} transactions wait where {whole.sends} are enough"
        shown = self.ground.open_to_others()
        return f"others can read {shown}" if shown else ""

    def _complete(self, typed: Typed, whole: Whole) -> bool:
        return len(self.ground.waiting()) == whole.sends and not typed.wrong()

    def _told(self, done: Done, typed: Typed, whole: Whole) -> bool:
        """Whether a person knows that it is done, and has no reason to type it again."""
        named = not whole.sends or any(txid in done.answer for txid in self.ground.waiting())
        return self._complete(typed, whole) and (done.code == 0 or (done.killed and whole.sends > 0 and named))

    def _finished(self, where: str, typed: Typed, done: Done, whole: Whole) -> str:
        """Typed again until it is done, or known to be."""
        for _ in range(TRIES):
            if self._told(done, typed, whole):
                break
            known = self._complete(typed, whole)
            done = self._run(typed)
            wrong = self._ended(done, whole)
            if wrong:
                return f"{where}, typed again: {wrong}"
            self.report.figures["refused, since it was done"] += known and done.code == 3
            if known and done.code == 3:
                break
        if not self._complete(typed, whole):
            said = typed.wrong() or f"{len(self.ground.waiting())} of {whole.sends} transactions"
            return f"{where}: {said}"
        return self._settled(where, typed, whole)

    def _settled(self, where: str, typed: Typed, whole: Whole) -> str:
        """Into a block; what the node has stands in the journal, and no file more is there than without a fault."""
        sent = self.ground.waiting() if whole.sends else set()
        self._settle(typed)
        history = self.ground.run(typed.who, "wallet", "history").answer
        missing = [txid for txid in sent if txid not in history]
        if missing:
            return f"{where}: the history does not have {missing}"
        files, anybody = self.ground.files(), self.ground.of_anybody
        known = {name: mode for one in self.done.values() for name, mode in anybody(one.files).items()}
        odd = {name: mode for name, mode in anybody(files).items() if known.get(name) != mode}
        lost = whole.files.keys() - files.keys()
        return f"{where}: files left behind or of another mode: {odd}; lost: {lost}" if odd or lost else ""

    def _settle(self, typed: Typed) -> None:
        """A block; and for bids that nobody completes enough of them to end."""
        self.ground.node.mine(8 if typed.job[:2] == ("market", "buy") else 1)


def work(first: int, count: int) -> Report:
    """The cases of some seeds, in turn over all deeds, on one node."""
    report = Report()
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with TemporaryDirectory(prefix="deeds-", dir=place) as folder, DeedGround(Path(folder)) as ground:
        doing = Doing(ground, report, {}, [])
        names = list(DEEDS)
        for seed in range(first, first + count):
            name = names[seed % len(names)]
            try:
                wrong = doing.case(name, seed)
            except (AssertionError, WalletError) as error:
                wrong = f"{name}: it could not be made ready: {error}"
            report.cases += 1
            report.figures[name] += 1
            if wrong:
                report.failures.append(f"seed {seed} of those from {first} on: {wrong}")
                break  # what follows would stand on what is broken
        else:
            _without_lots(ground)
            cases = f"after the seeds {first} to {first + count - 1}"
            report.failures += [f"{cases}: {one}" for one in ground.compared_with_new()]
    return report


PART = Part(
    name="deeds", says="commands on a node, killed or failed at a write", cases=204, piece=102, minutes=4, work=work
)
