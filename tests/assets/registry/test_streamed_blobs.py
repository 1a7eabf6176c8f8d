"""Large blobs from registries that break off, ignore ranges, lie about them, or send too much (attack T9)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets.errors import DigestMismatchError, RegistryError, RegistryUnavailableError
from assets.images.digest import Digest
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.oci import ContentDescriptor
from assets.registry.settings import RegistrySettings
from assets.store.landing import FileLanding
from tests.assets.registry.images import LAYER_TYPE
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen

CONTENT = bytes(range(256)) * 2000
BLOB = ContentDescriptor(media_type=LAYER_TYPE, digest=Digest.of(CONTENT), size=len(CONTENT))
HASTY = RegistrySettings(connect_timeout=2, idle_timeout=0.5, exchange_timeout=1.0, back_off=0.0)


@pytest.fixture
def client() -> Iterator[RegistryClient]:
    with RegistryClient(CredentialFinder.nowhere(), HASTY, sleep=lambda _: None) as found:
        yield found


def start_of(seen: Seen) -> int:
    asked = seen.headers.get("range", "bytes=0-")
    return int(asked.removeprefix("bytes=").removesuffix("-"))


def rest(seen: Seen, *, upto: int = len(CONTENT)) -> Reply:
    """What a registry that knows ranges answers; it breaks off at `upto`."""
    start = start_of(seen)
    headers = {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"} if start else {}
    return Reply(status=206 if start else 200, headers=headers, body=CONTENT[start:upto], length=len(CONTENT) - start)


def downloaded(client: RegistryClient, path: Path, answer: Callable[[Seen], Reply]) -> list[int]:
    """Where each request of a download started."""
    with ScriptedServer(answer) as server, FileLanding(path) as landing:
        client.download(f"{server.host}/acme/app", BLOB, landing)
        return [start_of(seen) for seen in server.asked("/blobs/")]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(client: RegistryClient, tmp_path: Path) -> None:
    def breaking(seen: Seen) -> Reply:
        return rest(seen, upto=start_of(seen) + 200_000)

    starts = downloaded(client, tmp_path / "blob", breaking)
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert len(starts) >= 3
    assert (tmp_path / "blob").read_bytes() == CONTENT


def test_a_connection_that_brings_nothing_is_given_up(client: RegistryClient, tmp_path: Path) -> None:
    with pytest.raises(RegistryUnavailableError, match="broke"):
        downloaded(client, tmp_path / "blob", lambda seen: rest(seen, upto=start_of(seen)))


def test_a_registry_that_ignores_ranges_is_read_from_the_start(client: RegistryClient, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(CONTENT[:1000])
    assert downloaded(client, tmp_path / "blob", lambda _: Reply(body=CONTENT)) == [1000]
    assert (tmp_path / "blob").read_bytes() == CONTENT


def test_another_range_than_was_asked_for_is_refused(client: RegistryClient, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(CONTENT[:1000])
    headers = {"Content-Range": f"bytes 500-{len(CONTENT) - 1}/{len(CONTENT)}"}
    with pytest.raises(RegistryError, match="another part"):
        downloaded(client, tmp_path / "blob", lambda _: Reply(status=206, headers=headers, body=CONTENT[500:]))


def test_other_bytes_are_refused_and_nothing_of_them_is_kept(client: RegistryClient, tmp_path: Path) -> None:
    with pytest.raises(DigestMismatchError):
        downloaded(client, tmp_path / "blob", lambda _: Reply(body=bytes(len(CONTENT))))
    assert (tmp_path / "blob").read_bytes() == b""


def test_an_endless_blob_is_cut_off(client: RegistryClient, tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(100_000)

    with pytest.raises(RegistryError, match="more than the"):
        downloaded(client, tmp_path / "blob", lambda _: Reply(length=None, stream=endless()))
    assert (tmp_path / "blob").stat().st_size <= len(CONTENT)


def test_a_range_is_asked_of_the_host_that_a_redirect_names(client: RegistryClient, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(CONTENT[:1000])
    with ScriptedServer(rest) as storage:
        place = f"http://{storage.host}/storage/blobs/x"
        downloaded(client, tmp_path / "blob", lambda _: Reply(status=307, headers={"Location": place}))
        (asked,) = storage.asked("/storage/")
    assert asked.headers["range"] == "bytes=1000-"
    assert (tmp_path / "blob").read_bytes() == CONTENT


@pytest.mark.parametrize("status", [401, 403, 404, 416, 500])
def test_a_refusal_leaves_what_was_there(client: RegistryClient, tmp_path: Path, status: int) -> None:
    (tmp_path / "blob").write_bytes(CONTENT[:1000])
    with pytest.raises(RegistryError):
        downloaded(client, tmp_path / "blob", lambda _: Reply(status=status, body=b"{}"))
    assert (tmp_path / "blob").read_bytes() == CONTENT[:1000]


def test_a_file_that_is_refused_on_the_way_up_is_an_error(client: RegistryClient, tmp_path: Path) -> None:
    """A registry whose disk is full."""
    (tmp_path / "blob").write_bytes(CONTENT)

    def full(seen: Seen) -> Reply:
        if seen.method == "HEAD":
            return Reply(status=404)
        if seen.method == "POST":
            return Reply(status=202, headers={"Location": "/v2/acme/app/blobs/uploads/1"})
        return Reply(status=507, body=b'{"errors":[{"code":"UNKNOWN","message":"no space left on device"}]}')

    with ScriptedServer(full) as server, pytest.raises(RegistryUnavailableError, match="no space left on device"):
        client.upload(f"{server.host}/acme/app", BLOB, tmp_path / "blob")
    assert server.asked("/uploads/1")[0].body == CONTENT
