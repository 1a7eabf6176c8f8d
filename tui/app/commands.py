"""The one list of commands: it feeds keys, footer, help and palette.

A command belongs to a place, by the name of its screen, or to all of them. `cli` names the commands of the command line
whose work it does; a test holds both lists against each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType

EVERYWHERE = "everywhere"
LISTS = "lists"
"""The place of keys that move in lists."""
DIALOG = "dialog"
"""The place of small questions and notices."""
_ALWAYS = ("help", "lock", "quit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that a person can do with a key.

    `action` is Textual's, run on the screen (or, with `app.`, on the app). `footer` says whether it is shown there,
    `priority` whether the key works even where an input would take it.
    """

    name: str
    keys: str
    label: str
    help: str
    action: str
    place: str = EVERYWHERE
    footer: bool = True
    priority: bool = False
    cli: tuple[str, ...] = ()


def _go(key: str, place: str, label: str, help_: str, *cli: str) -> Command:
    return Command(
        name=f"go-{place}", keys=key, label=label, help=help_, action=f"app.go('{place}')", footer=False, cli=cli
    )


COMMANDS: tuple[Command, ...] = (
    _go("1", "overview", "Overview", "The wallet at a glance.", "wallet balance", "chain status"),
    _go("2", "repositories", "Repositories", "Repositories that this wallet owns or owned.", "image list"),
    _go("3", "verify", "Verify", "Ask the chain about an image."),
    _go("4", "coins", "Coins", "Every coin and what it carries.", "wallet coins"),
    _go("5", "transactions", "Transactions", "What happened in this wallet.", "wallet history"),
    _go("6", "receive", "Receive", "A new address to be paid at."),
    _go("7", "send", "Send", "Pay bitcoin to somebody."),
    _go("8", "market", "Market", "What is for sale; this wallet's listings, bids and sales.", "market offers"),
    _go("9", "access", "Access", "What this wallet may have: units, gates, logins, images that were pulled."),
    _go("0", "settings", "Settings", "Settings, pins, node and wallet.", "settings show", "wallet show", "image pins"),
    _go("f8", "log", "Log", "What went wrong, for whoever looks for the reason."),
    Command(
        name="next-place", keys="ctrl+pagedown", label="Next place", help="The next place.", action="app.step(1)",
        footer=False,
    ),
    Command(
        name="last-place", keys="ctrl+pageup", label="Place before", help="The place before.", action="app.step(-1)",
        footer=False,
    ),
    Command(name="help", keys="question_mark,f1", label="Help", help="All keys.", action="app.help"),
    Command(
        name="lock", keys="f9", label="Lock", help="Hide everything until the password is given.",
        action="app.lock", footer=False,
    ),
    Command(
        name="wallets", keys="f7", label="Wallets", help="Open another wallet, or make one.",
        action="app.wallets", footer=False, cli=("wallet list",),
    ),
    Command(
        name="theme", keys="f6", label="Theme", help="Light or dark.", action="app.toggle_theme", footer=False
    ),
    Command(
        name="sync", keys="f5", label="Sync", help="Bring the index to the node's tip now.",
        action="app.sync", footer=False, cli=("chain sync",),
    ),
    Command(
        name="cancel-work", keys="f4", label="Cancel", help="End long work early; what was done so far stays.",
        action="app.cancel_work", footer=False,
    ),
    Command(name="quit", keys="ctrl+q", label="Quit", help="Leave.", action="app.quit"),
    Command(name="refresh", keys="r", label="Refresh", help="Ask again.", action="refresh", place="overview"),
    Command(
        name="leave-field", keys="escape", label="Leave field", help="Out of an input: single keys are commands again.",
        action="leave_field", place="page", footer=False,
    ),
    # Repositories
    Command(
        name="issue", keys="n", label="Issue", help="Issue the asset of a repository.", action="issue",
        place="repositories", cli=("image issue",),
    ),
    Command(
        name="look-up", keys="g", label="Look up", help="Show any repository, by its name or its genesis.",
        action="look_up", place="repositories", cli=("image show",),
    ),
    Command(
        name="search", keys="slash", label="Search", help="Search in the list.", action="search", place="repositories"
    ),
    Command(
        name="filter", keys="f", label="Filter", help="All, owned, or those that need a look.", action="filter",
        place="repositories",
    ),
    Command(
        name="cancel-issue", keys="x", label="Take back", place="repositories", footer=False,
        help="Take back what was set apart for a genesis that was not finished.", action="cancel_issue",
    ),
    # One repository
    Command(
        name="release", keys="n", label="Release", help="Bind the digest of an image to tags.", action="release",
        place="repository", cli=("image release",),
    ),
    Command(
        name="revoke", keys="v", label="Revoke", help="Take an image back, for ever.", action="revoke",
        place="repository", cli=("image revoke",),
    ),
    Command(
        name="hand-over", keys="h", label="Hand over", help="Give the repository to a new owner.", action="hand_over",
        place="repository", cli=("image transfer",),
    ),
    Command(
        name="define", keys="d", label="Define", help="A new definition: name, words, links.", action="define",
        place="repository", footer=False, cli=("image define",),
    ),
    Command(
        name="grant", keys="a", label="Grant", help="Give access units of the treasury away.", action="grant",
        place="repository", cli=("access grant", "access holders"),
    ),
    Command(
        name="publish", keys="u", label="Publish", help="Push the definition to the registry again.", action="publish",
        place="repository", footer=False, cli=("image publish", "image history"),
    ),
    Command(
        name="pin-this", keys="p", label="Pin", help="Decide that this genesis speaks for the name.", action="pin",
        place="repository", footer=False,
    ),
    Command(
        name="sell-this", keys="s", label="Sell", help="List it, or access to it, for sale.", action="sell",
        place="repository",
    ),
    Command(
        name="offers-of", keys="o", label="Offers", help="What is for sale of it.", action="offers", place="repository",
        footer=False,
    ),
    Command(name="back", keys="escape", label="Back", help="Back to the list.", action="back", place="repository"),
    Command(
        name="seal", keys="e", label="Seal", help="Encrypt a released image, push it, and say so on the chain.",
        action="seal", place="repository", cli=("image seal",), footer=False,
    ),
    # Verify
    Command(
        name="verify", keys="ctrl+g", label="Verify", help="Ask the chain about this image.", action="verify",
        place="verify", cli=("image verify",),
    ),
    Command(
        name="pin", keys="ctrl+y", label="Pin", place="verify", cli=("image pin",), action="pin",
        help="Pin the genesis, or accept the new owner, of the image that was verified.",
    ),
    # Coins
    Command(
        name="freeze", keys="f", label="Freeze", help="Keep a coin out of payments, or let it in again.",
        action="freeze", place="coins", cli=("wallet freeze", "wallet unfreeze"),
    ),
    Command(
        name="label", keys="e", label="Label", help="Write on a coin what it is.", action="label", place="coins",
        cli=("wallet label",),
    ),
    Command(
        name="trace", keys="t", label="Trace", help="Where what a coin carries comes from.", action="trace",
        place="coins",
    ),
    Command(name="leave-trace", keys="escape", label="Back", help="Back to the coins.", action="back", place="trace"),
    Command(name="search-coins", keys="slash", label="Search", help="Search.", action="search", place="coins"),
    # Transactions
    Command(
        name="bump", keys="b", label="Bump", help="Pay a higher fee for one that waits.", action="bump",
        place="transactions", cli=("wallet bump",),
    ),
    Command(
        name="search-transactions", keys="slash", label="Search", help="Search.", action="search",
        place="transactions",
    ),
    Command(name="bump-this", keys="b", label="Bump", help="Pay a higher fee.", action="bump", place="transaction"),
    Command(name="back-to-list", keys="escape", label="Back", help="Back.", action="back", place="transaction"),
    # Receive and send
    Command(
        name="new-address", keys="ctrl+g", label="New address", help="Hand out an address.", action="hand_out",
        place="receive", cli=("wallet receive",),
    ),
    Command(
        name="copy", keys="ctrl+y", label="Copy", help="Copy the link to the clipboard.", action="copy", place="receive"
    ),
    Command(
        name="draft-payment", keys="ctrl+g", label="Review", help="Make the transaction and look at it.",
        action="draft", place="send", cli=("wallet send",),
    ),
    # Forms that end in a draft
    Command(
        name="draft", keys="ctrl+g", label="Review", help="Make the transaction and look at it.", action="draft",
        place="form",
    ),
    Command(name="leave", keys="escape", label="Back", help="Leave the form.", action="back", place="form"),
    # Market
    Command(
        name="look-for", keys="slash", label="Look", help="Look for offers: of a repository, at a shop, in a file.",
        action="look", place="market",
    ),
    Command(
        name="everything", keys="a", label="All", help="Show what is left out, too, and why.", action="everything",
        place="market", footer=False,
    ),
    Command(
        name="next-list", keys="t", label="Next list", help="Offers, listings, bids, sales.", action="next_list",
        place="market",
    ),
    Command(
        name="buy", keys="b", label="Buy", help="Bid for the offer that is marked.", action="buy", place="market",
        cli=("market buy",),
    ),
    Command(
        name="sell", keys="s", label="Sell", help="List a repository, or access to it.", action="sell",
        place="market", cli=("market sell",),
    ),
    Command(
        name="accept", keys="i", label="Bid came", help="Check a bid that came, and complete the sale.",
        action="accept", place="market", cli=("market accept",),
    ),
    Command(
        name="bump-sale", keys="m", label="Bump", help="Bid again at a higher fee, or speed a waiting sale up.",
        action="bump", place="market", footer=False,
    ),
    Command(
        name="take-back", keys="x", label="Take back", help="Take back a bid, listings, or lots.",
        action="take_back", place="market", cli=("market cancel",),
    ),
    Command(
        name="publish-board", keys="u", label="Publish", help="Put all your listings on the registry's board again.",
        action="publish", place="market", footer=False,
    ),
    Command(
        name="export-shop", keys="e", label="For a shop", help="Write listed lots with their keys for a shop.",
        action="export", place="market", footer=False, cli=("market export-shop",),
    ),
    Command(
        name="hand-secret", keys="h", label="Hand secret", help="Hand a sold repository's secret to its buyer.",
        action="hand_secret", place="market", footer=False,
    ),
    Command(
        name="take-secret", keys="n", label="Take secret", help="Take in the secret that a seller handed over.",
        action="take_secret", place="market", footer=False,
    ),
    Command(name="copy-paper", keys="c", label="Copy", help="Copy the text.", action="copy", place="paper"),
    Command(name="write-paper", keys="w", label="Write", help="Write it to a new file.", action="write", place="paper"),
    Command(name="send-paper", keys="s", label="Send", help="Send a bid to a shop.", action="send", place="paper"),
    Command(
        name="ask-shop", keys="a", label="Ask shop", help="Ask a shop what became of a bid that it did not answer.",
        action="outcome", place="paper",
    ),
    Command(name="leave-paper", keys="escape", label="Back", help="Back.", action="back", place="paper"),
    # Access
    Command(
        name="pull", keys="p", label="Pull", help="Verify an image, fetch all of it, hand it over.", action="pull",
        place="access", cli=("image pull",),
    ),
    Command(
        name="grant-units", keys="a", label="Grant", help="Give access units of the treasury away.", action="grant",
        place="access",
    ),
    Command(
        name="holders", keys="h", label="Holders", help="Who holds access units.", action="holders", place="access",
    ),
    Command(
        name="log-in", keys="l", label="Log in", help="Log in at the gate of a closed image.", action="log_in",
        place="access", cli=("access login",),
    ),
    Command(
        name="log-out", keys="o", label="Log out", help="End a login, wherever it was told of.", action="log_out",
        place="access", cli=("access logout",),
    ),
    Command(
        name="export-gate", keys="g", label="Gate file", help="Write what a gate runs from.", action="export_gate",
        place="access", footer=False, cli=("access export-gate",),
    ),
    Command(
        name="forget", keys="x", label="Drop", help="Drop the marked image that was pulled.", action="forget",
        place="access", footer=False, cli=("image forget",),
    ),
    Command(name="pull-this", keys="ctrl+g", label="Pull", help="Pull the image.", action="go", place="pull"),
    Command(
        name="pin-pulled", keys="ctrl+y", label="Pin", help="Pin the genesis of what was judged.", action="pin",
        place="pull",
    ),
    Command(name="leave-pull", keys="escape", label="Back", help="Leave the form.", action="back", place="pull"),
    # Forms that end in something else than a draft
    Command(name="do-it", keys="ctrl+g", label="Go on", help="Do what the form is for.", action="go", place="tool"),
    Command(name="leave-tool", keys="escape", label="Back", help="Leave the form.", action="back", place="tool"),
    Command(
        name="sign-or-check", keys="ctrl+g", label="Go on", help="Sign the text, or check the signature.", action="go",
        place="messages", cli=("wallet sign-message", "wallet verify-message"),
    ),
    Command(
        name="copy-signature", keys="ctrl+y", label="Copy", help="Copy the signature to the clipboard.", action="copy",
        place="messages",
    ),
    Command(name="leave-messages", keys="escape", label="Back", help="Back.", action="back", place="messages"),
    Command(
        name="look-at-psbt", keys="ctrl+g", label="Look", help="Show what the PSBT would do.", action="look",
        place="cold", cli=("wallet sign",),
    ),
    Command(
        name="copy-psbt", keys="ctrl+y", label="Copy", help="Copy the PSBT to the clipboard.", action="copy",
        place="cold",
    ),
    Command(
        name="discard", keys="x", label="Give up", help="Give up a draft that waits, and free its coins.",
        action="discard", place="cold",
    ),
    Command(name="leave-cold", keys="escape", label="Back", help="Back.", action="back", place="cold"),
    # Settings and log
    Command(
        name="set", keys="e", label="Change", help="Change the setting that is marked.", action="set",
        place="settings", cli=("settings set",),
    ),
    Command(
        name="doctor", keys="d", label="Node", help="What the node can do, and what to fix.", action="doctor",
        place="settings", cli=("chain doctor",),
    ),
    Command(
        name="reindex", keys="x", label="Reindex", help="Forget the index and read the chain again.",
        action="reindex", place="settings", footer=False, cli=("chain reindex",),
    ),
    Command(
        name="unpin", keys="u", label="Unpin", help="Forget the pin that is marked.", action="unpin", place="settings",
        cli=("image unpin",), footer=False,
    ),
    Command(
        name="backup", keys="b", label="Backup", help="Write the wallet into one file.", action="backup",
        place="settings", cli=("wallet backup",),
    ),
    Command(
        name="password", keys="p", label="Password", help="Change the password of this wallet.", action="password",
        place="settings", cli=("wallet password",),
    ),
    Command(
        name="messages", keys="m", label="Messages", help="Sign a text, or check a signed one.", action="messages",
        place="settings",
    ),
    Command(
        name="psbt", keys="g", label="PSBT", help="Sign for others, or send what came back from a cold key.",
        action="psbt", place="settings",
    ),
    # Dialogs
    Command(
        name="leave-review", keys="escape", label="Leave", help="Sign nothing, and go back.", action="leave",
        place="review",
    ),
    Command(
        name="rebuild", keys="ctrl+r", label="Make anew", help="Make the draft anew, from what was asked.",
        action="rebuild", place="review",
    ),
    Command(
        name="for-a-cold-key", keys="ctrl+l", label="Cold key", help="Leave the draft for a key that lies elsewhere.",
        action="leave_for_cold", place="review",
    ),
    Command(
        name="review-up", keys="pageup", label="Up", help="Back in a draft that is longer than the window.",
        action="read(-1)", place="review", footer=False, priority=True,
    ),
    Command(
        name="review-down", keys="pagedown", label="Read on", help="On in a draft that is longer than the window.",
        action="read(1)", place="review", priority=True,
    ),
    Command(
        name="leave-keys", keys="escape", label="Leave", help="Do nothing, and go back.", action="leave", place="keys"
    ),
    Command(
        name="keys-up", keys="pageup", label="Up", help="Back in what is longer than the window.", action="read(-1)",
        place="keys", footer=False, priority=True,
    ),
    Command(
        name="keys-down", keys="pagedown", label="Read on", help="On in what is longer than the window.",
        action="read(1)", place="keys", priority=True,
    ),
    Command(
        name="leave-leaving", keys="escape", label="Leave", help="Close; what was left stays left.", action="leave",
        place="leaving",
    ),
    Command(
        name="copy-left", keys="ctrl+y", label="Copy", help="Copy the PSBT to the clipboard.", action="copy",
        place="leaving",
    ),
    Command(
        name="leave-dialog", keys="escape", label="Leave", help="Close without an answer.", action="leave",
        place=DIALOG,
    ),
    Command(name="log-again", keys="r", label="Refresh", help="Read the log again.", action="refresh", place="log"),
    # First run
    Command(
        name="next-step", keys="ctrl+g", label="Next", help="The next step.", action="next", place="first-run",
        cli=("wallet create", "wallet restore"),
    ),
    Command(name="last-step", keys="escape", label="Back", help="The step before.", action="back", place="first-run"),
    Command(
        name="make-wallet", keys="f2", label="New wallet", help="Make or restore another wallet.", action="make",
        place="unlock",
    ),
    # Lists
    Command(name="up", keys="up,k", label="Up", help="The line above.", action="up", place=LISTS, footer=False),
    Command(name="down", keys="down,j", label="Down", help="The line below.", action="down", place=LISTS, footer=False),
    Command(
        name="page-up", keys="pageup", label="Page up", help="A page up.", action="page(-1)", place=LISTS, footer=False
    ),
    Command(
        name="page-down", keys="pagedown", label="Page down", help="A page down.", action="page(1)", place=LISTS,
        footer=False,
    ),
    Command(name="first", keys="home", label="First", help="First line.", action="first", place=LISTS, footer=False),
    Command(name="last", keys="end", label="Last", help="The last line.", action="last", place=LISTS, footer=False),
    Command(name="open", keys="enter", label="Open", help="Open the line.", action="choose", place=LISTS, footer=False),
)  # fmt: skip

_SERVICE = "a service that runs unattended, started where it runs"
_SHELL = "about the shell, not about the wallet"

WITHOUT_PLACE: dict[str, str] = {
    "image check-proof": "a file that somebody hands over, and the shell names files better",
    "image serve": _SERVICE,
    "access serve": _SERVICE,
    "market serve": _SERVICE,
    "completion bash": _SHELL,
    "completion zsh": _SHELL,
    "completion fish": _SHELL,
}
"""Commands of the command line that have no place here yet, and why."""


def bindings(place: str) -> list[BindingType]:
    """Keys of a place, as Textual wants them."""
    return [
        Binding(
            one.keys, one.action, one.label, show=one.footer, tooltip=one.help, id=one.name, priority=one.priority
        )
        for one in commands_of(place)
    ]  # fmt: skip


def dialog_bindings() -> list[BindingType]:
    """Keys of a dialog that hides everything else: its own, and those that are never out of reach."""
    always = [one for one in bindings(EVERYWHERE) if isinstance(one, Binding) and one.id in _ALWAYS]
    return [*bindings(DIALOG), *always]


def commands_of(place: str) -> Iterator[Command]:
    """The commands of one place, in the list's order."""
    return (one for one in COMMANDS if one.place == place)
