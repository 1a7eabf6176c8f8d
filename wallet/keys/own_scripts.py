"""Which scripts are a wallet's own: said by its keys alone, and by nobody who only claims to know.

Whoever asks for a signature may leave out, or make up, which inputs and outputs are ours. So the scripts are derived:
of every key that was used, and of the next 1,000 on each path and chain.
"""

from collections.abc import Callable, Mapping

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


def own_scripts(script_of: Callable[[KeyPath], CScript], used: Used) -> dict[bytes, KeyPath]:
    """The own scripts with their keys; `script_of` derives one."""
    found: dict[bytes, KeyPath] = {}
    for account, chain in OWN_CHAINS:
        for index in range(used.get((account, chain), 0) + FURTHER):
            path = KeyPath(account, chain, index)
            found[bytes(script_of(path))] = path
    return found


def reaching(used: Used, claimed: KeyPath) -> dict[tuple[AccountKind, int], int]:
    """`used` once a key was proved to be used by what it holds."""
    place = claimed.account, claimed.chain
    return {**used, place: max(used.get(place, 0), claimed.index + 1)}
