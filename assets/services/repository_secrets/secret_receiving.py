"""Use case: the buyer of a repository takes in the secret that the seller handed over.

It is opened with keys that follow from the words and from the scripts on which the title came, and checked against what
the repository's sealed forms commit to before it is kept. It is kept as it came, encrypted.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from assets.errors import ImageError
from assets.images.content_key import RepositorySecret
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.repository_secrets.secret_forms import Forms, ReadManifest, read_forms
from assets.services.repository_secrets.secret_wrapping import MAX_WRAPPED, SecretReceiver, require_wrapped
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.ownership import own_geneses
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display
from wallet.secret_store import SecretStore
from wallet.store.handovers import HandedSecret

MAX_SECRETS = 64
"""Secrets that one document hands over."""

DOCUMENT_LIMIT = MAX_SECRETS * (MAX_WRAPPED + 2)
"""Bytes of the largest document that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A secret that this wallet could open: as it came, with the script whose key it is for."""

    secret: RepositorySecret
    script: bytes
    wrapped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Secrets that were opened and checked. `opens` are sealed forms that they open; `closed` are the others, each with
    the reason: other secrets made them, or they cannot be read."""

    state: RepositoryState
    secrets: tuple[Opened, ...]
    opens: tuple[Digest, ...]
    closed: tuple[tuple[Digest, str], ...]


def parse_handed(document: bytes) -> tuple[str, ...]:
    """The wrapped secrets of a document, one on each line. Raises EncodingError."""
    try:
        lines = document.decode("ascii").split()
    except UnicodeDecodeError:
        lines = []
    if not 1 <= len(lines) <= MAX_SECRETS:
        raise EncodingError(
            "this is no document that hands a repository's secret over",
            hint=ImageRemedy.EXPECT_HANDED_OVER.of(),
        )
    for line in lines:
        require_wrapped(line)
    return tuple(lines)


def bought_titles(session: Session, chain: ChainAccess) -> tuple[tuple[RepositoryState, tuple[bytes, ...]], ...]:
    """The repositories whose title ever lay on scripts of this wallet, with these scripts."""
    chain.catch_up()
    with chain.store.snapshot() as reader:
        geneses = own_geneses(session, reader)
    own = own_scripts(session)
    found = []
    for genesis in geneses:
        lineage = read_lineage(chain, genesis, confirmations=1)
        if lineage is not None:
            scripts = _title_scripts(lineage.state, own)
            found.extend([(lineage.state, scripts)] if scripts else [])
    return tuple(found)


def open_handed(
    lines: Sequence[str],
    titles: Iterable[tuple[RepositoryState, tuple[bytes, ...]]],
    secrets: SecretStore,
) -> tuple[RepositoryState, tuple[Opened, ...]]:
    """Every secret of a document, all of one repository.

    Raises ImageError where one is for none of the keys that came with this wallet's titles, was changed since, or
    speaks of another repository than it was wrapped for.
    """
    candidates = tuple(titles)
    opened: list[Opened] = []
    states: dict[Txid, RepositoryState] = {}
    for line in lines:
        state, one = _open(line, candidates, secrets)
        opened.append(one)
        states[state.genesis.txid] = state
    if len(states) != 1:
        raise ImageError("the document is about several repositories", hint="take in one at a time")
    return next(iter(states.values())), tuple(opened)


def check_handed(state: RepositoryState, opened: Sequence[Opened], read: ReadManifest) -> Received:
    """What the secrets open, judged by the keys that the sealed forms commit to.

    Raises ImageError where they open none of them, StateError where too little can be read to tell.
    """
    forms = read_forms(state.sealings, read)
    ids = {one.secret.id: one.secret for one in opened}
    opens: list[Digest] = []
    closed: dict[Digest, str] = dict(forms.unread)
    useful: set[bytes] = set()
    for form in forms.read:
        secret = ids.get(form.seal.secret)
        if secret is None:
            closed[form.sealing.ciphertext] = "another secret made it"
            continue
        if not form.seal.fits(secret.content_key(form.sealing.plaintext, form.seal.generation)):
            closed[form.sealing.ciphertext] = "it commits to another key than its secret makes: its sealer's mistake"
            continue
        useful.add(secret.id)
        opens.append(form.sealing.ciphertext)
    _require_useful(ids, useful, forms)
    kept = {one.secret.id: one for one in opened if one.secret.id in useful}
    return Received(
        state=state,
        secrets=tuple(kept.values()),
        opens=tuple(dict.fromkeys(opens)),
        closed=tuple((digest, why) for digest, why in closed.items() if digest not in opens),
    )


def keep(received: Received, session: Session) -> None:
    """Writes the secrets into the wallet's database, encrypted as they came."""
    assert session.handovers is not None, "the composition root gives every wallet its handovers"
    for one in received.secrets:
        session.handovers.keep_secret(
            HandedSecret(subject=received.state.genesis.txid, id=one.secret.id, script=one.script, document=one.wrapped)
        )


def _title_scripts(state: RepositoryState, own: Container[bytes]) -> tuple[bytes, ...]:
    held = {bytes(step.target.script) for step in state.history if step.target is not None}
    return tuple(sorted(script for script in held if script in own))


def _open(
    line: str, titles: Sequence[tuple[RepositoryState, tuple[bytes, ...]]], secrets: SecretStore
) -> tuple[RepositoryState, Opened]:
    for state, scripts in titles:
        for script in scripts:
            genesis = state.genesis.txid
            secret = SecretReceiver(secrets, genesis, script).unwrap(line)
            if secret is None:
                continue
            if secret.genesis != genesis:
                raise ImageError(
                    f"it hands over a secret of {display(secret.genesis)}, and is for a buyer of {display(genesis)}",
                    hint="nothing was kept; ask the seller for the secret of this repository",
                )
            return state, Opened(secret=secret, script=script, wrapped=line)
    raise ImageError(
        "no key of this wallet opens it: it is for somebody else, for another title, or was changed on the way",
        hint="nothing was kept; is the sale in the chain, and did this wallet buy? Else ask the seller again",
    )


def _require_useful(ids: Iterable[bytes], useful: Iterable[bytes], forms: Forms) -> None:
    """Raises for a document of which nothing can be checked, or nothing fits."""
    if set(ids) & set(useful):
        return
    if forms.unread:
        digest, why = forms.unread[0]
        raise StateError(
            f"the secret cannot be checked yet: {digest} cannot be read: {why}",
            hint="nothing was kept; try again when the registry answers",
        )
    raise ImageError(
        "none of the repository's sealed forms opens with this secret",
        hint="nothing was kept; ask the seller for the right one",
    )
