"""Which of several listings is bought."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from assets.images.offer import Ask
from assets.services.market.offers import Found, cheapest, gather, refusal_among
from tui.verbs.market.listings import judge, listings_at
from tui.verbs.market.requests import Buy, Where
from tui.verbs.workplace import Workplace
from wallet.errors import StateError
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichListing:
    """A question: there are several listings, of a title too, and no title is chosen among others.

    The answer is the same request with one of `asks`, an id, as `wanted`. `refusal` is for whoever can ask nobody.
    """

    request: Buy
    asks: tuple[str, ...]
    refusal: StateError


def choose(request: Buy, where: Where, genesis: Txid | None, place: Workplace) -> Ask | WhichListing:
    """The listing that was asked for, or the cheapest lot that is still there.

    What is wrong with the only one there is, is said where it is bought; but where another one names its coins too,
    only the one that counts is bought. Raises StateError where nothing fits, OfferError.
    """
    source, wanted = listings_at(where, place), request.wanted
    for note in source.notes:
        place.note(note)
    found, judging = gather([source]), judge(place, genesis)
    matching = [one for one in found if wanted is None or one.ask.id.hex().startswith(wanted)]
    if not matching:
        what = f"no listing that begins with {wanted}" if wanted else "no listing"
        raise StateError(f"{where} has {what}", hint="`dockchains market offers` shows what there is")
    if wanted is not None and len(matching) > 1:
        raise StateError(f"{len(matching)} listings begin with {wanted}", hint="say more digits of the id")
    if len(matching) > 1 and any(one.ask.sells.has_title for one in matching):
        return _which(request, where, matching)
    if len(matching) == 1:
        refusal = refusal_among(matching[0], found, judging)
        if refusal is not None:
            raise refusal
        return matching[0].ask
    best = cheapest(matching, judging, secrets.choice)
    if best is None:
        raise StateError(
            f"none of the {len(matching)} listings at {where} can be bought now",
            hint="`dockchains market offers --all` says why, for each",
        )
    return best


def _which(request: Buy, where: Where, matching: Sequence[Found]) -> WhichListing:
    return WhichListing(
        request=request,
        asks=tuple(one.ask.id.hex() for one in matching),
        refusal=StateError(f"{where} has {len(matching)} listings, of a title too", hint="choose one with --ask ID"),
    )
