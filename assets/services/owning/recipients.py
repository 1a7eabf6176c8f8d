"""Who receives a title or access units: an address that was made for units, unless the user insists."""

from collections.abc import Callable

from bitcoin.core.script import CScript

from assets.coloring.plan import Recipient
from assets.remedies import ImageRemedy
from assets.services.wallets.ownership import LOOK_AHEAD, issuing_scripts, unit_scripts
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError
from wallet.hashes import Txid, display
from wallet.keys.address import parse_address, unit_address_of
from wallet.keys.uri import UnitRequest


def parse_recipient(text: str, session: Session, *, plain: bool) -> UnitRequest:
    """A unit address or a `dockchains:` link; with `plain` also a Bitcoin address that can hold units.

    Raises EncodingError, also for a plain address where none was asked for.
    """
    if not plain or text.strip().lower().startswith(("dockchains:", f"{session.network.unit_hrp}1")):
        return UnitRequest.parse(text, session.network)
    script = parse_address(text, session.network)
    unit_address_of(script, session.network)
    return UnitRequest(script=script)


def require_genesis(request: UnitRequest, genesis: Txid) -> None:
    """Raises EncodingError where a link asks for units of another repository."""
    if request.genesis not in (None, genesis):
        assert request.genesis is not None, "None was among the allowed ones"
        raise EncodingError(
            f"the link asks for units of another repository: {display(request.genesis)}",
            hint="is it the link that you were sent for this one?",
        )


def recipient_of(script: CScript, session: Session) -> Recipient:
    """A script with the key of ours behind it, if it is ours. Raises EncodingError for one that must not hold units."""
    return finder(session)(script)


def finder(session: Session) -> Callable[[CScript], Recipient]:
    """`recipient_of` for many scripts: the wallet's own ones are derived once."""
    units, others = unit_scripts(session), _other_scripts(session)

    def find(script: CScript) -> Recipient:
        path = units.get(bytes(script))
        if path is None and bytes(script) in others:
            raise EncodingError(
                "this address is one of the wallet's own for bitcoin or issuing, where units would be spent or get"
                " stuck",
                hint=ImageRemedy.UNIT_ADDRESS.of(),
            )
        return Recipient(script=script, path=path)

    return find


def _other_scripts(session: Session) -> frozenset[bytes]:
    """The wallet's own scripts that must never hold units, as far as they may have been paid or handed out."""
    account = AccountKind.BTC
    found = set(issuing_scripts(session))
    for chain in (0, 1):
        used = max(session.coins.first_unused(account, chain), session.store.next_index(account, chain))
        paths = (KeyPath(account, chain, index) for index in range(used + LOOK_AHEAD))
        found |= {bytes(session.account.script(path)) for path in paths}
    return frozenset(found)
