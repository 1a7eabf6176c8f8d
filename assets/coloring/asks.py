"""The buyer's checks of an ask, before any money is committed. Each has a name, and says the figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.coloring.coin_facts import CoinFact, CoinFacts
from assets.coloring.plan import UnitCoin
from assets.errors import OfferError, OfferExpiredError, OfferTakenError
from assets.images.offer import Ask, OfferedCoin
from assets.model import CoinColor, Foreign, Genuine, OtherColor, Unknown
from wallet.amount import format_sats
from wallet.hashes import Txid, display, outpoint_text
from wallet.network import Network
from wallet.signatures import is_p2wpkh
from wallet.transactions import Prevout

VerifyMessage = Callable[[str, CScript, str], str | None]
"""Why a signature does not show that the holder of a script signed a message, or None (BIP322 simple)."""

_HINT = "nothing was signed and nothing changed; ask the seller for a new listing"


class AskCheck(StrEnum):
    """The checks, by the names that errors begin with."""

    NETWORK = "network"
    GENESIS = "repository"
    EXPIRY = "expiry"
    SIGNATURE = "seller's signature"
    SPENT = "unspent"
    VALUE = "value of the coin"
    SCRIPT = "seller's script"
    CONFIRMATIONS = "confirmations"
    COLOR = "genuine units"
    QUANTITY = "quantity"
    TITLE = "title"
    IN_FORCE = "in force"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRules:
    """What a buyer demands. `genesis` is the repository that is meant, or None where any will do.

    `replacing` is the txid of an own earlier sale in the mempool that may spend the coins, or None.
    """

    network: Network
    confirmations: int
    verify: VerifyMessage
    genesis: Txid | None = None
    replacing: Txid | None = None


def check_terms(ask: Ask, rules: AskRules, tip_height: int) -> None:
    """What can be said without the coins: network, repository, expiry. Raises OfferError."""
    if not ask.is_on(rules.network):
        raise OfferError(
            AskCheck.NETWORK,
            f"it is for the chain with block 0 {display(ask.network)}, and this is {rules.network.name}",
            hint="was it made on another network?",
        )
    if rules.genesis is not None and ask.genesis != rules.genesis:
        raise OfferError(
            AskCheck.GENESIS,
            f"it is for genesis {display(ask.genesis)}, expected {display(rules.genesis)}",
            hint="it sells another repository than the one that you named or pinned",
        )
    if tip_height >= ask.expires:
        raise OfferExpiredError(
            AskCheck.EXPIRY, f"it expired at block {ask.expires:,}, and the chain is at {tip_height:,}", hint=_HINT
        )


def check_ask(
    ask: Ask, rules: AskRules, facts: CoinFacts, colors: Callable[[COutPoint], CoinColor]
) -> tuple[UnitCoin, ...]:
    """The coins for sale as the chain has them. Raises OfferError at the first check that fails.

    `facts` are about the ask's coins; `colors` tells colours from ancestors.
    """
    check_terms(ask, rules, facts.tip.height)
    for coin in ask.coins:
        _check_coin(coin, facts.of(coin.outpoint), rules)
    first = facts.of(ask.coins[0].outpoint).txout
    assert first is not None, "checked above"
    flaw = rules.verify(ask.text, first.scriptPubKey, ask.signature)
    if flaw is not None:
        raise OfferError(
            AskCheck.SIGNATURE,
            f"{flaw}; it must be by {first.scriptPubKey.hex()}, which holds the first coin",
            hint=_HINT,
        )
    return _colored(ask, facts, [colors(outpoint) for outpoint in ask.outpoints])


def _check_coin(coin: OfferedCoin, fact: CoinFact, rules: AskRules) -> None:
    name = outpoint_text(coin.outpoint)
    if fact.txout is None and fact.waiting and fact.spender in (None, rules.replacing):
        raise OfferError(
            AskCheck.CONFIRMATIONS,
            f"{name} waits for a block, and {rules.confirmations} confirmations are asked for",
            hint="wait for more blocks, then try again",
        )
    if fact.txout is None:
        raise OfferTakenError(
            AskCheck.SPENT, f"the chain has no unspent coin {name}: it was spent, or no block holds it yet", hint=_HINT
        )
    if fact.spender is not None and fact.spender != rules.replacing:
        raise OfferTakenError(
            AskCheck.SPENT, f"{display(fact.spender)}, which waits for a block, spends {name}", hint=_HINT
        )
    if fact.confirmations < rules.confirmations:
        raise OfferError(
            AskCheck.CONFIRMATIONS,
            f"{name} has {fact.confirmations} confirmations, and {rules.confirmations} are asked for",
            hint="wait for more blocks, then try again",
        )
    if fact.txout.nValue != coin.value:
        raise OfferError(
            AskCheck.VALUE,
            f"{name} holds {format_sats(fact.txout.nValue)}, and the ask says {format_sats(coin.value)}",
            hint=_HINT,
        )
    if not is_p2wpkh(fact.txout.scriptPubKey):
        raise OfferError(
            AskCheck.SCRIPT,
            f"{name} lies on {fact.txout.scriptPubKey.hex()}; sales are from P2WPKH scripts in this version",
            hint=_HINT,
        )


def _colored(ask: Ask, facts: CoinFacts, colors: Sequence[CoinColor]) -> tuple[UnitCoin, ...]:
    coins = []
    for number, (coin, color) in enumerate(zip(ask.coins, colors, strict=True)):
        units = _genuine(coin, color)
        if units.genesis != ask.genesis:
            raise OfferError(
                AskCheck.COLOR,
                f"{outpoint_text(coin.outpoint)} holds units of genesis {display(units.genesis)}, "
                f"and the ask is for {display(ask.genesis)}",
                hint=_HINT,
            )
        if units.quantity != coin.quantity:
            raise OfferError(
                AskCheck.QUANTITY,
                f"{outpoint_text(coin.outpoint)} holds {units.quantity:,} units, and the ask says {coin.quantity:,}",
                hint=_HINT,
            )
        if units.title != (ask.sells.has_title and number == 0):
            held = "the title" if units.title else "access units"
            raise OfferError(
                AskCheck.TITLE,
                f"{outpoint_text(coin.outpoint)} holds {held}, and the ask sells {ask.sells}",
                hint=_HINT,
            )
        txout = facts.of(coin.outpoint).txout
        assert txout is not None, "checked before the colours"
        coins.append(UnitCoin(prevout=Prevout(outpoint=coin.outpoint, txout=txout, path=None), units=units))
    return tuple(coins)


def _genuine(coin: OfferedCoin, color: CoinColor) -> Genuine:
    if isinstance(color, Genuine):
        return color
    raise OfferError(AskCheck.COLOR, f"{outpoint_text(coin.outpoint)} {_instead(color)}", hint=_HINT)


def _instead(color: Foreign | OtherColor | Unknown | None) -> str:
    match color:
        case None | OtherColor():
            return "holds no units at all"
        case Foreign(asset=asset, quantity=quantity):
            return (
                f"holds {quantity:,} foreign units of asset {asset.hex()}, which descend from no genesis by closed"
                " transfers"
            )
        case Unknown(reason=reason):
            return f"holds what could not be found out: {reason}"
