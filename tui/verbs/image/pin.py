"""Deciding which genesis speaks for a name, and taking that back. What was shown is what is pinned, or nothing is."""

from dataclasses import dataclass, field

from assets.errors import TrustError
from assets.images.pin import Pin
from assets.services.chain.image_words import pin_view
from assets.services.read_models.image_views import PinProposalView, PinsView, PinView
from assets.services.trust.pin_view import proposal_view
from assets.services.trust.pinning import PinProposal, propose_pin
from assets.store.lock_file import locked_pin, put_in_lock, require_agreeing
from assets.store.trust_store import PinStore
from tui.verbs.image.judging import chain_for, on_network_of
from tui.verbs.image.reader_requests import Pin as Request
from tui.verbs.reading import Reading
from wallet.errors import StateError
from wallet.hashes import display
from wallet.keys.address import parse_address
from wallet.network import NETWORKS, network_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A pin that nobody has taken yet: what it would mean, for a person's yes."""

    request: Request
    view: PinProposalView

    def take(self, reading: Reading) -> PinView:
        """Takes the pin, and writes it into the lock file where one is named.

        Raises StateError where it is another one by now than was shown, TrustError, and what proposing raises; nothing
        is pinned then.
        """
        fresh = _proposal(self.request, reading)
        now, shown = pin_view(fresh.pin, reading.network), self.view.pin
        if now != shown:
            raise StateError(
                f"another pin than was shown: genesis {now.genesis} held by {', '.join(now.owners)}, and what was shown"
                f" is genesis {shown.genesis} held by {', '.join(shown.owners)}",
                hint="nothing was pinned; look at it again",
            )
        if fresh.pin != fresh.known:
            reading.pins.renew(fresh.known, fresh.pin)
        if self.request.lock is not None:
            put_in_lock(self.request.lock, reading.network, (fresh.pin,))
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpinning:
    """A pin that is to be forgotten, once a person said yes to it."""

    view: PinView
    _pin: Pin = field(repr=False)
    _pins: PinStore = field(repr=False)

    def finish(self) -> PinView:
        """Forgets it. Raises TrustError where it is another one by now than was shown."""
        self._pins.unpin(self._pin.name, self._pin)
        return self.view


def propose(request: Request, reading: Reading) -> Proposed:
    """What pinning would mean now. Raises what `propose_pin` raises, and TrustError where the lock file disagrees."""
    return Proposed(request=request, view=proposal_view(_proposal(request, reading), reading.network))


def unpin(name: str, reading: Reading, *, shown: PinView | None = None) -> Unpinning:
    """The pin of a canonical name, on the network that is named, or else the one on which it is pinned.

    Raises TrustError where there is none, or another one than was `shown`.
    """
    place = on_network_of(name, reading)
    pin = place.pins.load().named(name)
    if pin is None:
        raise TrustError(f"{name} is not pinned on {place.network.name}", hint="see: dockchains image pins")
    view = pin_view(pin, place.network)
    if shown is not None and view != shown:
        raise TrustError(
            f"{name} is pinned to genesis {display(pin.genesis)} by now, and what was shown is genesis {shown.genesis}",
            hint="nothing was changed; look at it again",
        )
    return Unpinning(view=view, _pin=pin, _pins=place.pins)


def pins(reading: Reading) -> PinsView:
    """What is pinned, on the network that is set or on all."""
    chosen = reading.settings.network
    networks = [network_named(chosen)] if chosen else list(NETWORKS.values())
    return PinsView(
        pins=tuple(pin_view(pin, network) for network in networks for pin in reading.house.pins_on(network).load().pins)
    )


def _proposal(request: Request, reading: Reading) -> PinProposal:
    network, lock, name = reading.network, request.lock, request.name
    authors = tuple(parse_address(author, network) for author in request.accept_authors)
    locked = None if lock is None else locked_pin(lock, network, name)
    with chain_for(name, request.evidence, reading) as chain:
        proposal = propose_pin(
            name,
            chain,
            reading.registry,
            reading.pins.load(),
            genesis=request.genesis,
            confirmations=reading.settling_confirmations,
            accept_owner=request.accept_owner,
            accept_authors=authors,
            locked=locked,
        )
    if lock is not None:
        require_agreeing(lock, network, proposal.pin)
    return proposal
