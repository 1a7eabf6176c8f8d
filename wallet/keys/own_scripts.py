"""Which scripts are a wallet's own: said by its keys alone, and by nobody who only claims to know.

Whoever asks for a signature may leave out, or make up, which inputs and outputs are ours. So the scripts are derived:
of every key that was used, and of the next 1,000 on each path and chain.
"""

from collections.abc import Callable, Iterable, Mapping

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


def own_scripts(script_of: Callable[[KeyPath], CScript], far: Reach) -> dict[bytes, KeyPath]:
    """The own scripts with their keys; `script_of` derives one."""
    found: dict[bytes, KeyPath] = {}
    for account, chain, count in far:
        for index in range(count):
            path = KeyPath(account, chain, index)
            found[bytes(script_of(path))] = path
    return found
