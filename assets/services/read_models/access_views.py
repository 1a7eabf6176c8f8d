"""Frozen read models of access: who holds units, logins at gates, images that were pulled. As in `image_views`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """A script that holds access units, in how many coins. `treasury` is the title's own script, or the last one
    that held a title which is lost."""

    script: str
    address: str
    units: int
    coins: int
    treasury: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersView:
    """All holders as of one block, the treasury first, then the largest. `issued` is the sum at the genesis; `ended`
    what no coin holds any more."""

    name: str
    genesis: str
    network: str
    height: int
    issued: int
    treasury: int
    circulating: int
    ended: int
    holders: tuple[HolderView, ...]

    def share_of(self, holder: HolderView) -> str:
        """What a holder has of all that was issued, in words."""
        return f"{100 * holder.units / self.issued:.2f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """A login as people see it. `session` is the public key in hex, times are unix seconds.

    `files` are the container tools' files that name our credential program for the host; none where the login is for
    the keys of sealed images alone.
    """

    host: str
    image: str
    gate: str
    network: str
    session: str
    scripts: int
    since: int
    until: int
    days_left: int
    over: bool
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutView:
    """What became of a login that was ended. The session key is gone in any case.

    `at_gate` is what the gate said, in words; `files` what was done to each file, `failed` the files in which an entry
    is left, with the reason.
    """

    host: str
    image: str
    gate: str
    at_gate: str
    files: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """An image that was pulled and is kept here, by its digest; `gated` where only holders may have it."""

    name: str
    tag: str | None
    digest: str
    genesis: str
    sealed: bool
    gated: bool
