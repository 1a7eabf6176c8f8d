"""Making a wallet: of new words, of old ones, of a backup, or without keys. The one of a name is made once."""

from collections.abc import Callable

from assets.services.chain.restoring import birth_of, same_words, search_account, search_for
from assets.services.wallets.backups import restore_backup
from assets.services.wallets.opening import NewWallet, create
from assets.services.wallets.watch_only import born_at, create_watching, require_network
from tui.verbs.files import read_given
from tui.verbs.progress import counted
from tui.verbs.reading import Reading
from tui.verbs.wallet.requests import FromBackup, NewWords, OldWords, Watched
from tui.verbs.wallet.views import MadeWallet
from wallet.advice import Prose
from wallet.backup import MAX_BACKUP
from wallet.chain.scripts import CoinSearch
from wallet.errors import ChainError
from wallet.keys.mnemonic import check
from wallet.public_facts import MAX_FACTS, parse_public_facts

SEARCHING = "looking for coins of this wallet"
_COMPARE = "compare the fingerprint and the first address with the ones that you know"


def of_new_words(request: NewWords, password: str, place: Reading) -> MadeWallet:
    """A wallet that holds nothing before now. Raises StateError where one of this name exists, EncodingError."""
    house = place.house
    paths = house.new_wallet_paths()
    notes: tuple[Prose, ...] = ()
    birth = house.birth_height()
    if birth is None:
        birth = house.network.segwit_height
        notes = ("the node cannot be asked how long the chain is: the first look will search all of it",)
    new = NewWallet(
        name=paths.name,
        network=house.network,
        words=check(request.words),
        passphrase=request.passphrase,
        birth_height=birth,
    )
    card = create(new, paths.folder, password=password, now=house.now(), words_file=request.words_file)
    return MadeWallet(card=card, notes=notes)


def of_old_words(request: OldWords, password: str, place: Reading) -> MadeWallet:
    """A wallet again; the node is asked for its coins, and what was asked for is widened where they are older."""
    house = place.house
    paths, words = house.new_wallet_paths(), check(request.words)
    found = _found(place, lambda told: search_for(words, request.passphrase, house.network, house.node, told))
    birth = birth_of(request.birth_height, found, house.network)
    new = NewWallet(
        name=paths.name,
        network=house.network,
        words=words,
        passphrase=request.passphrase,
        birth_height=birth.height,
    )
    others = house.keystores()
    card = create(new, paths.folder, password=password, now=house.now())
    return MadeWallet(card=card, notes=(*birth.notes, *_twins(same_words(card.fingerprint, others)), _COMPARE))


def of_backup(request: FromBackup, password: Callable[[], str], place: Reading) -> MadeWallet:
    """A wallet again, with its labels. `password` is asked for the backup's."""
    house = place.house
    paths, others = house.new_wallet_paths(), house.keystores()
    data = read_given(request.file, MAX_BACKUP)
    card = restore_backup(data, paths.name, house.network, paths.folder, password)
    return MadeWallet(card=card, notes=_twins(same_words(card.fingerprint, others)))


def watching(request: Watched, place: Reading) -> MadeWallet:
    """A wallet without keys: no secret comes to this machine."""
    house = place.house
    paths, others = house.new_wallet_paths(), house.keystores()
    facts = require_network(parse_public_facts(read_given(request.file, MAX_FACTS)), house.network)
    asked = facts.birth_height if request.birth_height is None else request.birth_height
    found = _found(place, lambda told: search_account(facts.account, house.node, told))
    birth = birth_of(asked, found, house.network)
    card = create_watching(paths.name, born_at(facts, birth.height), paths.folder, now=house.now())
    here = (
        f"warning: the keys of it are on this machine, in the wallet {name}: nothing is kept apart"
        for name in same_words(card.fingerprint, others)
    )
    last = "it only watches; compare the fingerprint and the first address with the ones where the keys are"
    return MadeWallet(card=card, notes=(*birth.notes, *here, last))


def _twins(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"warning: the wallet {name} on this machine comes from the same words: it is the same money twice."
        " Labels and frozen coins are each one's own; sign with one of the two only"
        for name in names
    )


def _found(place: Reading, search: Callable[[Callable[[float], None]], CoinSearch]) -> CoinSearch | None:
    """The wallet's coins by the node's account; None, and a note, where no node answers."""
    told = counted(place.report, SEARCHING)
    try:
        place.house.require_node()
        return search(lambda share: told(int(share * 100), 100))
    except ChainError as error:
        place.note(f"no node could be asked what the wallet holds: {error}")
        return None
