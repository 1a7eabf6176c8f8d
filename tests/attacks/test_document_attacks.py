"""Documents that are small to write and dear to read: a lock file once cost a minute of processor time.

Every reader of outside documents is fed what is known to hurt such readers. Each must end with the program's own error,
or a value, in little time and memory.
"""

import ast
import resource
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.images.canonical import FILE_LIMIT, decode
from assets.images.lock import parse_lock
from assets.registry.oci import parse_manifest
from tui.settings import load
from wallet.bip329 import read_labels
from wallet.documents import KEY_PARTS, TOML_LIMIT, read_json, read_toml
from wallet.errors import EncodingError, WalletError

SIZE = 64 * 1024
SECONDS = 0.2
MEMORY = 100 * 1024 * 1024

LOCK_HEAD = (
    'version = 1\n\n[[repository]]\nname = "registry.example/acme/app"\n'
    'network = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"\n'
)

TOML = {
    "a key of many parts": LOCK_HEAD + "a" + ".a" * (SIZE // 2),
    "a heading of many parts": "[" + "a." * (SIZE // 2) + "a]",
    "many parts with blanks": "a" + " \t.\t a" * (SIZE // 6) + " = 1",
    "many parts in quotes": '"a"' + '."a"' * (SIZE // 4) + " = 1",
    "many parts inside a table": "x = {" + "a." * (SIZE // 2) + "a = 1}",
    "many keys": "".join(f"key{number} = 1\n" for number in range(5_000)),
    "many headings": "".join(f"[a.b.c.d{number}]\n" for number in range(5_000)),
    "many lists of tables": "[[a.b.c.d]]\n" * 5_000,
    "nested lists": "a = " + "[" * SIZE,
    "nested tables": "a = " + "{a = " * (SIZE // 5),
    "a text that never ends": 'a = "' + '\\"' * (SIZE // 2),
    "a long text that never ends": 'a = """' + '\\"' * (SIZE // 2),
    "an integer": "a = " + "9" * SIZE,
    "an integer in hex": "index_start = 0x" + "f" * SIZE,
    "a rate in hex": "fee_rate = 0x" + "f" * SIZE,
    "a number beyond all": "fee_rate = 1e999",
    "no number": "fee_rate = nan",
    "a number of many places": "fee_rate = 0." + "1" * SIZE,
    "blanks": " " * SIZE + "a",
    "dots": "." * SIZE,
    "quotes": '"' * SIZE,
}

JSON = {
    "nested lists": "[" * SIZE,
    "nested objects": '{"a":' * (SIZE // 5),
    "many small lists": "[" + "[]," * (SIZE // 3) + "[]]",
    "an integer": "9" * SIZE,
    "a number beyond all": "1e999",
    "no number": "NaN",
    "a number of many places": "0." + "1" * SIZE,
    "half a pair": '{"a":"\\ud800"}',
    "half a pair as a key": '{"\\udfff":1}',
    "the last key twice": "{" + ",".join(f'"{number}":1' for number in range(6_000)) + ',"5999":1}',
    "a text that never ends": '"' + '\\"' * (SIZE // 2),
}


def spent(read: Callable[[], object]) -> tuple[float, bool]:
    """Seconds of the processor, and whether it was refused. Any other error than the program's own goes up."""
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        read()
    except WalletError:
        refused = True
    else:
        refused = False
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - start, refused


@pytest.mark.parametrize("name", TOML)
@pytest.mark.parametrize("what", ["lock file", "settings"])
def test_a11_a_small_toml_file_costs_little(what: str, name: str) -> None:
    text = TOML[name]
    read: Callable[[], object]
    if what == "lock file":
        read = lambda: parse_lock(text.encode())  # noqa: E731
    else:
        read = lambda: load({}, {}, Path("settings.toml"), text=text)  # noqa: E731
    seconds, refused = spent(read)
    assert refused
    assert seconds < SECONDS


@pytest.mark.parametrize("name", JSON)
def test_a11_a_small_json_document_costs_little(name: str) -> None:
    data = JSON[name].encode()
    for read in (
        lambda: decode(data, limit=FILE_LIMIT, what="it"),
        lambda: read_json(data, what="it"),
        lambda: parse_manifest(data, "application/vnd.oci.image.manifest.v1+json"),
        lambda: read_labels(data),
    ):
        seconds, _ = spent(read)
        assert seconds < SECONDS


def test_a11_a_key_has_at_most_four_parts_and_the_file_one_mebibyte() -> None:
    assert KEY_PARTS == 4
    assert read_toml("a.b.c.d = 1", what="it") == {"a": {"b": {"c": {"d": 1}}}}
    for text in ("a.b.c.d.e = 1", "[a.b.c.d.e]", "[[a.b.c.d.e]]", "x = {a.b.c.d.e = 1}", "'a' . b.\"c\".d. e = 1"):
        with pytest.raises(EncodingError, match="more than 4 parts"):
            read_toml(text, what="it")
    with pytest.raises(EncodingError, match="more than 1048576"):
        parse_lock(b"#" * (TOML_LIMIT + 1))


@pytest.mark.parametrize(
    "text",
    [
        'a = "b.c.d.e.f.g"',
        "a = 'b.c.d.e.f.g'",
        'a = """\nb.c.d.e.f.g""" # "',
        "a = '''b.c.d.e.f.g'''",
        '"a.b.c.d.e.f" = 1',
        "a = 1 # b.c.d.e.f.g",
        'a = ["b.c.d.e.f", 1.5, 1979-05-27T07:32:00.999]\nb = """"quoted""""',
        'a = "\\"b.c.d.e.f\\\\"',
    ],
)
def test_a11_dots_that_join_no_key_are_no_parts(text: str) -> None:
    import tomllib

    assert read_toml(text, what="it") == tomllib.loads(text)


def test_a11_no_small_document_takes_much_memory() -> None:
    for text in JSON.values():
        tracemalloc.start()
        try:
            spent(lambda: read_json(text, what="it"))  # noqa: B023 - called at once
            assert tracemalloc.get_traced_memory()[1] < MEMORY
        finally:
            tracemalloc.stop()


def test_a11_json_and_toml_are_read_in_one_place_only() -> None:
    """A reader of its own would have bounds of its own, or none."""
    root = Path(__file__).parents[2]
    readers = {("json", "loads"), ("json", "load"), ("tomllib", "loads"), ("tomllib", "load"), ("json", "decode")}
    found = set()
    for package in ("wallet", "assets", "tui"):
        for file in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    holder = node.func.value
                    name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
                    if (name, node.func.attr) in readers:
                        found.add(str(file.relative_to(root)))
    assert found == {"wallet/documents.py"}


def test_a11_the_cost_is_measured_by_a_clock_that_moves() -> None:
    """The bound above means something: work is seen by it."""
    start = time.process_time()
    seconds, _ = spent(lambda: [hash(str(number)) for number in range(500_000)])
    assert 0 < seconds <= time.process_time() - start + 0.1
