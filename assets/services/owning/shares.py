"""Who is to get how many access units, as people write it: arguments, links, lists."""

from dataclasses import dataclass

from assets.model import MAX_ACCESS_UNITS
from assets.services.owning.recipients import parse_recipient
from assets.services.wallets.session import Session
from wallet.errors import EncodingError
from wallet.keys.uri import UnitRequest

MAX_GRANTS = 100_000
"""Lines of a list of recipients; more is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Access units for somebody."""

    to: UnitRequest
    quantity: int


def parse_share(text: str, session: Session, *, plain: bool) -> Share:
    """`ADDRESS`, `ADDRESS=QUANTITY` or a `dockchains:` link. One unit where nothing is said. Raises EncodingError."""
    link = text.strip().lower().startswith("dockchains:")
    address, equals, quantity = (text, "", "") if link else text.partition("=")
    return _share(address, quantity if equals else None, session, plain=plain)


def parse_shares(text: str, session: Session, *, plain: bool) -> tuple[Share, ...]:
    """A list of recipients: a line each, address and quantity; # begins a comment.

    Raises EncodingError that names the line.
    """
    shares = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            if len(words) > 2:
                raise EncodingError("more than an address and a quantity", hint="write ADDRESS QUANTITY")
            alone = len(words) == 1
            shares.append(
                parse_share(words[0], session, plain=plain)
                if alone
                else _share(words[0], words[1], session, plain=plain)
            )
        except EncodingError as error:
            raise EncodingError(f"line {number}: {error}", hint=error.advice) from error
        if len(shares) > MAX_GRANTS:
            raise EncodingError(f"more than {MAX_GRANTS:,} recipients", hint="split the list")
    if not shares:
        raise EncodingError("the list names nobody", hint="a line each: ADDRESS QUANTITY")
    return tuple(shares)


def _share(address: str, quantity: str | None, session: Session, *, plain: bool) -> Share:
    request = parse_recipient(address.strip(), session, plain=plain)
    if quantity is None:
        return Share(to=request, quantity=request.amount or 1)
    wanted = _quantity(quantity)
    if request.amount not in (None, wanted):
        raise EncodingError(
            f"the link asks for {request.amount:,} access units, and {wanted:,} are named",
            hint="leave the quantity away, or name the link's address alone",
        )
    return Share(to=request, quantity=wanted)


def _quantity(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 16 or not 1 <= int(text) <= MAX_ACCESS_UNITS:
        raise EncodingError(f"not a number of access units: {text[:40]!a}", hint="a whole number from 1")
    return int(text)
