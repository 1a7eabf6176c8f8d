"""Exit codes, and the one mapping from errors to them."""

from dataclasses import asdict
from enum import IntEnum

from assets.errors import AmbiguousNameError, PerhapsTakenError
from wallet.advice import Advice
from wallet.errors import (
    AlreadySignedError,
    InsufficientFundsError,
    RpcError,
    UnfinishedError,
    WalletError,
    WrongPasswordError,
)


class ExitCode(IntEnum):
    """How a command ended. 10 to 21 are the verdicts of `image verify`."""

    OK = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    LOCKED = 4
    DECLINED = 5
    SIGNED = 6
    PERHAPS_TAKEN = 7
    UNPINNED = 10
    SUPERSEDED = 11
    REVOKED = 12
    MISMATCH = 13
    UNRELEASED = 14
    PENDING = 15
    FROZEN = 16
    PIN_CHANGED = 17
    NEW_OWNER = 18
    UNDECIDED = 19
    UNAVAILABLE = 20
    NO_ASSET = 21
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "done; for verify: VERIFIED",
    ExitCode.BUG: "a bug in this program (the log file has the details)",
    ExitCode.USAGE: "usage: the command line is not understood",
    ExitCode.REFUSED: "refused: bad input, too little money, wrong state, guard, node or registry",
    ExitCode.LOCKED: "locked: no password, or a wrong one",
    ExitCode.DECLINED: "declined at the question",
    ExitCode.SIGNED: "signed, kept and not yet sent (the next command sends it), or sent in part: do not pay again",
    ExitCode.PERHAPS_TAKEN: "market buy: the bid is signed, and a shop that gave no answer has perhaps taken it",
    ExitCode.UNPINNED: "verify: current, and nobody but the registry vouches",
    ExitCode.SUPERSEDED: "verify: was bound to the tag, is no longer",
    ExitCode.REVOKED: "verify: revoked by the owner",
    ExitCode.MISMATCH: "verify: the owner bound another digest to the tag",
    ExitCode.UNRELEASED: "verify: never bound",
    ExitCode.PENDING: "verify: bound, too few confirmations",
    ExitCode.FROZEN: "verify: the title is lost; old bindings stand",
    ExitCode.PIN_CHANGED: "verify: two vouchers disagree, or the registry names another genesis",
    ExitCode.NEW_OWNER: "verify: the owner is not one that you accepted",
    ExitCode.UNDECIDED: "verify: stale tip, index behind, or evidence missing",
    ExitCode.UNAVAILABLE: "verify: node or registry not reachable",
    ExitCode.NO_ASSET: "verify: nothing speaks for this name",
    ExitCode.INTERRUPTED: "interrupted",
}


class LockedError(WalletError):
    """A password is needed and there is no way to ask for one."""


class NoTerminalError(WalletError):
    """A question had to be asked and nobody can answer it."""


class DeclinedError(Exception):
    """A person said no, or ended the input instead of answering."""


def exit_code_of(error: WalletError) -> ExitCode:
    """The exit code of an error that a person is told about."""
    if isinstance(error, WrongPasswordError | LockedError):
        return ExitCode.LOCKED
    if isinstance(error, UnfinishedError):
        return ExitCode.SIGNED
    if isinstance(error, PerhapsTakenError):
        return ExitCode.PERHAPS_TAKEN
    return ExitCode.REFUSED


def kind_of(error: WalletError) -> str:
    """The error's class as programs read it: `InsufficientFundsError` is `insufficient_funds`."""
    name = type(error).__name__.removesuffix("Error")
    return "".join("_" + char.lower() if char.isupper() and at else char.lower() for at, char in enumerate(name))


def error_document(error: WalletError) -> dict[str, object]:
    """What `--json` prints for an error: kind, message, hint, the remedy by name, and the figures where there are."""
    from tui.cli.remedies import words

    document: dict[str, object] = {"kind": kind_of(error), "message": str(error), "hint": words(error.advice)}
    if isinstance(error.advice, Advice):
        document["remedy"] = next(remedy.label for remedy in error.advice.remedies)
    if isinstance(error, InsufficientFundsError):
        document |= {"needed": error.needed, "available": error.available}
    if isinstance(error, PerhapsTakenError):
        document |= {"bid": error.bid, "txid": error.txid, "shop": error.shop, "expires": error.expires}
    if isinstance(error, RpcError):
        document["code"] = error.code
    if isinstance(error, UnfinishedError):
        document |= {"txids": [*error.sent, *error.kept], "sent": [*error.sent], "kept": [*error.kept]}
        document["left"] = [*error.left]
    if isinstance(error, AlreadySignedError):
        document["txid"] = error.txid
    if isinstance(error, AmbiguousNameError):
        document["repositories"] = [asdict(one) for one in error.repositories]
    return {"error": document}
