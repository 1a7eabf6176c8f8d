"""Random lineages of one repository: well-meant, odd and hostile, as bytes of transactions with a place in the chain.

Signatures have the form of real ones and sign nothing: whoever reads a chain looks at the form alone, the node has
judged the rest.
"""

from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from random import Random
from typing import NamedTuple

from tests.campaign.lineage_documents import Family, Manifest, family
from tests.judge import writing
from tests.judge.simple_transaction import Coin
from tests.judge.writing import multisig, p2tr, p2wpkh, p2wsh, signature

START = 101
SAME = 40
"""So many stories in a row are about the same documents."""

CHAINED = 100
"""Of so many stories one is told on a whole chain: its coins come from somewhere, and another branch is told first."""

NOWHERE = 0xFFFFFFFE
"""The output number of coins that a chain in memory takes as made from nothing."""

NAME = b"registry.example/app"
TAGS = ("1", "1", "1", "2")

Witness = tuple[bytes, ...]
KEY = b"\x02" + bytes(32)
ODD_SIGHASHES = (0x00, 0x02, 0x03, 0x81, 0x82, 0x83)
LOOSE_DER = signature()[:3] + b"\x21\x00" + signature()[4:]


class Holder(NamedTuple):
    """A script that can hold a title, witnesses with which it writes, and some with which it must not."""

    script: bytes
    good: tuple[Witness, ...]
    odd: tuple[Witness, ...]


class Sent(NamedTuple):
    """A transaction in the order of the chain; `height` None in the mempool, `proven` False without its witness."""

    txid: str
    raw: bytes
    height: int | None
    proven: bool
    kind: str


class Story(NamedTuple):
    """A lineage, what can be read of its documents, and what is asked of it.

    `served` are documents in the registry; `beside` those that lie only beside a ciphertext, by its digest. Where the
    story is told on a whole chain, `funders` are the transactions that made its coins, and `branch` is what the chain
    held before a reorganisation: the first `common` transactions are the same.
    """

    seed: int
    genesis: str
    funding: dict[Coin, bytes]
    sent: tuple[Sent, ...]
    tip: int
    confirmations: int
    served: dict[str, Manifest]
    beside: dict[str, tuple[Manifest, ...]]
    questions: tuple[tuple[str | None, str], ...]
    funders: tuple[bytes, ...] = ()
    branch: tuple[Sent, ...] = ()
    common: int = 0


def _wallet(name: str) -> Holder:
    return Holder(
        p2wpkh(name),
        ((signature(), KEY),),
        (*((signature(one), KEY) for one in ODD_SIGHASHES), (signature()[:-1], KEY)),
    )


def _taproot(name: str) -> Holder:
    whole = bytes(64)
    odd = (
        *((whole + bytes([one]),) for one in ODD_SIGHASHES),
        (whole, b"\x50"),
        (whole, b"\x20" + KEY[1:] + b"\xac", b"\xc0" + KEY[1:]),
    )
    return Holder(p2tr(name), ((whole,), (whole + b"\x01",)), odd)


def _cosigners(needed: int, keys: int, salt: int) -> Holder:
    script = multisig(needed, keys, salt)
    ones = [signature(salt=number) for number in range(needed)]
    odd = (
        *((b"", signature(one), *ones[1:], script) for one in ODD_SIGHASHES),
        (b"", LOOSE_DER, *ones[1:], script),
        (*ones, script),
        (b"\x01", *ones, script),
        (b"", b"", *ones, script),
        (b"", *ones, signature(), script),
        (b"", *ones[1:], script),
    )
    return Holder(p2wsh(script), ((b"", *ones, script),), odd)


def _look_alike(script: bytes, *items: bytes) -> Holder:
    """A script that is no plain multisig: nothing that it signs counts."""
    return Holder(p2wsh(script), ((*items, script),), ((*items, script),))


