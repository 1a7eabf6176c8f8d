"""Payment links: BIP21's `bitcoin:` and our `dockchains:` for units. A bare address is a link that asks for nothing."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from bitcoin.core.script import CScript

from wallet.amount import Sats, format_btc, parse_btc
from wallet.errors import EncodingError
from wallet.hashes import Txid, display, parse_txid
from wallet.keys.address import address_of, parse_address, parse_unit_address, unit_address_of
from wallet.network import Network

MAX_URI = 4096
"""Characters of the longest link that is read."""

_UNITS = re.compile(r"[1-9][0-9]{0,15}")
_MAX_UNITS = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """Bitcoin that somebody asks for (BIP21). `amount` is in sats; texts are for people and may say anything."""

    script: CScript
    amount: Sats | None = None
    label: str = ""
    message: str = ""

    @classmethod
    def parse(cls, text: str, network: Network) -> "PaymentRequest":
        """A `bitcoin:` link or a plain address. Raises EncodingError, also for a `req-` parameter nobody knows."""
        address, parameters = _split(text, "bitcoin")
        _refuse_required(parameters, known=("amount", "label", "message"))
        amount = parameters.get("amount")
        return cls(
            script=parse_address(address, network),
            amount=None if amount is None else parse_btc(amount),
            label=parameters.get("label", ""),
            message=parameters.get("message", ""),
        )

    def to_uri(self, network: Network) -> str:
        """The link; an amount is written in BTC without needless zeros."""
        amount = None if self.amount is None else format_btc(self.amount).rstrip("0").rstrip(".")
        parameters = {"amount": amount, "label": self.label, "message": self.message}
        return _join("bitcoin", address_of(self.script, network), parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRequest:
    """Units that somebody asks for: of which genesis, and how many."""

    script: CScript
    genesis: Txid | None = None
    amount: int | None = None

    @classmethod
    def parse(cls, text: str, network: Network) -> "UnitRequest":
        """A `dockchains:` link or a unit address. Raises EncodingError."""
        address, parameters = _split(text, "dockchains")
        _refuse_required(parameters, known=("genesis", "amount"))
        genesis, amount = parameters.get("genesis"), parameters.get("amount")
        if amount is not None and (not _UNITS.fullmatch(amount) or int(amount) > _MAX_UNITS):
            raise EncodingError(f"not a number of units: {amount[:40]!r}", hint="a whole number from 1")
        return cls(
            script=parse_unit_address(address, network),
            genesis=None if genesis is None else parse_txid(genesis),
            amount=None if amount is None else int(amount),
        )

    def to_uri(self, network: Network) -> str:
        """The link."""
        parameters = {
            "genesis": None if self.genesis is None else display(self.genesis),
            "amount": None if self.amount is None else str(self.amount),
        }
        return _join("dockchains", unit_address_of(self.script, network), parameters)


def _join(scheme: str, address: str, parameters: dict[str, str | None]) -> str:
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters.items() if value)
    return f"{scheme}:{address}?{query}" if query else f"{scheme}:{address}"


def _split(text: str, scheme: str) -> tuple[str, dict[str, str]]:
    """The address and the decoded parameters of a link, or of a bare address."""
    text = text.strip()
    if len(text) > MAX_URI:
        raise EncodingError("the link is too long", hint=f"at most {MAX_URI} characters")
    found, colon, rest = text.partition(":")
    if not colon:
        return text, {}
    if found.lower() != scheme:
        raise EncodingError(f"not a {scheme}: link: it begins with {found[:20]!r}")
    address, _, query = rest.partition("?")
    parameters: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        key = _decoded(key)
        if key in parameters:
            raise EncodingError(f"the link says {key[:40]!r} twice", hint="ask for a new link")
        parameters[key] = _decoded(value)
    return address, parameters


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:
        raise EncodingError("the link holds bytes that are not UTF-8", hint="ask for a new link") from None


def _refuse_required(parameters: dict[str, str], *, known: tuple[str, ...]) -> None:
    """BIP21: a parameter that begins with `req-` and is not understood makes the whole link unusable."""
    for key in parameters:
        if key.lower().startswith("req-") and key not in known:
            raise EncodingError(
                f"the link requires {key[:40]!r}, which this wallet does not know", hint="ask for a plain address"
            )
