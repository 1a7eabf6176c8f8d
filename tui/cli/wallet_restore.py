"""`dockchains wallet restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.wallet_card import card_output

if TYPE_CHECKING:
    from tui.verbs.wallet.views import MadeWallet


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
    from tui.cli.secrets import new_password, old_passphrase, password, recovery_words
    from tui.verbs.wallet import make
    from tui.verbs.wallet.requests import FromBackup, OldWords, Watched
    from wallet.keys.mnemonic import check

    if watch is not None:
        secrets = (words_file, words_fd, passphrase or None, passphrase_file, passphrase_fd, password_file, password_fd)
        if backup is not None or any(one is not None for one in secrets):
            raise click.UsageError("--watch takes no secret: leave the options for words, passphrase and password out.")
        return _made(call, make.watching(Watched(file=watch, birth_height=birth_height), call.reading))
    if backup is not None:
        if words_file is not None or words_fd is not None or passphrase or passphrase_file or passphrase_fd is not None:
            raise click.UsageError("--backup holds the words: leave the options for words and passphrase out.")
        if birth_height is not None:
            raise click.UsageError("--backup holds the birth height: leave --birth-height out.")
        source = options.source(password_file, password_fd)
        of = "the wallet in the backup"
        return _made(
            call,
            make.of_backup(FromBackup(file=backup), lambda: password(source, call.terminal, of=of), call.reading),
        )
    paths = call.house.new_wallet_paths()
    words = check(recovery_words(options.source(words_file, words_fd), call.terminal))
    extra = old_passphrase(options.source(passphrase_file, passphrase_fd), call.terminal, wanted=passphrase)
    secret = new_password(options.source(password_file, password_fd), call.terminal, of=f"wallet {paths.name}")
    request = OldWords(words=words, passphrase=extra, birth_height=birth_height)
    return _made(call, make.of_old_words(request, secret, call.reading))


def _made(call: Call, made: "MadeWallet") -> Output:
    for note in made.notes:
        call.note(note)
    return card_output(made.card)
