"""Which scripts are a wallet's own: said by its keys alone, and by nobody who only claims to know.

Whoever asks for a signature may leave out, or make up, which inputs and outputs are ours. So the scripts are derived:
of every key that was used, and of the next 1,000 on each path and chain. Thousands of them cost a third of a second,
so their hashes are kept; what is kept is no authority either, and is believed as `OwnScripts` says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from bitcoin.core.script import CScript

from wallet.coins import AccountKind, KeyPath
from wallet.keys.keychain import PUBLIC_ACCOUNTS, account_chains

FURTHER = 1_000
"""Keys beyond the last used one of each path and chain that still count as own."""

MOST_CLAIMED = 20_000
"""Keys beyond the last used one among which a key that a PSBT names is looked at; no wallet hands out so many."""

OWN_CHAINS = tuple((account, chain) for account in PUBLIC_ACCOUNTS for chain in account_chains(account))
"""Every path and chain whose keys derive from public keys."""

Used = Mapping[tuple[AccountKind, int], int]
"""How many keys of each path and chain were ever paid or handed out; what is missing counts as none."""

Reach = tuple[tuple[AccountKind, int, int], ...]
"""How many keys of each path and chain are looked at."""

_STEP = 100


def reach(used: Used, claimed: Iterable[KeyPath] = ()) -> Reach:
    """How far the own scripts reach: at least FURTHER keys beyond the used ones, in steps, so that few windows differ.

    `claimed` are keys that were proved to be used by what they hold.
    """
    counts = {place: used.get(place, 0) for place in OWN_CHAINS}
    for path in claimed:
        place = path.account, path.chain
        if place in counts:
            counts[place] = max(counts[place], path.index + 1)
    return tuple(
        (account, chain, max(1, -(-count // _STEP)) * _STEP + FURTHER) for (account, chain), count in counts.items()
    )


HashesOf = Callable[[AccountKind, int, int], bytes]
"""The hashes of the first keys of a path and chain, as many as are asked for, one after the other."""

HASH_BYTES = 20
"""Length of a public key's hash, the only part in which the P2WPKH scripts of two keys differ."""

_PREFIX = b"\x00\x14"


class KeptHashes(Protocol):
    """Where the hashes of a chain's first keys are kept, so that they are derived once and not by every command."""

    def read(self, xpub: str, chain: int) -> bytes:
        """What was last written for a chain of an extended public key; empty where it is not there, or not whole."""

    def write(self, xpub: str, chain: int, hashes: bytes) -> None:
        """Keeps them if that is possible."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How scripts are proved whose hashes were kept: `script_of` derives one, `anew` the hashes of them all."""

    script_of: Callable[[KeyPath], CScript]
    anew: HashesOf


class OwnScripts(Mapping[bytes, KeyPath]):
    """The own scripts with their keys: as far as `far` says, from the hashes of the keys, and those of `lots`.

    With a `proof` the hashes were kept, and no script is said to be own before its key was derived and gave that very
    script; where it gives another, all are derived anew. That one is missing is seen by the checksum under which they
    are kept. Whoever can forge that too could as well change the extended keys, which stand in the same place.
    """

    __slots__ = ("_far", "_lots", "_numbers", "_proof", "_proved")

    def __init__(
        self, hashes_of: HashesOf, far: Reach, lots: Mapping[bytes, KeyPath], proof: Proof | None = None
    ) -> None:
        self._far, self._lots, self._proof = far, lots, proof
        self._proved: set[bytes] = set()
        self._numbers = _numbered(hashes_of, far)

    def __getitem__(self, script: bytes) -> KeyPath:
        lot = self._lots.get(script)
        if lot is not None:
            return lot
        path = self._path(self._numbers[script])
        if self._proof is not None and script not in self._proved:
            if bytes(self._proof.script_of(path)) != script:
                self._numbers = _numbered(self._proof.anew, self._far)
                path = self._path(self._numbers[script])
            self._proved.add(script)
        return path

    def __iter__(self) -> Iterator[bytes]:
        """The scripts as they were kept: for asking others about them, not for believing."""
        return chain(self._numbers, self._lots)

    def __len__(self) -> int:
        return len(self._numbers) + len(self._lots)

    def _path(self, number: int) -> KeyPath:
        for account, place, count in self._far:
            if number < count:
                return KeyPath(account, place, number)
            number -= count
        raise AssertionError("a number is one of a key within reach")


def _numbered(hashes_of: HashesOf, far: Reach) -> dict[bytes, int]:
    """The scripts of all chains within reach, numbered through: a KeyPath for each would cost more than the rest."""
    scripts = list[bytes]()
    for account, place, count in far:
        hashes = hashes_of(account, place, count)
        scripts += (_PREFIX + hashes[start : start + HASH_BYTES] for start in range(0, count * HASH_BYTES, HASH_BYTES))
    return dict(zip(scripts, range(len(scripts)), strict=True))
