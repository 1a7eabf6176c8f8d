"""Read models of closed images, cold keys and signed texts: texts, numbers, booleans and tuples of these."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Opened:
    """Secrets that a password opened, for one piece of work. Only the service that made it can use it."""

    handle: object = field(repr=False, compare=False)
