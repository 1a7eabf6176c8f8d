"""The Bitcoin networks that the wallet knows, as values that are passed down."""

from dataclasses import dataclass

from wallet.errors import EncodingError
from wallet.hashes import BlockHash, parse_block_hash

_SIGNET_CHALLENGE = (
    "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be4"
    "30210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What tells one Bitcoin network from another.

    `genesis` is the hash of block 0; every signet has the same one, so `challenge` (script hex) is there on signet.
    `chain` is the word that bitcoind's getblockchaininfo uses. `segwit_height` is the first block that can hold a
    segwit spend, and so the first that can hold anything of ours. `confirmations` is how many blocks make a sale or a
    pin settled.
    """

    name: str
    chain: str
    genesis: BlockHash
    challenge: str | None
    hrp: str
    unit_hrp: str
    p2pkh_prefix: int
    p2sh_prefix: int
    coin_type: int
    xpub_version: bytes
    xprv_version: bytes
    asset_prefix: int
    rpc_port: int
    segwit_height: int
    confirmations: int

    @property
    def is_mainnet(self) -> bool:
        """Whether real money moves here."""
        return self.name == "mainnet"


_TEST = {
    "p2pkh_prefix": 0x6F,
    "p2sh_prefix": 0xC4,
    "coin_type": 1,
    "xpub_version": bytes.fromhex("043587cf"),
    "xprv_version": bytes.fromhex("04358394"),
    "asset_prefix": 115,
    "segwit_height": 0,
    "confirmations": 1,
}

MAINNET = Network(
    name="mainnet",
    chain="main",
    genesis=parse_block_hash("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
    challenge=None,
    hrp="bc",
    unit_hrp="dc",
    p2pkh_prefix=0x00,
    p2sh_prefix=0x05,
    coin_type=0,
    xpub_version=bytes.fromhex("0488b21e"),
    xprv_version=bytes.fromhex("0488ade4"),
    asset_prefix=23,
    rpc_port=8332,
    segwit_height=481_824,
    confirmations=6,
)
TESTNET4 = Network(
    name="testnet4",
    chain="testnet4",
    genesis=parse_block_hash("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
    challenge=None,
    hrp="tb",
    unit_hrp="dct",
    rpc_port=48332,
    **_TEST,  # type: ignore[arg-type]
)
SIGNET = Network(
    name="signet",
    chain="signet",
    genesis=parse_block_hash("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
    challenge=_SIGNET_CHALLENGE,
    hrp="tb",
    unit_hrp="dct",
    rpc_port=38332,
    **_TEST,  # type: ignore[arg-type]
)
REGTEST = Network(
    name="regtest",
    chain="regtest",
    genesis=parse_block_hash("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
    challenge=None,
    hrp="bcrt",
    unit_hrp="dcrt",
    rpc_port=18443,
    **_TEST,  # type: ignore[arg-type]
)

NETWORKS: dict[str, Network] = {network.name: network for network in (REGTEST, SIGNET, TESTNET4, MAINNET)}


def network_named(name: str) -> Network:
    """The network that a person names. Raises EncodingError with the known names."""
    try:
        return NETWORKS[name]
    except KeyError:
        raise EncodingError(f"unknown network: {name[:40]!r}", hint=f"one of {', '.join(NETWORKS)}") from None


def network_of(genesis: BlockHash, challenge: str | None) -> Network | None:
    """The known network with this block 0 (and, on signet, this challenge), or None."""
    for network in NETWORKS.values():
        if network.genesis == genesis and network.challenge == challenge:
            return network
    return None
