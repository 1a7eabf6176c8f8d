"""What a person asks of images and repositories, parsed and not looked up yet. Cheap to import."""

from dataclasses import dataclass

from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Which repository is meant: by its canonical name, its genesis, or both.

    `own` is for what only an owner does: nobody but this wallet and its pins speaks for a name then.
    """

    name: str | None = None
    genesis: Txid | None = None
    own: bool = False
