"""What a person asks of closed images and of cold keys, as typed and checked field by field.

As in `asks`, whatever acts on a repository carries its genesis, from the screen on which it was asked.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An image to verify, fetch and hand over.

    `to` is a destination as the command line writes it, empty to keep the image here. `own_words` opens a sealed image
    with this wallet's secrets, `keep_sealed` does not open it. The others vouch, accept and narrow as for a verdict.
    """

    reference: str
    to: str = ""
    genesis: str = ""
    lock: str = ""
    allow: str = ""
    platform: str = ""
    key_file: str = ""
    own_words: bool = False
    keep_sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportGate:
    """What a gate runs from, for a file. An empty `name` means all that is pinned.

    `genesis` is the repository that was marked where the form was opened, empty where a person typed the name: the pin
    of the name has to be about that one.

    With `keep_key` the file is there and goes on with its key; then `origin` may be empty, too.
    """

    file: str
    origin: str = ""
    name: str = ""
    genesis: str = ""
    keep_key: bool = False
