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
            Verb("create", "tui.cli.wallet_create", "Make a new wallet and show its recovery words once."),
            Verb("restore", "tui.cli.wallet_restore", "Make a wallet from recovery words, or from a backup."),
            Verb("list", "tui.cli.wallet_list", "List the wallets on this machine, of one network or of all."),
            Verb(
                "show",
                "tui.cli.wallet_show",
                "Show a wallet's public facts: fingerprint, first addresses, and the descriptors that watch it.",
            ),
            Verb(
                "balance", "tui.cli.wallet_balance", "Show what the wallet holds, in BTC, and its units by repository."
            ),
            Verb(
                "receive", "tui.cli.wallet_receive", "Show a new address to be paid at, and the link that asks for it."
            ),
            Verb(
                "send",
                "tui.cli.wallet_send",
                "Pay AMOUNT (in BTC) to ADDRESS, which may be a bitcoin: link that names the amount.",
            ),
            Verb("coins", "tui.cli.wallet_coins", "List the coins, what each carries and what it may be used for."),
            Verb(
                "history",
                "tui.cli.wallet_history",
                "List the wallet's transactions: pending ones first, then the newest.",
            ),
            Verb("bump", "tui.cli.wallet_bump", "Pay a higher fee for a transaction that waits for a block."),
            Verb("freeze", "tui.cli.wallet_freeze", "Keep coins from being spent until they are freed again."),
            Verb("unfreeze", "tui.cli.wallet_unfreeze", "Let coins be spent again that were frozen or held back."),
            Verb("label", "tui.cli.wallet_label", "Name transactions, coins and addresses, or list the names."),
            Verb(
                "backup",
                "tui.cli.wallet_backup",
                "Write the wallet into one file: encrypted words, labels, public facts.",
            ),
            Verb("password", "tui.cli.wallet_password", "Change the password of the wallet."),
            Verb("sign", "tui.cli.wallet_sign", "Sign a PSBT, or broadcast one that came back signed."),
            Verb(
                "sign-message",
                "tui.cli.wallet_sign_message",
                "Sign a message with an address of this wallet (BIP322).",
            ),
            Verb("verify-message", "tui.cli.wallet_verify_message", "Check who signed a message."),
        ),
    ),
    Noun(
        "image",
        "Repositories of images, their releases, and whom to believe.",
        (
            Verb(
                "issue",
                "tui.cli.image_issue",
                "Issue the asset of the image repository NAME: its title, and its access units.",
            ),
            Verb("list", "tui.cli.image_list", "List the repositories whose title this wallet holds, or held."),
            Verb("show", "tui.cli.image_show", "Show the repository NAME: genesis, owner, tags, what is pending."),
            Verb("release", "tui.cli.image_release", "Bind the digest of an image to one or more tags of NAME."),
            Verb("revoke", "tui.cli.image_revoke", "Say, for ever, that an image must not be used."),
            Verb(
                "define",
                "tui.cli.image_define",
                "Give the repository NAME a new definition: name, host, terms, links.",
            ),
            Verb("transfer", "tui.cli.image_transfer", "Hand the repository NAME over to a new owner."),
            Verb(
                "seal",
                "tui.cli.image_seal",
                "Encrypt a released image, push it, and say on the chain that it is that release's sealed form.",
            ),
            Verb(
                "pull",
                "tui.cli.image_pull",
                "Verify an image, pull all of it, open it where it is sealed, and hand it over.",
            ),
            Verb("forget", "tui.cli.image_forget", "Drop images that were pulled and are kept here, and their blobs."),
            Verb(
                "check-proof",
                "tui.cli.image_check_proof",
                "Check a proof that a sealed image is not what its owner promised.",
            ),
            Verb(
                "serve",
                "tui.cli.image_serve",
                "Serve the images that were pulled and still verify, to container tools on this machine or network.",
            ),
            Verb(
                "history",
                "tui.cli.image_history",
                "Show everything that happened to the title of the repository NAME, oldest first.",
            ),
            Verb("verify", "tui.cli.image_verify", "Ask the chain whether REFERENCE is what its owner released."),
            Verb(
                "pin",
                "tui.cli.image_pin",
                "Decide which genesis speaks for the repository NAME, held by its present owner.",
            ),
            Verb("unpin", "tui.cli.image_unpin", "Forget which genesis speaks for the repository NAME."),
            Verb("pins", "tui.cli.image_pins", "List what is pinned, on the chosen network or on all."),
            Verb(
                "publish", "tui.cli.image_publish", "Push the definition of the repository NAME to its registry again."
            ),
        ),
    ),
    Noun(
        "access",
        "Access units: the right to closed images.",
        (
            Verb(
                "grant",
                "tui.cli.access_grant",
                "Give access units of the treasury of NAME to one holder or to many.",
            ),
            Verb(
                "holders",
                "tui.cli.access_holders",
                "List who holds access units of the repository NAME, the treasury first.",
            ),
            Verb(
                "login",
                "tui.cli.access_login",
                "Log in at the gate of IMAGE with this wallet, for docker, podman, skopeo and `image pull`.",
            ),
            Verb(
                "logout",
                "tui.cli.access_logout",
                "End the login at the gate of IMAGE, and undo what it told docker and podman.",
            ),
            Verb(
                "export-gate",
                "tui.cli.access_export_gate",
                "Write what a gate runs from to a new FILE: the key of its tokens, the pinned names, keys of sealed "
                "images.",
            ),
            Verb(
                "serve",
                "tui.cli.access_serve",
                "Let holders of access units pull, and owners push, at the registry of the bundle in FILE, until it is "
                "stopped.",
            ),
        ),
    ),
    Noun(
        "market",
        "Repositories and access to them, for sale and to buy.",
        (
            Verb("sell", "tui.cli.market_sell", "List the repository NAME, or access to it, for sale."),
            Verb(
                "offers",
                "tui.cli.market_offers",
                "Show what is for sale of the repository NAME, and this wallet's own listings, sales and bids.",
            ),
            Verb(
                "buy",
                "tui.cli.market_buy",
                "Buy from a listing: in a FILE (- is standard input), at a shop's URL, or on the board of the "
                "repository NAME.",
            ),
            Verb(
                "accept",
                "tui.cli.market_accept",
                "Complete the sale that the bid in FILE (- is standard input) offers.",
            ),
            Verb(
                "cancel",
                "tui.cli.market_cancel",
                "Take back a bid or a listing by its ID, or all listings of the repository NAME.",
            ),
            Verb(
                "export-shop",
                "tui.cli.market_export_shop",
                "Write the listed lots of the repository NAME with their keys to a new FILE, for a shop.",
            ),
            Verb(
                "serve",
                "tui.cli.market_serve",
                "Sell the lots in FILE, which `market export-shop` wrote, until it is stopped.",
            ),
        ),
    ),
    Noun(
        "chain",
        "The node and the index.",
        (
            Verb("status", "tui.cli.chain_status", "Show how far node and index are."),
            Verb("sync", "tui.cli.chain_sync", "Bring the index up to the node's tip."),
            Verb("reindex", "tui.cli.chain_reindex", "Forget the index and read the chain again."),
            Verb(
                "doctor",
                "tui.cli.chain_doctor",
                "Check that the node can do what is needed, and say what to do about what it cannot.",
            ),
        ),
    ),
    Noun(
        "settings",
        "What is configured, and where it comes from.",
        (
            Verb(
                "show",
                "tui.cli.settings_show",
                "Show every setting, its value and where it comes from: flag, environment, file or default.",
            ),
            Verb("set", "tui.cli.settings_set", "Change settings in the settings file."),
        ),
    ),
    Noun(
        "completion",
        "Complete commands in your shell by the tab key.",
        (
            Verb("bash", "tui.cli.completion_bash", "Print the completion script for bash."),
            Verb("zsh", "tui.cli.completion_zsh", "Print the completion script for zsh."),
            Verb("fish", "tui.cli.completion_fish", "Print the completion script for fish."),
        ),
    ),
)
