"""Read models of closed images, cold keys and signed texts: texts, numbers, booleans and tuples of these."""

from dataclasses import dataclass, field

from assets.services.read_models.image_views import VerificationView
from assets.services.read_models.wallet_views import DraftView
from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """What the wallet holds of a repository.

    `gate` is the origin that lets holders in, empty for an open image; `gate_known` is false where the definition could
    not be read. `login_until` is unix seconds, 0 where nobody is logged in.
    """

    genesis: str
    name: str
    units: int
    title: bool
    sealed: int
    gate: str
    gate_known: bool
    login_until: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """An image that was pulled and is kept here."""

    name: str
    tag: str
    digest: str
    sealed: bool
    gated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """What the wallet holds, what was pulled, and this user's logins. `now` is unix seconds."""

    now: int
    held: tuple[HeldLine, ...]
    kept: tuple[KeptLine, ...]
    logins: tuple["LoginLine", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledView:
    """What came of a pull: the verdict, and, where that let it pass, what was handed over and where it is now."""

    verification: VerificationView
    image: str = ""
    where: str = ""
    opened: bool = False
    sealed: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedView:
    """An encrypted image that is pushed, by digest, and of which the chain says nothing yet.

    `tags` are the registry's that will stand for it; `notes` are for a person.
    """

    plaintext: str
    ciphertext: str
    tags: tuple[str, ...]
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """Secrets that a password opened, for one piece of work. Only the service that made it can use it."""

    handle: object = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PsbtView:
    """A PSBT that was looked at. `psbt` is base64; `signs` are the inputs that this wallet signs.

    `checked` tells whether what happens to titles and units was checked by a node; `ours` that it is a draft of this
    wallet, left for a cold key. `finished` that it is no PSBT but a finished transaction: `psbt` is hexadecimal then,
    and nothing is left to sign.
    """

    psbt: str
    draft: DraftView
    signs: tuple[int, ...]
    checked: bool
    ours: bool
    finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPsbt:
    """A PSBT with this wallet's signatures. `complete` tells whether no other is missing."""

    psbt: str
    txid: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftDraft:
    """A draft that waits for a cold key. `expiry` is unix seconds: until then its coins are held for it."""

    txid: str
    kind: str
    summary: str
    created: int
    expiry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDraft:
    """A login that nobody has signed yet: what the gate would learn. `until` is unix seconds.

    `repositories` are those of which the wallet's scripts, `scripts` in number, hold something. With `for_tools`
    container tools are told of it. `handle` is the service's own; only the service that made it can use it.
    """

    name: str
    gate: str
    scripts: int
    repositories: tuple[str, ...]
    until: int
    for_tools: bool
    notes: tuple[str, ...] = ()
    handle: object = field(repr=False, compare=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLine:
    """A login at a gate for a registry's host. `until` is unix seconds; `files` are those of container tools."""

    host: str
    image: str
    gate: str
    until: int
    over: bool
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateExported:
    """A gate's file that was written: the repositories in it, how many keys of sealed images, and what it lacks."""

    file: str
    repositories: tuple[str, ...]
    keys: int
    notes: tuple[str, ...] = ()
