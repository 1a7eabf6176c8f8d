"""`dockchains wallet restore`."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.secrets import SecretSource
from tui.cli.wallet_card import card_output

if TYPE_CHECKING:
    from wallet.chain.coin_search import CoinSearch


@verb(
    needs=Needs.NOTHING,
    new_wallet=True,
    example="dockchains wallet restore --network signet --words-file words.txt --birth-height 200000",
)
@click.option(
    "--birth-height",
    type=click.IntRange(min=0),
    metavar="HEIGHT",
    help="The block before which the wallet held nothing. Default, and where it is too late: the whole chain.",
)
@click.option(
    "--backup",
    "backup",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Restore what `wallet backup` wrote, labels too, instead of words. The password stays the same.",
)
@click.option(
    "--watch",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Make a wallet without keys from what `wallet show --json` printed where the keys are.",
)
@options.words
@options.passphrase
@options.password
def command(
    call: Call,
    *,
    birth_height: int | None,
    backup: Path | None,
    watch: Path | None,
    words_file: Path | None,
    words_fd: int | None,
    passphrase: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Make a wallet from recovery words, or from a backup.

    Compare the fingerprint and the first address with the ones that you know: wrong words are found out, a wrong
    passphrase is not, since every passphrase opens a wallet, if only an empty one. Repositories, titles, units and
    history come back from the chain, labels from `wallet backup` only. So do repository secrets that came with titles
    which were bought, unless what the seller sent is taken in again: `market buy --take-secret FILE`.

    With --watch it watches keys that are elsewhere, and no secret comes to this machine. It shows, drafts and sends;
    the machine that has the keys signs: `--psbt FILE` here, `wallet sign FILE` there, and here again `wallet sign FILE
    --broadcast`.
    """
    if watch is not None:
        secrets = (words_file, words_fd, passphrase or None, passphrase_file, passphrase_fd, password_file, password_fd)
        if backup is not None or any(one is not None for one in secrets):
            raise click.UsageError("--watch takes no secret: leave the options for words, passphrase and password out.")
        return _watching(call, watch, birth_height)
    if backup is not None:
        if words_file is not None or words_fd is not None or passphrase or passphrase_file or passphrase_fd is not None:
            raise click.UsageError("--backup holds the words: leave the options for words and passphrase out.")
        if birth_height is not None:
            raise click.UsageError("--backup holds the birth height: leave --birth-height out.")
        return _from_backup(call, backup, options.source(password_file, password_fd))
    from assets.services.chain.restoring import birth_of, same_words
    from assets.services.wallets.opening import NewWallet, create
    from tui.cli.secrets import new_password, old_passphrase, recovery_words
    from wallet.keys.mnemonic import check

    paths = call.house.new_wallet_paths()
    words = check(recovery_words(options.source(words_file, words_fd), call.terminal))
    extra = old_passphrase(options.source(passphrase_file, passphrase_fd), call.terminal, wanted=passphrase)
    secret = new_password(options.source(password_file, password_fd), call.terminal, of=f"wallet {paths.name}")
    birth = birth_of(birth_height, _search(call, words, extra), call.house.network)
    new = NewWallet(
        name=paths.name,
        network=call.house.network,
        words=words,
        passphrase=extra,
        birth_height=birth.height,
    )
    others = call.house.keystores()
    card = create(new, paths.folder, password=secret, now=call.house.now())
    for note in birth.notes:
        call.note(note)
    _warn_of_twins(call, same_words(card.fingerprint, others))
    call.note("compare the fingerprint and the first address with the ones that you know")
    return card_output(card)


def _watching(call: Call, file: Path, birth_height: int | None) -> Output:
    from assets.services.chain.restoring import birth_of, same_words, search_account
    from assets.services.wallets.watch_only import born_at, create_watching, require_network
    from tui.verbs.files import read_given
    from wallet.public_facts import MAX_FACTS, parse_public_facts

    paths, house, others = call.house.new_wallet_paths(), call.house, call.house.keystores()
    facts = require_network(parse_public_facts(read_given(file, MAX_FACTS)), house.network)
    asked = facts.birth_height if birth_height is None else birth_height
    birth = birth_of(
        asked, _found(call, lambda progress: search_account(facts.account, house.node.rpc, progress)), house.network
    )
    card = create_watching(paths.name, born_at(facts, birth.height), paths.folder, now=house.now())
    for note in birth.notes:
        call.note(note)
    for name in same_words(card.fingerprint, others):
        call.note(f"warning: the keys of it are on this machine, in the wallet {name}: nothing is kept apart")
    call.note("it only watches; compare the fingerprint and the first address with the ones where the keys are")
    return card_output(card)


def _warn_of_twins(call: Call, names: Iterable[str]) -> None:
    for name in names:
        call.note(
            f"warning: the wallet {name} on this machine comes from the same words: it is the same money twice."
            " Labels and frozen coins are each one's own; sign with one of the two only"
        )


def _from_backup(call: Call, file: Path, source: SecretSource) -> Output:
    from assets.services.chain.restoring import same_words
    from assets.services.wallets.backups import restore_backup
    from tui.cli.secrets import password
    from tui.verbs.files import read_given
    from wallet.backup import MAX_BACKUP

    paths, others = call.house.new_wallet_paths(), call.house.keystores()
    data = read_given(file, MAX_BACKUP)
    card = restore_backup(
        data,
        paths.name,
        call.house.network,
        paths.folder,
        lambda: password(source, call.terminal, of="the wallet in the backup"),
    )
    _warn_of_twins(call, same_words(card.fingerprint, others))
    return card_output(card)


def _search(call: Call, words: str, passphrase: str) -> "CoinSearch | None":
    from assets.services.chain.restoring import search_for

    house = call.house
    return _found(call, lambda progress: search_for(words, passphrase, house.network, house.node.rpc, progress))


def _found(call: Call, search: Callable[[Callable[[float], None]], "CoinSearch"]) -> "CoinSearch | None":
    """The wallet's coins by the node's account; None, and a note, where no node answers."""
    from wallet.errors import ChainError

    house = call.house
    try:
        house.require_node()
        with call.progress("looking for coins of this wallet") as progress:
            return search(lambda share: progress(int(share * 100), 100))
    except ChainError as error:
        call.note(f"no node could be asked what the wallet holds: {error}")
        return None
