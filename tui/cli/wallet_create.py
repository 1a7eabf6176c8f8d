"""`dockchains wallet create`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.wallet_card import card_output

_ASKED = 3
"""How many words a person is asked back, to see that they were written down."""


@verb(needs=Needs.NOTHING, new_wallet=True, example="dockchains wallet create --network regtest --words 24")
@click.option("--words", "count", type=click.Choice(["12", "24"]), default="12", help="How many recovery words.")
@click.option("--words-out", type=click.Path(path_type=Path), metavar="FILE", help="Write the words to this new file.")
@click.option("--show-words", is_flag=True, help="Print the words on standard error, also where it is no terminal.")
@click.option("--yes", is_flag=True, help="Do not ask for words back.")
@options.passphrase
@options.password
def command(
    call: Call,
    *,
    count: str,
    words_out: Path | None,
    show_words: bool,
    yes: bool,
    passphrase: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Make a new wallet and show its recovery words once.

    The words are all that is needed to restore the wallet, and to take it: write them on paper. They are shown on the
    terminal, or written to the new file that --words-out names (readable by you alone); without a terminal they are
    printed only where --show-words says so.
    """
    import os

    from tui.cli.secrets import new_passphrase, new_password
    from tui.cli.words import ask_back, print_words, require_new, require_place
    from tui.verbs.wallet.make import of_new_words
    from tui.verbs.wallet.requests import NewWords
    from wallet.keys.mnemonic import generate

    paths = call.house.new_wallet_paths()
    require_place(call.terminal, asked=show_words or words_out is not None)
    secret = new_password(options.source(password_file, password_fd), call.terminal, of=f"wallet {paths.name}")
    extra = new_passphrase(options.source(passphrase_file, passphrase_fd), call.terminal, wanted=passphrase)
    words = generate(os.urandom(16 if count == "12" else 32))
    if words_out is not None:
        require_new(words_out)
    else:
        print_words(words, call.terminal)
        if call.terminal.interactive and not yes:
            ask_back(words, call.terminal, count=_ASKED)
    request = NewWords(words=words, passphrase=extra, words_file=words_out)
    made = of_new_words(request, secret, call.reading)
    for note in made.notes:
        call.note(note)
    if words_out is not None:
        call.note(f"the recovery words are in {words_out}")
    call.note(f"wallet {made.card.name} on {made.card.network} is made")
    return card_output(made.card, words_file=words_out)
