from dataclasses import replace

import pytest
from bitcoin.core import CTxOut
from bitcoin.core.script import CScript
from coincurve import PrivateKey

from assets.images.shop_bundle import BundledLot, ShopBundle
from assets.services.market.lot_signer import BundleSigner
from tests.assets.images.listings import LOT, PAY_TO, WHOLE, offered
from wallet.errors import EncodingError, MissingKeyError
from wallet.network import MAINNET, REGTEST
from wallet.signatures import p2wpkh_script
from wallet.transactions import assemble

SECRET = b"\x05" * 32
HELD = p2wpkh_script(PrivateKey(SECRET).public_key.format())
BUNDLED = BundledLot(outpoint=LOT.coins[0].outpoint, quantity=1, script=HELD, key=SECRET, ask=LOT)
BUNDLE = ShopBundle(network=REGTEST.genesis, lots=(BUNDLED,), pay_to=PAY_TO)


def test_a_bundle_is_read_back_as_it_was_written() -> None:
    assert ShopBundle.parse(BUNDLE.serialize() + b"\n") == BUNDLE


def test_a_key_is_in_no_representation_and_in_no_error() -> None:
    assert SECRET.hex() not in repr(BUNDLE)
    assert SECRET.hex() not in repr(BundleSigner(BUNDLE))
    for damaged in (BUNDLE.serialize().replace(b'"v":1}', b'"v":1,"x":2}'), BUNDLE.serialize()[:-2]):
        with pytest.raises(EncodingError) as caught:
            ShopBundle.parse(damaged)
        assert SECRET.hex() not in str(caught.value)


def test_a_bundle_never_holds_a_title_nor_listings_of_other_coins() -> None:
    with pytest.raises(EncodingError, match="never holds one"):
        replace(BUNDLED, ask=WHOLE)
    with pytest.raises(EncodingError, match="other coins"):
        replace(BUNDLED, ask=replace(LOT, coins=(offered("another"),)))
    with pytest.raises(EncodingError, match="another quantity"):
        replace(BUNDLED, quantity=2)
    with pytest.raises(EncodingError, match="twice"):
        replace(BUNDLE, lots=(BUNDLED, BUNDLED))
    with pytest.raises(EncodingError, match="pays somebody else"):
        replace(BUNDLE, pay_to=CScript(b"\x00\x14" + b"q" * 20))
    with pytest.raises(EncodingError, match="another network"):
        replace(BUNDLE, network=MAINNET.genesis)


def test_the_shops_signer_signs_its_lots_and_nothing_else() -> None:
    signer = BundleSigner(BUNDLE)
    tx = assemble(((LOT.coins[0].outpoint, 0xFFFFFFFD),), (offered_output(),))
    key, signature = signer.sign(tx, 0, held_output(), LOT.coins[0].outpoint)
    assert signature[-1] == 1
    assert p2wpkh_script(key) == HELD
    with pytest.raises(MissingKeyError):
        signer.sign(tx, 0, held_output(), offered("another").outpoint)
    with pytest.raises(EncodingError, match="does not hold it"):
        BundleSigner(replace(BUNDLE, lots=(replace(BUNDLED, key=b"\x06" * 32),)))
    with pytest.raises(EncodingError, match="impossible key"):
        BundleSigner(replace(BUNDLE, lots=(replace(BUNDLED, key=bytes(32)),)))


def held_output() -> CTxOut:
    return CTxOut(330, HELD)


def offered_output() -> CTxOut:
    return CTxOut(330, PAY_TO)
