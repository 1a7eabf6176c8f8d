"""Use case: hand out addresses. A key is given out once; issuing scripts are never given out at all."""

from bitcoin.core.script import CScript

from assets.coloring.plan import Recipient
from assets.services.read_models.wallet_views import ReceiveView
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.account import GAP_LIMIT
from wallet.amount import Sats
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.uri import PaymentRequest, UnitRequest
from wallet.store.wallet_store import Label, LabelType

RECEIVING, CHANGE = 0, 1


def receive_bitcoin(session: Session, *, amount: Sats | None = None, label: str = "") -> ReceiveView:
    """The next address for bitcoin, and the bitcoin: link (BIP21) that asks for `amount` sats."""
    path, used = _hand_out(session, AccountKind.BTC)
    script = session.account.script(path)
    address = address_of(script, session.network)
    if label:
        session.store.put_label(Label(type=LabelType.ADDR, ref=address, label=label))
    uri = PaymentRequest(script=script, amount=amount, label=label).to_uri(session.network)
    return _view(session, path, used, address=address, uri=uri)


def receive_units(session: Session, *, genesis: Txid | None = None, amount: int | None = None) -> ReceiveView:
    """The next unit address, which wallets that know nothing of units refuse, and its dockchains: link."""
    path, used = _hand_out(session, AccountKind.UNITS)
    script = session.account.script(path)
    return _view(
        session,
        path,
        used,
        address=unit_address_of(script, session.network),
        uri=UnitRequest(script=script, genesis=genesis, amount=amount).to_uri(session.network),
    )


def next_receiver(session: Session, account: AccountKind) -> Recipient:
    """The next key for bitcoin or units. It counts as handed out only once `take` was called, or it was paid."""
    index = max(session.store.next_index(account, RECEIVING), session.coins.first_unused(account, RECEIVING))
    path = KeyPath(account, RECEIVING, index)
    return Recipient(script=session.account.script(path), path=path)


def take(to: Recipient, session: Session) -> None:
    """Hand out a key of ours: nobody else is given it."""
    assert to.path is not None, "a key of this wallet"
    session.store.mark_used(to.path.account, to.path.chain, to.path.index)


def next_change(session: Session) -> Recipient:
    """The next change key. It counts as handed out only once it was paid, so that drafts leave no gaps."""
    index = max(session.store.next_index(AccountKind.BTC, CHANGE), session.coins.first_unused(AccountKind.BTC, CHANGE))
    path = KeyPath(AccountKind.BTC, CHANGE, index)
    return Recipient(script=session.account.script(path), path=path)


def own_key(session: Session, script: CScript) -> KeyPath | None:
    """The key of this wallet that a script pays; None where it is nobody's or somebody else's."""
    return own_scripts(session).get(bytes(script))


def _hand_out(session: Session, account: AccountKind) -> tuple[KeyPath, int]:
    """The next key for receiving, and how many keys up to the last paid one there are."""
    used = session.coins.first_unused(account, RECEIVING)
    if used:
        session.store.mark_used(account, RECEIVING, used - 1)
    return session.store.hand_out(account, RECEIVING), used


def _view(session: Session, path: KeyPath, used: int, *, address: str, uri: str) -> ReceiveView:
    return ReceiveView(
        network=session.network.name,
        wallet=session.name,
        address=address,
        uri=uri,
        path=str(path),
        unpaid=path.index - used + 1,
        gap=GAP_LIMIT,
    )
