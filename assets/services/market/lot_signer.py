"""The shop's signer: the keys of its lots, and what they may do."""

from typing import NoReturn

from bitcoin.core import COutPoint, CTransaction, CTxOut
from coincurve import PrivateKey

from assets.images.shop_bundle import ShopBundle
from wallet.errors import EncodingError, MissingKeyError, SigningError
from wallet.hashes import outpoint_text
from wallet.signatures import is_valid_signature, p2wpkh_script, sign_input


class BundleSigner:
    """Signs the spending of the lots of a bundle, for the whole transaction and in no other way.

    Raises EncodingError for a bundle whose keys do not hold their lots. Neither printable nor picklable.
    """

    __slots__ = ("_keys",)

    def __init__(self, bundle: ShopBundle) -> None:
        self._keys: dict[COutPoint, bytes] = {}
        for lot in bundle.lots:
            try:
                public_key = PrivateKey(lot.key).public_key.format()
            except ValueError:
                raise EncodingError(f"the lot {outpoint_text(lot.outpoint)} has an impossible key") from None
            if p2wpkh_script(public_key) != lot.script:
                raise EncodingError(
                    f"the key of the lot {outpoint_text(lot.outpoint)} does not hold it", hint="export the bundle again"
                )
            self._keys[lot.outpoint] = lot.key

    def sign(self, tx: CTransaction, number: int, spent: CTxOut, lot: COutPoint) -> tuple[bytes, bytes]:
        """(public key, signature with sighash byte). Raises SigningError, MissingKeyError."""
        key = self._keys.get(lot)
        if key is None:
            raise MissingKeyError(f"no key for {outpoint_text(lot)}")
        public_key = PrivateKey(key).public_key.format()
        if tx.vin[number].prevout != lot or p2wpkh_script(public_key) != spent.scriptPubKey:
            raise SigningError(f"input {number} is not the lot {outpoint_text(lot)}")
        signature = sign_input(key, tx, number, spent)
        assert is_valid_signature(signature, public_key, tx, number, spent), "a signature of ours is valid"
        return public_key, signature

    def __repr__(self) -> str:
        return f"BundleSigner(lots={len(self._keys)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("private keys are not pickled")
