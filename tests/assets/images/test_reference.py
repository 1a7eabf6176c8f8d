import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.digest import Digest
from assets.images.name import canonical_name, is_canonical_name, name_hash, split_name
from assets.images.reference import ImageReference
from wallet.errors import EncodingError

DIGEST = "sha256:" + "ab" * 32

CANONICAL = [
    ("nginx", "docker.io/library/nginx"),
    ("library/nginx", "docker.io/library/nginx"),
    ("acme/app", "docker.io/acme/app"),
    ("docker.io/nginx", "docker.io/library/nginx"),
    ("DOCKER.IO/nginx", "docker.io/library/nginx"),
    ("docker.io:443/nginx", "docker.io/library/nginx"),
    ("index.docker.io/nginx", "docker.io/library/nginx"),
    ("Registry-1.Docker.io/a/b", "docker.io/a/b"),
    ("registry.example/acme/app", "registry.example/acme/app"),
    ("Registry.EXAMPLE/acme/app", "registry.example/acme/app"),
    ("registry.example:443/acme/app", "registry.example/acme/app"),
    ("registry.example:5000/app", "registry.example:5000/app"),
    ("registry:5000/app", "registry:5000/app"),
    ("localhost/app", "localhost/app"),
    ("LocalHost/app", "localhost/app"),
    ("localhost:443/app", "localhost/app"),
    ("localhost:5000/app", "localhost:5000/app"),
    ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b"),
    ("[::1]/app", "[::1]/app"),
    ("[::1]:443/app", "[::1]/app"),
    ("[0:0:0:0:0:0:0:1]:5000/app", "[::1]:5000/app"),
    ("[2001:DB8::A]/app", "[2001:db8::a]/app"),
    ("xn--bcher-kva.example/app", "xn--bcher-kva.example/app"),
    ("registry.example", "docker.io/library/registry.example"),
    ("r.e/a--b/c__d/e.f/g_h", "r.e/a--b/c__d/e.f/g_h"),
    ("docker.io:5000/nginx", "docker.io:5000/nginx"),
    ("r.e/" + "a" * 251, "r.e/" + "a" * 251),
]

REFUSED = [
    ("", "empty"),
    ("/app", "path"),
    ("registry.example/", "path"),
    ("registry.example//app", "path"),
    ("registry.example/app/", "path"),
    ("registry.example/Acme/app", "upper-case"),
    ("Nginx", "upper-case"),
    ("registry.example./app", "ends in a dot"),
    ("localhost./app", "ends in a dot"),
    ("registry..example/app", "host name"),
    ("-a.example/app", "host name"),
    ("a-.example/app", "host name"),
    ("re_gistry.example/app", "host name"),
    (("a" * 64) + ".example/app", "host name"),
    ("registry.example:/app", "port"),
    ("registry.example:0/app", "port"),
    ("registry.example:0443/app", "port"),
    ("registry.example:65536/app", "port"),
    ("registry.example:44a/app", "port"),
    ("registry.example:5000:1/app", "port"),
    ("registry:443/app", "path at docker.io"),
    (":5000/app", "host name"),
    ("[::1/app", "IPv6"),
    ("[::1]5000/app", "port"),
    ("[1:2]/app", "IPv6"),
    ("[::ffff:1.2.3.4]/app", "IPv6"),
    ("[::ffff:102:304]/app", "IPv6"),
    ("[fe80::1%eth0]/app", "IPv6"),
    ("https://registry.example/app", "scheme"),
    ("registry.example/app ", "ASCII"),
    ("registry.example/a\u200bpp", "ASCII"),
    ("registry.example/\u202eppa", "ASCII"),
    ("registry.example/caf\u00e9", "ASCII"),
    ("registry.example/cafe\u0301", "ASCII"),
    ("r\u0435gistry.example/app", "ASCII"),
    ("\uff52egistry.example/app", "ASCII"),
    ("registry.example/a\npp", "ASCII"),
    ("registry.example/a\x00", "ASCII"),
    ("registry.example/a___b", "path"),
    ("registry.example/a..b", "path"),
    ("registry.example/.a", "path"),
    ("registry.example/a-", "path"),
    ("registry.example/../a", "path"),
    ("r.e/" + "a" * 252, "255"),
    ("a" * 5000, "255"),
    ("ab" * 32, "image id"),
]


@pytest.mark.parametrize(("text", "name"), CANONICAL)
def test_a_name_has_one_canonical_form(text: str, name: str) -> None:
    assert canonical_name(text) == name
    assert canonical_name(name) == name
    assert is_canonical_name(name)
    assert is_canonical_name(text) == (text == name)


@pytest.mark.parametrize(("text", "fault"), REFUSED)
def test_a_name_out_of_grammar_is_refused_with_its_fault_and_advice(text: str, fault: str) -> None:
    with pytest.raises(EncodingError, match=fault) as caught:
        canonical_name(text)
    assert caught.value.hint
    assert str(caught.value).isascii()
    assert not is_canonical_name(text)


NAME_LIKE = st.text(alphabet="abzAZ019.:/_-[]@xn \u202e\u0430", max_size=40) | st.text(max_size=40)


@given(NAME_LIKE)
def test_whatever_is_read_reads_the_same_again(text: str) -> None:
    try:
        reference = ImageReference.parse(text)
    except EncodingError:
        return
    assert ImageReference.parse(str(reference)) == reference
    assert is_canonical_name(reference.name)
    assert reference.name == f"{reference.host}/{reference.path}"


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", None, None),
        ("nginx:1.25", "docker.io/library/nginx", "1.25", None),
        ("localhost:5000", "docker.io/library/localhost", "5000", None),
        ("localhost:5000/app", "localhost:5000/app", None, None),
        ("localhost:5000/app:v1", "localhost:5000/app", "v1", None),
        (f"[::1]:5000/app:v1@{DIGEST}", "[::1]:5000/app", "v1", DIGEST),
        (f"registry.example/acme/app@{DIGEST}", "registry.example/acme/app", None, DIGEST),
        (f"registry.example/acme/app:1.0@{DIGEST}", "registry.example/acme/app", "1.0", DIGEST),
    ],
)
def test_a_reference_splits_into_name_tag_and_digest(text: str, name: str, tag: str | None, digest: str | None) -> None:
    reference = ImageReference.parse(text)
    assert (reference.name, reference.tag) == (name, tag)
    assert reference.digest == (Digest.parse(digest) if digest else None)


@pytest.mark.parametrize(
    "text",
    [
        "nginx:",
        "nginx:-a",
        "nginx:a:b",
        "nginx@",
        "nginx@latest",
        f"nginx@{DIGEST}@{DIGEST}",
        f"nginx@{DIGEST}:tag",
        f"@{DIGEST}",
        ":tag",
        "nginx:" + "a" * 129,
        "nginx:t\u00e4g",
        "nginx@sha512:" + "0" * 128,
    ],
)
def test_a_malformed_reference_is_refused(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        ImageReference.parse(text)
    assert caught.value.hint


def test_a_name_hash_is_the_first_twenty_bytes_of_its_sha256() -> None:
    assert name_hash("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
    assert split_name("a.b:5000/c/d") == ("a.b:5000", "c/d")


def test_a_reference_takes_the_digest_that_was_resolved() -> None:
    reference = ImageReference.parse("registry.example/app:1").at(Digest.parse(DIGEST))
    assert str(reference) == f"registry.example/app:1@{DIGEST}"
