"""Use cases: sign a message with one of the wallet's addresses, and judge anybody's signed message."""

from bitcoin.core.script import CScript

from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import MessageView
from wallet.account import Account
from wallet.coins import KeyPath
from wallet.errors import EncodingError, MissingKeyError
from wallet.keys.address import parse_address, parse_unit_address
from wallet.keys.keychain import PUBLIC_ACCOUNTS, account_chains
from wallet.keys.message import MessageFlaw, message_flaw
from wallet.keys.message_bip137 import bip137_flaw, resembles_bip137
from wallet.network import NETWORKS, Network
from wallet.signatures import is_p2wpkh
from wallet.signer import MessageSigner
from wallet.store.wallet_store import WalletStore

BIP322, BIP137 = "BIP322", "BIP137"

OWN_TEXTS = "dockchains"
"""The first word of every text that this program's formats sign."""

_HEAD = 4_096
_NEAR = 20
_FAR = 200
"""Keys of each chain beyond the last one handed out among which an address is looked for, in two rounds."""


def own_path(address: str, account: Account, store: WalletStore) -> KeyPath:
    """The key of ours behind an address, a Bitcoin or a unit address.

    Raises EncodingError for what is no address of this network, MissingKeyError for somebody else's.
    """
    script = _script_of(address, account.network)
    if not is_p2wpkh(script):
        raise EncodingError(str(MessageFlaw.OTHER_SCRIPT), hint=ImageRemedy.OWN_RECEIVER.of())
    for beyond in (_NEAR, _FAR):
        for kind in PUBLIC_ACCOUNTS:
            for chain in account_chains(kind):
                stop = store.next_index(kind, chain) + beyond
                for path, own in account.scripts(kind, chain, 0, stop):
                    if own == script:
                        return path
    raise MissingKeyError(
        "this address is not this wallet's",
        hint=ImageRemedy.OWN_RECEIVER_OR_WALLET.of(),
    )


def sign_text(message: str, path: KeyPath, signer: MessageSigner) -> str:
    """A signature of a person's text (BIP322). Raises EncodingError for texts that this program's own formats sign."""
    require_free_text(message)
    return signer.sign_message(message, path)


def require_free_text(message: str) -> None:
    """Logins, listings, bids and statements are texts of their own formats: who signs one has made it.

    Whatever could be taken for one is refused, in any case and behind blanks. Raises EncodingError.
    """
    words = "".join(letter if letter.isprintable() else " " for letter in message[:_HEAD]).split(maxsplit=1)
    if words and words[0].casefold() == OWN_TEXTS:
        raise EncodingError(
            f"a text that begins with {OWN_TEXTS!r} is a login, a listing, a bid or a statement of this program",
            hint="nothing was signed; " + ImageRemedy.SIGN_BY_COMMAND.of(),
        )


def judge_message(address: str, message: str, signature: str) -> MessageView:
    """Whether the holder of an address signed a message. The network is told by the address.

    BIP322 (simple) is understood with and without its prefix, and BIP137 with the headers of P2WPKH. Raises
    EncodingError for what is no address at all, or a message that is no text.
    """
    script = next((found for network in NETWORKS.values() if (found := _try(address, network)) is not None), None)
    if script is None:
        raise EncodingError(f"not an address: {address[:100]!r}", hint="give a Bitcoin address or a unit address")
    form = BIP137 if resembles_bip137(signature) else BIP322
    if form == BIP137:
        flaw = bip137_flaw(message, script, signature)
    else:
        flaw = message_flaw(message, script, signature, prefixed=True)
    return MessageView(
        address=address, message=message, signature=signature, form=form, valid=flaw is None, reason=str(flaw or "")
    )


def _script_of(address: str, network: Network) -> CScript:
    """The script of an address of either kind."""
    if address.strip().lower().startswith(f"{network.unit_hrp}1"):
        return parse_unit_address(address, network)
    return parse_address(address, network)


def _try(address: str, network: Network) -> CScript | None:
    try:
        return _script_of(address, network)
    except EncodingError:
        return None
