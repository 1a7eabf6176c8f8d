"""The repository secrets of a wallet, put together: those of its words, and those that it keeps from sellers."""

from assets.images.content_key import RepositorySecret
from assets.images.secret_ring import SecretRing
from wallet.errors import EncodingError
from wallet.secret_store import SecretStore
from wallet.store.handovers import HandedSecret, HandoverStore


def secret_ring(secrets: SecretStore, kept: HandoverStore) -> SecretRing:
    """Everything that opens sealed images. What is kept and cannot be opened is left out: it opens nothing."""
    opened = (_opened(one, secrets) for one in kept.secrets())
    return SecretRing(secrets, tuple(one for one in opened if one is not None))


def _opened(kept: HandedSecret, secrets: SecretStore) -> RepositorySecret | None:
    from assets.services.repository_secrets.secret_wrapping import SecretReceiver

    try:
        return SecretReceiver(secrets, kept.subject, kept.script).unwrap(kept.document)
    except EncodingError:
        return None
