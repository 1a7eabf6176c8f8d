"""`dockchains wallet restore`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.cli.wallet_card import card_output


@verb(
    needs=Needs.NOTHING,
    new_wallet=True,
    example="dockchains wallet restore --network signet --words-file words.txt --birth-height 200000",
)
@click.option(
    "--birth-height",
    type=click.IntRange(min=0),
    metavar="HEIGHT",
    help="The block before which the wallet held nothing. Default: the whole chain is searched.",
)
@options.words
@options.passphrase
@options.password
def command(
    call: Call,
    *,
    birth_height: int | None,
    words_file: Path | None,
    words_fd: int | None,
    passphrase: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Make a wallet from recovery words.

    Compare the fingerprint and the first address with the ones that you know: wrong words are found out, a wrong
    passphrase is not, since every passphrase opens a wallet, if only an empty one.
    """
    from assets.services.wallets import NewWallet, create
    from tui.cli.secrets import new_password, old_passphrase, recovery_words
    from wallet.keys.mnemonic import check

    paths = call.house.new_wallet_paths()
    words = check(recovery_words(options.source(words_file, words_fd), call.terminal))
    extra = old_passphrase(options.source(passphrase_file, passphrase_fd), call.terminal, wanted=passphrase)
    secret = new_password(options.source(password_file, password_fd), call.terminal, of=f"wallet {paths.name}")
    new = NewWallet(
        name=paths.name,
        network=call.house.network,
        words=words,
        passphrase=extra,
        birth_height=max(birth_height or 0, call.house.network.segwit_height),
    )
    card = create(new, paths.folder, password=secret, now=call.house.now())
    call.note("compare the fingerprint and the first address with the ones that you know")
    return card_output(card)
