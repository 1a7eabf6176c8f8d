"""The node as judge: it derives the same addresses, reads our PSBTs, and accepts what we sign."""

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScriptWitness

from regtest.node import Node
from tests.wallet.signing_cases import ACCOUNT, CHANGE, KEYCHAIN, RECEIVE, UNIT
from wallet.coins import KeyPath
from wallet.hashes import display
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.psbt import finalize, from_text, to_psbt, to_text
from wallet.signatures import sign_input
from wallet.signer import SoftwareSigner
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble, vsize_of

pytestmark = pytest.mark.node

Funded = tuple[UnsignedTransaction, tuple[CTransaction, ...]]


@pytest.fixture(scope="module")
def paid(bitcoin_node: Node) -> Funded:
    """Two coins of ours, spent by nothing that is sent."""
    return funded(bitcoin_node)


def funded(node: Node) -> Funded:
    """A transaction that spends two coins which the node's miner paid us, and the transactions that paid."""
    prevouts, parents = [], []
    for path in (UNIT, RECEIVE):
        txid = node.fund(address_of(ACCOUNT.script(path), REGTEST), 50_000)
        parent = CTransaction.deserialize(bytes.fromhex(node.rpc("getrawtransaction", txid)))
        vout = [out.scriptPubKey for out in parent.vout].index(ACCOUNT.script(path))
        prevouts.append(Prevout(outpoint=COutPoint(parent.GetTxid(), vout), txout=parent.vout[vout], path=path))
        parents.append(parent)
    outputs = (CTxOut(50_000, ACCOUNT.script(UNIT)), CTxOut(49_500, ACCOUNT.script(CHANGE)))
    tx = assemble(tuple((prevout.outpoint, RBF_SEQUENCE) for prevout in prevouts), outputs)
    return UnsignedTransaction(tx=tx, prevouts=tuple(prevouts), own_outputs=((0, UNIT), (1, CHANGE))), tuple(parents)


def test_the_node_derives_our_addresses_from_our_descriptors(bitcoin_node: Node) -> None:
    for descriptor in ACCOUNT.descriptors():
        assert bitcoin_node.rpc("getdescriptorinfo", descriptor.text)["descriptor"] == descriptor.text
        paths = [KeyPath(descriptor.account, descriptor.chain, index) for index in range(5)]
        expected = [address_of(ACCOUNT.script(path), REGTEST) for path in paths]
        assert bitcoin_node.rpc("deriveaddresses", descriptor.text, [0, 4]) == expected


def test_the_node_accepts_what_we_sign(bitcoin_node: Node) -> None:
    unsigned, _ = funded(bitcoin_node)
    tx = finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(to_psbt(unsigned, ACCOUNT)))
    (verdict,) = bitcoin_node.rpc("testmempoolaccept", [tx.serialize().hex()])
    assert verdict["allowed"], verdict
    assert verdict["vsize"] == vsize_of(tx) <= unsigned.vsize
    assert bitcoin_node.rpc("sendrawtransaction", tx.serialize().hex()) == display(unsigned.txid)


def test_the_node_reads_and_finalises_our_psbts(bitcoin_node: Node) -> None:
    unsigned, parents = funded(bitcoin_node)
    raw = to_psbt(unsigned, ACCOUNT, parents)
    decoded = bitcoin_node.rpc("decodepsbt", to_text(raw))
    assert decoded["tx"]["txid"] == display(unsigned.txid)
    assert [entry["sighash"] for entry in decoded["inputs"]] == ["ALL", "ALL"]
    assert decoded["inputs"][0]["bip32_derivs"] == [
        {
            "pubkey": ACCOUNT.public_key(UNIT).hex(),
            "master_fingerprint": ACCOUNT.fingerprint.hex(),
            "path": "m/84h/1h/17475h/0/2",
        }
    ]
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(raw)
    final = bitcoin_node.rpc("finalizepsbt", to_text(signed))
    assert final["complete"]
    assert final["hex"] == finalize(signed).serialize().hex()


def test_what_the_node_updated_is_read_and_finalised(bitcoin_node: Node) -> None:
    unsigned, _ = funded(bitcoin_node)
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(to_psbt(unsigned, ACCOUNT))
    updated = bitcoin_node.rpc("utxoupdatepsbt", to_text(signed))
    assert finalize(from_text(updated)) == finalize(signed)
    closed = bitcoin_node.rpc("finalizepsbt", updated, False)
    assert finalize(from_text(closed["psbt"])) == finalize(signed)


@pytest.mark.parametrize("locktime", [0, 499_999_999, 2**31 - 1, 2**31, 2**31 + 5, 2**32 - 1])
@pytest.mark.parametrize("version", [-(2**31), -1, 2, 2**31 - 1])
def test_the_node_finds_our_signature_valid_at_any_lock_time_and_version(
    bitcoin_node: Node, paid: Funded, locktime: int, version: int
) -> None:
    """Both are four bytes, of which one library reads the highest bit of a lock time as a sign."""
    unsigned, _ = paid
    sequences = (0, 2**31)
    inputs = tuple((prevout.outpoint, sequence) for prevout, sequence in zip(unsigned.prevouts, sequences, strict=True))
    tx = assemble(inputs, tuple(unsigned.tx.vout), version=version, locktime=locktime)
    signed = [
        CTxInWitness(
            CScriptWitness(
                [
                    sign_input(KEYCHAIN.private_key(path), tx, index, prevout.txout),
                    KEYCHAIN.public_key(path),
                ]
            )
        )
        for index, prevout in enumerate(unsigned.prevouts)
        if (path := prevout.path) is not None
    ]
    whole = CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion, CTxWitness(signed))
    assert bitcoin_node.rpc("signrawtransactionwithkey", whole.serialize().hex(), [])["complete"]
