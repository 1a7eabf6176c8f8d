"""Use case: find out where a wallet begins that comes back from its words alone.

Nobody remembers a birth height for sure, so where a node answers, its coins are asked at once: they show what the
wallet holds, and whether the height that was given is too late.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wallet.account import Account
from wallet.amount import format_btc
from wallet.chain.scripts import CoinFinder, CoinSearch, Progress
from wallet.errors import KeystoreError
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import KeystoreSecret, read_header
from wallet.network import Network
from wallet.store.keystore_file import KeystoreFile

SEARCHED_KEYS = 1000
"""Keys of each chain whose coins are looked for, as many as the node watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """The block to search from, and what a person should know about it."""

    height: int
    notes: tuple[str, ...] = ()


def search_for(
    words: str, passphrase: str, network: Network, finder: CoinFinder, progress: Progress | None = None
) -> CoinSearch:
    """What the chain holds for these words. Raises ChainError."""
    account = Account.of(PrivateKeychain(KeystoreSecret(words=words, passphrase=passphrase).seed(), network))
    return search_account(account, finder, progress)


def search_account(account: Account, finder: CoinFinder, progress: Progress | None = None) -> CoinSearch:
    """What the chain holds for the public side of a wallet. Raises ChainError."""
    return finder.search(account, keys=SEARCHED_KEYS, progress=progress)


def birth_of(asked: int | None, found: CoinSearch | None, network: Network) -> Birth:
    """The block to search from. `found` is None where no node could be asked.

    Without a height it is the first block that can hold anything of ours. A height that is too late for a coin that is
    there counts for nothing, since nobody knows what else lies before it.
    """
    first = network.segwit_height
    notes = () if found is None else (_holdings(found),)
    if asked is None:
        return Birth(height=first, notes=notes)
    wanted = max(asked, first)
    if found is None:
        return Birth(height=wanted)
    if found.oldest is not None and found.oldest < wanted:
        late = f"the birth height {asked} is too late: a coin lies in block {found.oldest}; the whole chain is searched"
        return Birth(height=first, notes=(*notes, late))
    if wanted > found.height:
        return Birth(height=first, notes=(*notes, f"block {asked} is not there yet: the whole chain is searched"))
    return Birth(height=wanted, notes=notes)


def same_words(fingerprint: str, keystores: Iterable[tuple[str, KeystoreFile]]) -> tuple[str, ...]:
    """The names of the wallets, among `keystores` by name, that come from the same words and passphrase."""
    found = []
    for name, keystore in keystores:
        try:
            header = read_header(keystore.read())
        except KeystoreError:
            continue
        if header.fingerprint.hex() == fingerprint:
            found.append(name)
    return tuple(found)


def _holdings(found: CoinSearch) -> str:
    if found.oldest is None:
        return (
            f"no coin lies on its first {SEARCHED_KEYS} keys as of block {found.height}; if there should be some, "
            "compare the fingerprint: another passphrase opens another wallet"
        )
    return (
        f"as of block {found.height} it holds {format_btc(found.sats)} BTC in {found.coins} "
        f"coin{'' if found.coins == 1 else 's'}, the oldest of block {found.oldest}"
    )
