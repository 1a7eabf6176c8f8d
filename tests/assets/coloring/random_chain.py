"""Random chains of well-meant, odd and hostile transactions, which no wallet of ours would make.

The judge is asked only for where titles and units probably are, so that chains are worth comparing.
"""

from random import Random

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from tests.builders import der_signature, p2tr, p2wsh, public_key, script, with_witnesses
from tests.judge.simple_coloring import Judged, Units
from tests.judge.simple_transaction import transaction_from_hex
from wallet.hashes import display, sha256

KEYS = ("alice", "bob", "carol")
DIGESTS = [sha256(name.encode()) for name in "abc"]
TAG = bytes.fromhex("4f410100")


def multisig(key: str) -> bytes:
    """A 2-of-3 of made-up keys."""
    return b"\x52" + b"".join(b"\x21" + public_key(f"{key} {number}") for number in range(3)) + b"\x53\xae"


class RandomChain:
    """Transactions in the order of a chain, drawn by a seeded generator."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.transactions: list[CTransaction] = []
        self._unspent: list[tuple[COutPoint, CScript]] = []
        self._judged = Judged()
        self._fund()

    def grow(self, count: int) -> list[CTransaction]:
        """`count` more transactions; returns all."""
        for _ in range(count):
            step = self._random.choices((self._genesis, self._title_move, self._anything), (2, 12, 1))[0]
            step()
        return self.transactions

    def _fund(self) -> None:
        scripts = [self._script() for _ in range(12)]
        self._add([(COutPoint(sha256(b"from nowhere"), 0), script("miner"))], [CTxOut(1_000, one) for one in scripts])

    def _script(self) -> CScript:
        key = self._random.choice(KEYS)
        return self._random.choice((script(key), script(key), script(key), p2tr(key), p2wsh(multisig(key))))

    def _genesis(self) -> None:
        quantities = self._random.choice(([1, 10],) * 12 + ([2, 10], [1, 0], [1], [1, 2, 3]))
        name = self._random.choice((b"registry.example/app",) * 5 + (b"r.e/B", b"\x00" + bytes(20)))
        record = b"DC\x01\x01" + self._random.choice(DIGESTS) + name
        outputs = [CTxOut(700, self._script()) for _ in range(4)]
        outputs.insert(self._random.choice((2,) * 10 + (1, 3)), self._marker(quantities, record))
        self._add(self._coins(1 + self._random.randrange(2), colored=0.1), outputs)

    def _title_move(self) -> None:
        coins = self._title() + self._coins(self._random.randrange(1, 3), colored=0.5)
        self._random.shuffle(coins) if self._random.random() < 0.05 else None
        outputs = [CTxOut(600, coins[0][1] if self._random.random() < 0.8 else self._script()) for _ in range(3)]
        if self._random.random() < 0.8:
            outputs.insert(0, self._marker([1], self._record(), defects=0))
            self._add(coins, outputs)
            return
        place = self._random.choices((0, 1, 2), (18, 1, 1))[0]
        quantities = self._random.choices(([1], [1, 10], [1, 4], [2], [0, 1], [10], []), (24, 2, 2, 1, 1, 1, 1))[0]
        outputs.insert(place, self._marker(quantities, self._record()))
        self._add(coins, outputs)

    def _anything(self) -> None:
        coins = self._coins(1 + self._random.randrange(4), colored=0.7)
        outputs = [CTxOut(600, self._script()) for _ in range(self._random.randrange(1, 5))]
        for _ in range(self._random.choice((0, 1, 1, 1, 1, 2))):
            quantities = [
                self._random.choice((0, 0, 1, 1, 2, 5, 10, 2**63 - 1)) for _ in range(self._random.randrange(5))
            ]
            outputs.insert(self._random.randrange(len(outputs) + 1), self._marker(quantities, self._record()))
        self._add(coins, outputs)

    def _record(self) -> bytes:
        digest, other = self._random.choice(DIGESTS), self._random.choice(DIGESTS)
        tags = self._random.choice(
            (b"1", b"1", b"2", b"2", b"1,2", b"1,2", b"latest,1", b"\x00" + sha256(b"1"), b"1,,2", b"\xc3\xa9", b"1,1")
        )
        header = b"DC" + bytes([self._random.choice((1,) * 9 + (2,))])
        return self._random.choice(
            (
                *(header + b"\x02" + digest + tags,) * 8,
                *(header + b"\x09" + digest + tags,) * 4,
                header + b"\x03" + digest + bytes([self._random.randrange(5)]),
                header + b"\x05" + digest + b"registry.example/new",
                header + b"\x07" + digest + other,
                header + b"\x01" + digest + b"registry.example/app",
                header + bytes([self._random.randrange(12)]) + digest + tags,
                b"",
                b"u=https://acme.example",
                bytes(self._random.randrange(256) for _ in range(self._random.randrange(100))),
            )
        )

    def _marker(self, quantities: list[int], metadata: bytes, *, defects: float = 1.0) -> CTxOut:
        def defect(share: float) -> bool:
            return self._random.random() < share * defects

        numbers = b"".join(self._number(value, padded=defect(0.05)) for value in quantities)
        size = len(quantities)
        count = b"\xfd" + size.to_bytes(2, "little") if defect(0.05) else bytes([size])
        payload = TAG + count + numbers + bytes([len(metadata)]) + metadata
        payload += b"\x00" if defect(0.05) else b""
        shortest = bytes([len(payload)]) if len(payload) < 76 else b"\x4c" + bytes([len(payload)])
        push = b"\x4d" + len(payload).to_bytes(2, "little") if defect(0.05) else shortest
        return CTxOut(0, CScript(b"\x6a" + push + payload + (b"\x51" if defect(0.05) else b"")))

    def _number(self, value: int, *, padded: bool) -> bytes:
        groups = [value & 0x7F]
        while value := value >> 7:
            groups.append(value & 0x7F)
        groups += [0] if padded else []
        return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])

    def _title(self) -> list[tuple[COutPoint, CScript]]:
        """A title, if there is one."""
        titles = [one for one in self._unspent if (units := self._units(one)) is not None and units.title]
        if not titles:
            return []
        title = self._random.choice(titles)
        self._unspent.remove(title)
        return [title]

    def _units(self, coin: tuple[COutPoint, CScript]) -> Units | None:
        return self._judged.genuine.get((display(coin[0].hash), coin[0].n))

    def _coins(self, count: int, *, colored: float) -> list[tuple[COutPoint, CScript]]:
        if len(self._unspent) < count + 4:
            self._fund_again()
        chosen: list[tuple[COutPoint, CScript]] = []
        for _ in range(count):
            pool = self._colored() if self._random.random() < colored else []
            coin = self._random.choice(pool or self._unspent)
            self._unspent.remove(coin)
            chosen.append(coin)
        return chosen

    def _colored(self) -> list[tuple[COutPoint, CScript]]:
        """Coins that probably hold units, seldom a title."""
        titles_too = self._random.random() < 0.05
        held = ((one, self._units(one)) for one in self._unspent)
        return [one for one, units in held if units is not None and (titles_too or not units.title)]

    def _fund_again(self) -> None:
        origin = COutPoint(sha256(b"again" + bytes([len(self.transactions) % 256])), len(self.transactions))
        self._add([(origin, script("miner"))], [CTxOut(1_000, self._script()) for _ in range(12)])

    def _witness(self, locking: CScript) -> tuple[bytes, ...]:
        sighash = self._random.choice((0x01,) * 16 + (0x02, 0x03, 0x81, 0x83))
        signature = der_signature("", sighash)
        if locking[:2] == b"\x51\x20":
            plain = (bytes(64),), (bytes(64) + bytes([sighash]),), (bytes(64), b"\x50"), (b"\x51", b"\xc0" + bytes(32))
            return self._random.choice(plain)
        if locking[:2] == b"\x00\x20":
            program = next(one for key in KEYS if p2wsh(one := multisig(key)) == locking)
            good = (b"", der_signature("x"), signature, program)
            loose = (b"", signature, program), good[1:], (b"\x01", *good[1:]), (b"", b"", *good[1:]), (program,)
            return self._random.choice((good,) * 8 + loose)
        return (signature, public_key())

    def _add(self, coins: list[tuple[COutPoint, CScript]], outputs: list[CTxOut]) -> None:
        vin = [CTxIn(outpoint, CScript(), 0xFFFFFFFD) for outpoint, _ in coins]
        bare = CTransaction.from_tx(CMutableTransaction(vin, outputs, len(self.transactions), 2))
        tx = with_witnesses(bare, [self._witness(locking) for _, locking in coins])
        self.transactions.append(tx)
        made = [(COutPoint(tx.GetTxid(), n), out.scriptPubKey) for n, out in enumerate(tx.vout) if out.nValue]
        self._unspent += made
        simple = transaction_from_hex(tx.serialize().hex())
        for coin in simple.spends:
            self._judged.scripts.setdefault(coin, b"")
        self._judged.add(simple, None)