_TWO = multisig(2, 3, 9)
_SIGNED = (b"", signature(), signature(salt=1))
USUAL = (_wallet("a"), _wallet("b"), _taproot("c"), _cosigners(2, 3, 1), _cosigners(1, 1, 2), _cosigners(3, 16, 3))
STRANGE = (
    _look_alike(b"\x21" + KEY + b"\xac", signature()),
    _look_alike(_TWO[:-1] + b"\xaf\x51", *_SIGNED),
    _look_alike(_TWO + b"\x61", *_SIGNED),
    _look_alike(b"\x51\x75" + _TWO, *_SIGNED),
    _look_alike(b"\x63" + _TWO + b"\x68", *_SIGNED, b"\x01"),
    _look_alike(b"\x00" + _TWO[1:], b""),
    _look_alike(b"\x51\x41\x04" + bytes(64) + b"\x51\xae", b"", signature()),
    _look_alike(b"\x51\x20" + bytes(32) + b"\x51\xae", b"", signature()),
    _look_alike(b"\x01\x02" + _TWO[1:], *_SIGNED),
    _look_alike(_TWO[:1] + b"\x4c" + _TWO[1:], *_SIGNED),
    _look_alike(b"\x51" + multisig(1, 2)[1:-2] + b"\x53\xae", b"", signature()),
    Holder(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", ((),), ((),)),
    Holder(b"\x60\x20" + bytes(32), ((bytes(64),),), ((signature(), KEY),)),
)
MONEY = _wallet("money")


@lru_cache(4)
def _family(seed: int) -> Family:
    return family(Random(f"family {seed}"))


def story(seed: int) -> Story:
    """The lineage of a seed."""
    return _Teller(seed).tell()


class _Teller:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._seed = seed
        self._family = _family(seed // SAME)
        self._digests = list(self._family.documents)
        self._sent: list[Sent] = []
        self._funding: dict[Coin, bytes] = {}
        self._height: int | None = START if self._random.random() < 0.99 else None
        self._spoken_of: list[str] = []
        self._funders: list[bytes] | None = [] if seed % CHAINED == 0 else None

    def tell(self) -> Story:
        random = self._random
        self._genesis()
        genesis = self._sent[-1].txid
        steps = random.choice((1, 2, 3, 3, 4, 4, 5, 6, 8))
        fork = random.randrange(steps) if self._funders is not None else None
        branch: tuple[Sent, ...] = ()
        common = 0
        for step in range(steps):
            if self._title is None:
                break
            if step == fork:
                branch, common = self._otherwise(), len(self._sent)
            self._later()
            self._step()
        settled = [one.height for one in self._sent if one.height is not None] or [START]
        served, beside = self._registry()
        return Story(
            seed=self._seed,
            genesis=genesis,
            funding=self._funding,
            sent=tuple(self._sent),
            tip=max(settled) + random.choice((0, 0, 1, 3)),
            confirmations=random.choice((1, 1, 1, 2, 3)),
            served=served,
            beside=beside,
            questions=self._questions(),
            funders=tuple(self._funders or ()),
            branch=branch,
            common=common,
        )

    def _otherwise(self) -> tuple[Sent, ...]:
        """What a chain could hold from here on that is given up later."""
        other = copy(self)
        other._random = Random(f"branch {self._seed}")
        other._sent, other._spoken_of = list(self._sent), list(self._spoken_of)
        for _ in range(other._random.choice((1, 2, 3, 5))):
            if other._title is not None:
                other._later()
                other._step()
        return tuple(other._sent)

    # The chain

    def _later(self) -> None:
        """The next step stands in the same block, a later one, or (from then on) in the mempool."""
        if self._height is not None:
            chance = self._random.random()
            self._height = None if chance < 0.07 else self._height + (chance < 0.8)

    def _genesis(self) -> None:
        random = self._random
        self._owner = random.choice(USUAL)
        issuer = random.choice(USUAL)
        record = writing.record(1, bytes(32) + NAME)
        outputs = [(10_000, self._owner.script), (330, self._owner.script), writing.marker([1, 50], record)]
        txid = self._send("genesis", [self._fund(issuer.script)], outputs, [random.choice(issuer.good)])
        self._title: Coin | None = (txid, 0)
        self._treasury: tuple[Coin, int] | None = ((txid, 1), 50)

    def _step(self) -> None:
        draw = self._random.random()
        if draw < 0.84:
            self._record(self._body())
        elif draw < 0.92:
            self._hand_over()
        elif draw < 0.95:
            self._with_treasury()
        elif draw < 0.965:
            self._misplaced()
        else:
            self._lose()

    def _record(self, body: bytes) -> None:
        owner = self._owner
        outputs = [writing.marker([1], body), (9_000, owner.script)]
        inputs, witnesses = [self._taken_title()], [self._witness()]
        if self._random.random() < 0.4:
            inputs.append(self._fund(MONEY.script))
            witnesses.append(MONEY.good[0])
            outputs.append((500, MONEY.script))
        txid = self._send("record", inputs, outputs, witnesses, loseable=True)
        self._title = (txid, 1)

    def _hand_over(self) -> None:
        """To another script; sometimes with a record, which then does not count."""
        old_witness, old = self._witness(), self._owner
        self._owner = self._random.choice(STRANGE if self._random.random() < 0.15 else USUAL)
        body = self._body() if self._random.random() < 0.3 else b""
        title = self._taken_title()
        txid = self._send("hand-over", [title], [writing.marker([1], body), (9_000, self._owner.script)], [old_witness])
        self._title = (txid, 1)
        if self._random.random() < 0.3:
            txid = self._send("hand-over", [self._title], [writing.marker([1]), (8_500, old.script)], [self._witness()])
            self._title, self._owner = (txid, 1), old

    def _with_treasury(self) -> None:
        """Title and treasury behind it: a run of two coins; now and then the other way round, which loses the title."""
        if self._treasury is None:
            return
        (coin, units), title, owner = self._treasury, self._taken_title(), self._owner
        first = self._random.random() < 0.9
        body = self._body() if self._random.random() < 0.5 else b""
        outputs = [writing.marker([1, units], body), (9_000, owner.script), (330, owner.script)]
        inputs = [title, coin] if first else [coin, title]
        txid = self._send("with treasury", inputs, outputs, [self._witness(), self._witness()])
        self._title = (txid, 1) if first else None
        self._treasury = ((txid, 2), units)

    def _misplaced(self) -> None:
        """The title moves by other layouts, on which no record counts."""
        script, body = self._owner.script, self._body()
        title = (9_000, script)
        layouts: tuple[tuple[Sequence[writing.Output], int], ...] = (
            ((writing.marker([0, 1], body), (500, script), title), 2),
            (((500, script), writing.marker([0, 1], body), title), 2),
            ((writing.marker([1], body), title, (500, b"\x6a\x04OA01")), 1),
        )
        outputs, number = self._random.choice(layouts)
        txid = self._send("misplaced", [self._taken_title()], outputs, [self._witness()])
        self._title = (txid, number)

    def _lose(self) -> None:
        script, body = self._owner.script, self._body()
        layouts: tuple[Sequence[writing.Output], ...] = (
            ((9_000, script),),
            (writing.marker([2], body), (9_000, script)),
            (writing.marker([], body), (9_000, script)),
            (writing.marker([1, 0], body), (9_000, script), (500, script)),
            (writing.marker([1], body), writing.marker([1]), (9_000, script)),
            ((9_000, script), writing.marker([1], body)),
            (writing.marker([1, 1], body), (9_000, script)),
        )
        self._send("lost", [self._taken_title()], self._random.choice(layouts), [self._witness()])
        self._title = None

    def _witness(self) -> Witness:
        owner = self._owner
        return self._random.choice(owner.odd if self._random.random() < 0.08 else owner.good)

    def _taken_title(self) -> Coin:
        assert self._title is not None
        return self._title

    def _fund(self, script: bytes) -> Coin:
        coin = (self._random.randbytes(32).hex(), 0)
        if self._funders is not None:
            written = writing.transaction([(coin[0], NOWHERE)], [(20_000, script)], [])
            coin = (written.txid, 0)
            self._funders.append(written.raw)
        self._funding[coin] = script
        return coin

    def _send(
        self,
        kind: str,
        inputs: Sequence[Coin],
        outputs: Sequence[writing.Output],
        witnesses: Sequence[Witness],
        *,
        loseable: bool = False,
    ) -> str:
        written = writing.transaction(inputs, outputs, witnesses, lock_time=len(self._sent))
        proven = not (loseable and self._height is not None and self._random.random() < 0.004)
        raw = written.raw if proven else written.stripped
        self._sent.append(Sent(written.txid, raw, self._height, proven, kind))
        return written.txid

    # Records

    def _body(self) -> bytes:
        random = self._random
        draw = random.random()
        if draw < 0.48:
            return writing.release(self._bindable(), self._tags(), final=random.random() < 0.12)
        if draw < 0.76:
            return self._revocation()
        if draw < 0.90:
            return writing.seal(*self._sealing())
        if draw < 0.93:
            return writing.record(5, bytes(32) + random.choice((NAME, b"registry.example/new", b"\x00" + bytes(20))))
        return self._oddity()

    def _bindable(self) -> str:
        random, kinds = self._random, self._family
        draw = random.random()
        pool: Sequence[str] = kinds.lists if draw < 0.5 else kinds.images if draw < 0.8 else self._digests
        digest = random.choice(pool)
        self._spoken_of += (digest, digest)
        return digest

    def _sealing(self) -> tuple[str, str]:
        """Mostly of what was spoken of before."""
        fitting = [pair for pair in self._family.seals if pair[0] in self._spoken_of]
        pair = self._random.choice(fitting or self._family.seals)
        self._spoken_of += pair
        return pair

    def _tags(self) -> bytes:
        random = self._random
        draw = random.random()
        if draw < 0.75:
            return random.choice(TAGS).encode()
        if draw < 0.9:
            return random.choice((b"1,2", b"2,1", b"1,latest"))
        return b"\x00" + bytes.fromhex(writing.tag_key(random.choice(TAGS)))

    def _revocation(self) -> bytes:
        random = self._random
        draw = random.random()
        if draw < 0.45:
            digest = random.choice(self._family.lists)
        elif draw < 0.7:
            digest = random.choice(self._family.images)
        elif draw < 0.95:
            digest = random.choice(self._digests)
        else:
            digest = random.randbytes(32).hex()
        self._spoken_of.append(digest)
        reason = random.choice((0, 1, 2, 3, 0, 1, 2, 3, 4, 0x7F))
        return writing.revoke(digest, alone=random.random() < 0.4, reason=reason)

    def _oddity(self) -> bytes:
        """Flaws, unknown kinds and versions: ignored and shown, never an error."""
        random = self._random
        digest = self._bindable()
        body = bytes.fromhex(digest)
        return random.choice(
            (
                writing.release(digest, b""),
                writing.release(digest, b"1,1"),
                writing.release(digest, b"1,"),
                writing.release(digest, b",1"),
                writing.release(digest, b"-x"),
                writing.release(digest, b"\x00" + bytes(31)),
                writing.release(digest, b"\xc3\xa9"),
                writing.release(digest, b"1" * 38),
                writing.release(digest, b"1" * 37),
                writing.record(3, body),
                writing.record(3, body + b"\x01\x01"),
                writing.record(7, body + body[:31]),
                writing.record(7, body + body + b"\x00"),
                writing.record(1, bytes(32) + NAME),
                writing.record(6, body + body),
                writing.record(8, b"\x00\x00\x00\x00\x00"),
                writing.record(10, body + body),
                writing.record(11, body + body),
                writing.record(4, body),
                writing.record(2, body + b"1", version=2),
                writing.record(2, body + b"1")[1:],
                b"DC",
                b"u=https://acme.example",
                random.randbytes(random.randrange(40)),
            )
        )

    # What can be read, and what is asked

    def _registry(self) -> tuple[dict[str, Manifest], dict[str, tuple[Manifest, ...]]]:
        random = self._random
        served = dict(self._family.documents)
        beside: dict[str, tuple[Manifest, ...]] = {}
        for plaintext, ciphertext in self._family.seals:
            if random.random() < 0.5:
                originals = self._tree(plaintext)
                if originals:
                    beside[ciphertext] = tuple(self._family.documents[one] for one in originals)
                    for one in originals if random.random() < 0.5 else ():
                        served.pop(one, None)
        if random.random() < 0.3:
            for one in random.sample(self._digests, random.choice((1, 1, 2, 4))):
                served.pop(one, None)
        return served, beside

    def _tree(self, digest: str) -> list[str]:
        """A plaintext's manifests, index first; nothing for what is refused."""
        found = [digest]
        for one in found:
            if not self._family.documents[one].readable:
                return []
            found += [entry for entry in self._family.documents[one].entries or () if entry not in found]
        return found

    def _questions(self) -> tuple[tuple[str | None, str], ...]:
        random = self._random
        return tuple((random.choice((None, "1", "1", "2")), self._asked()) for _ in range(random.choice((0, 1, 1, 1))))

    def _asked(self) -> str:
        """Mostly something that a record speaks of, or what is in it."""
        random = self._random
        if not self._spoken_of or random.random() < 0.08:
            return random.choice(self._digests)
        digest = random.choice(self._spoken_of)
        document = self._family.documents.get(digest)
        while document is not None and document.entries and random.random() < 0.45:
            digest = random.choice(document.entries)
            document = self._family.documents[digest]
        return digest
