"""The public side of a wallet in a file: what watches it, on a machine that never has its keys.

The file is what `wallet show --json` prints where the keys are. Nothing in it is believed by itself: the descriptors
are taken apart, the account is made anew from their public keys, and it must give the very same descriptors and first
addresses again.
"""

import re
from dataclasses import dataclass

import msgspec

from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.documents import decode_json
from wallet.errors import EncodingError
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.descriptor import check_descriptor
from wallet.keys.keychain import PUBLIC_ACCOUNTS
from wallet.network import Network, network_named
from wallet.remedies import WalletRemedy

MAX_FACTS = 1024 * 1024
"""Bytes of the largest file that is read."""

_ORIGIN = r"wpkh\(\[([0-9a-f]{8})/84h/(?:0|1)h/([0-9]{1,5})h"
_RANGED = re.compile(_ORIGIN + r"\]([1-9A-HJ-NP-Za-km-z]{100,120})/[01]/\*\)", re.ASCII)
_LOT = re.compile(_ORIGIN + r"/([0-9]{1,10})h\]([0-9a-f]{66})\)", re.ASCII)
_PRIVATE = re.compile(r"[xyzt]prv[1-9A-HJ-NP-Za-km-z]{20}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFacts:
    """A wallet without its keys. `birth_height` is the block before which it cannot hold coins."""

    account: Account
    birth_height: int


class _Descriptor(msgspec.Struct):
    descriptor: str


class _Shown(msgspec.Struct):
    network: str
    fingerprint: str
    address: str
    unit_address: str
    birth_height: int
    descriptors: list[_Descriptor]


def parse_public_facts(data: bytes) -> PublicFacts:
    """What such a file says. Raises EncodingError for everything else, and loudly for one that holds a private key."""
    if _PRIVATE.search(data.decode("latin-1")):
        raise EncodingError(
            "a private key is in this file", hint="it must never come to a machine that only watches: destroy the file"
        )
    try:
        shown = decode_json(data, _Shown, what="it")
    except EncodingError as error:
        raise _not_shown(str(error)[:120]) from error
    network = network_named(shown.network)
    account = _account(shown, network)
    first = account.script(KeyPath(AccountKind.BTC, 0, 0))
    units = account.script(KeyPath(AccountKind.UNITS, 0, 0))
    if (shown.address, shown.unit_address) != (address_of(first, network), unit_address_of(units, network)):
        raise _not_shown("its first addresses are not those of its descriptors")
    if not 0 <= shown.birth_height < 2**31:
        raise _not_shown("its birth height is no height")
    return PublicFacts(account=account, birth_height=shown.birth_height)


def _account(shown: _Shown, network: Network) -> Account:
    texts = [one.descriptor for one in shown.descriptors]
    xpubs: dict[AccountKind, str] = {}
    lots: list[tuple[int, bytes]] = []
    for text in texts:
        body = check_descriptor(text)
        if found := _RANGED.fullmatch(body):
            xpubs.setdefault(_kind(found[2]), found[3])
        elif found := _LOT.fullmatch(body):
            lots.append((int(found[3]), bytes.fromhex(found[4])))
        else:
            raise _not_shown("a descriptor in it is of another kind than this program's")
    if set(xpubs) != set(PUBLIC_ACCOUNTS):
        raise _not_shown("the descriptors of some accounts are missing")
    if not re.fullmatch(r"[0-9a-f]{8}", shown.fingerprint, re.ASCII):
        raise _not_shown("its fingerprint is not four bytes in hexadecimal")
    account = Account(
        network,
        bytes.fromhex(shown.fingerprint),
        tuple((kind, xpubs[kind]) for kind in PUBLIC_ACCOUNTS),
    ).with_lots(lots)
    if sorted(texts) != sorted(one.text for one in account.descriptors()):
        raise _not_shown("its descriptors do not belong to one wallet")
    return account


def _kind(number: str) -> AccountKind:
    try:
        return AccountKind(int(number))
    except ValueError:
        raise _not_shown(f"it has an account {number}'") from None


def _not_shown(why: str) -> EncodingError:
    return EncodingError(
        f"not the public side of a wallet: {why}",
        hint=WalletRemedy.SHOW_PUBLIC.of(),
    )
