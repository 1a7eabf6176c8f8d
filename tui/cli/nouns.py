"""The commands that exist: noun, verb, where the code is, and one line of help.

The help stands here, so that listing the commands imports none of them. A new command is a line here and a module
`tui/cli/<noun>_<verb>.py` with a function made by `tui.cli.command.verb`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: `module` is imported, and its attribute `command` run, when it is asked for."""

    name: str
    module: str
    help: str


@dataclass(frozen=True, slots=True)
class Noun:
    """A group of commands about one thing."""

    name: str
    help: str
    verbs: tuple[Verb, ...]


NOUNS = (
    Noun(
        "wallet",
        "Keys, coins and payments.",
        (
            Verb("create", "tui.cli.wallet_create", "Make a new wallet and show its recovery words."),
            Verb("restore", "tui.cli.wallet_restore", "Make a wallet from recovery words."),
            Verb("list", "tui.cli.wallet_list", "List the wallets on this machine."),
            Verb("show", "tui.cli.wallet_show", "Show a wallet's public facts."),
            Verb("balance", "tui.cli.wallet_balance", "Show what the wallet holds."),
            Verb("receive", "tui.cli.wallet_receive", "Show a new address to be paid at."),
            Verb("send", "tui.cli.wallet_send", "Pay bitcoin to an address."),
            Verb("coins", "tui.cli.wallet_coins", "List the coins and what each is for."),
            Verb("history", "tui.cli.wallet_history", "List the wallet's transactions."),
        ),
    ),
    Noun(
        "chain",
        "The node and the index.",
        (
            Verb("status", "tui.cli.chain_status", "Show how far node and index are."),
            Verb("sync", "tui.cli.chain_sync", "Bring the index up to the node's tip."),
            Verb("reindex", "tui.cli.chain_reindex", "Build the index anew."),
            Verb("doctor", "tui.cli.chain_doctor", "Check that the node can do what is needed."),
        ),
    ),
    Noun(
        "settings",
        "What is configured, and where it comes from.",
        (Verb("show", "tui.cli.settings_show", "Show every setting and its origin."),),
    ),
)
