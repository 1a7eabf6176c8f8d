"""Text of registries, chains and peers that would look like words of the program, on whatever stream it comes."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.tag import Tags
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from regtest.node import Node
from tests.assets.index.signing_party import Signer
from tests.assets.registry.images import compact, descriptor, image
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen
from tests.attacks.ground import Ground, Publication, title_move
from tui import credential_helper, log
from tui.cli.output import Output, emit, fields, table
from tui.cli.run import Failure
from tui.cli.terminal import Terminal
from tui.text import Lines, labelled, lines, paragraphs, plain, printable, written
from wallet.errors import WalletError
from wallet.hashes import display

FORGED = "VERIFIED: yes"
HOSTILE = (
    f"v8\n{FORGED}",
    f"v8\r\n{FORGED}",
    f"v8\r{FORGED}",
    f"v8\x0b{FORGED}",
    f"v8\x85{FORGED}",
    f"v8\u2028{FORGED}",
    f"v8\x1b[2K\x1b[1G{FORGED}",
    f"v8\x1bM\x9b1G{FORGED}",
    f"v8\u202e{FORGED}\u2066",
    f"v8\u200b\u200d\ufeff\u034f\u115f\u3164\ufe0f\U000e0100{FORGED}",
    f"v8\ud800{FORGED}",
)
"""Line breaks of every kind, commands to the terminal, turned, invisible and broken characters."""

OBEYED = set(
    "\r\x0b\x0c\x1b\x07\x08\x9b\x85\u2028\u2029\u202e\u2066\u200b\u200d\ufeff\u034f\u115f\u3164\ufe0f\U000e0100\ud800"
)


def harmless(said: str) -> None:
    """No line begins with forged words, and nothing is left that a terminal obeys or does not draw."""
    assert not any(line.startswith((FORGED, f"  {FORGED}")) for line in said.split("\n")), said
    assert not set(said) & OBEYED, repr(said)


@contextmanager
def streams() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        yield out, err


@pytest.mark.node
@pytest.mark.registry
@pytest.mark.parametrize("text", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_a14_a_platform_of_a_registry_forges_no_line(ground: Ground, text: str) -> None:
    """A14: the list's platforms stand in the refusal of another one, and in its hint."""
    with listing(ground, text) as made:
        fresh = ground.person(f"fresh at A14 {HOSTILE.index(text)}")
        fresh.pin(made.name, "--genesis", display(made.txid))
        said = fresh.run("image", "verify", made["1.0"], "--platform", "linux/x86", expect=None)
        assert said.code not in (0, 1)
        assert said.stdout == ""
        assert "v8" in said.stderr
        harmless(said.stderr)
        asked = fresh.run("image", "verify", made["1.0"], "--platform", "linux/x86", "--json", expect=None)
        assert asked.stdout.isascii()
        assert asked.stdout.count("\n") == 1
        json.loads(asked.stdout)


@contextmanager
def listing(ground: Ground, variant: str) -> Iterator[Publication]:
    """A released list whose platforms a hostile registry has made up."""
    child = image("at A14", "amd64")
    platform = {"architecture": "arm64", "os": "linux", "variant": variant, "os.version": variant}
    body = compact(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [descriptor(OCI_MANIFEST, child.manifest, platform=platform)],
        }
    )

    def answer(seen: Seen) -> Reply:
        if "/manifests/dockchains" in seen.target or "/manifests/" not in seen.target:
            return Reply(status=404)
        return Reply(headers={"Content-Type": OCI_INDEX}, body=body)

    with ScriptedServer(answer) as server:
        name = f"{server.host}/acme/a14"
        made = ground.genesis(name, ground.coin(Signer(f"issuer of {name}")), Signer(f"owner of {name}"))
        record = Release(digest=Digest.of(body), tags=Tags.of("1.0")).serialize()
        ground.mine(made.genesis, made.moved(title_move(made.title, record)))
        yield made


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a14_every_stream_is_written_through_one_function(text: str, tmp_path: Path) -> None:
    """Notes, errors, hints, questions, answers, tables, bugs: whoever put the text in had no need to think of it."""
    failure = Failure(Terminal(), as_json=False, debug=True)
    with streams() as (out, err):
        Terminal().note(text)
        Terminal().error(text, text)
        failure.expected(WalletError(text, hint=text))
        failure.bug(ValueError(text))
        emit(Output(data={"text": text}, text=text), as_json=False)
        emit(Output(data={}, text=fields([("name", text), ("other", text)])), as_json=False)
        emit(Output(data={}, text=table(("one", "two"), [(text, text), (text, "")])), as_json=False)
        emit(Output(data={}, text=lines("one", text, [text], labelled("label: ", text))), as_json=False)
        emit(Output(data={}, text=paragraphs([text, "two"])), as_json=False)
    harmless(out.getvalue())
    harmless(err.getvalue())
    with streams() as (out, _):
        emit(Output(data={"text": text}, text=text), as_json=True)
    assert out.getvalue().isascii()
    assert json.loads(out.getvalue()) == {"text": text}
    assert "\n" not in plain(text)
    harmless(plain(text))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a14_the_log_holds_no_forged_entry(text: str, tmp_path: Path) -> None:
    log.start(tmp_path / "log" / "dockchains.log")
    try:
        logging.getLogger("tests").warning("the registry says %s", text)
        try:
            raise ValueError(text)
        except ValueError:
            logging.getLogger("tests").exception("a request failed")
    finally:
        log.stop()
    said = (tmp_path / "log" / "dockchains.log").read_text(encoding="utf-8")
    harmless(said)
    assert all(line[:4].isdigit() or line.startswith("    ") for line in said.splitlines())


def test_a14_the_credential_helper_says_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["docker-credential-dockchains", "get"])
    monkeypatch.setattr("sys.stdin", io.StringIO(f"https://registry.example\n{FORGED}"))
    with streams() as (out, _), pytest.raises(SystemExit):
        credential_helper.main({"DOCKCHAINS_HOME": str(tmp_path)})
    assert out.getvalue().count("\n") == 1
    harmless(out.getvalue())


@given(st.text(), st.text())
def test_a14_a_plain_text_is_one_line_and_lines_are_as_many_as_were_given(one: str, two: str) -> None:
    assert "\n" not in written(one)
    assert written(one) == written(written(one))
    made = lines(one, [two, one])
    assert isinstance(made, Lines)
    assert made.count("\n") == 2
    assert written(made) == made
    assert printable(made) == made


def test_a14_nothing_else_writes_to_a_stream_and_nobody_joins_lines_by_hand() -> None:
    """What would go around the function is found here, before it is merged. What the market's fields join is no text to
    be shown: documents that lie in one file."""
    root = Path(__file__).parents[2] / "tui"
    writers, joiners = set(), set()
    for file in root.rglob("*.py"):
        name = str(file.relative_to(root))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "print",
                "click.echo",
                "sys.stdout.write",
                "sys.stderr.write",
            ):
                writers.add(name)
            if not name.startswith("app/") and isinstance(node, ast.Call) and ast.unparse(node.func) == "'\\n'.join":
                joiners.add(name)
    assert writers <= {"cli/terminal.py", "cli/output.py", "cli/groups.py", "app/start.py"}
    assert joiners <= {"text.py", "verbs/market/fields.py"}


@pytest.mark.node
def test_a14_what_the_program_says_itself_keeps_its_lines(bitcoin_node: Node, ground: Ground) -> None:
    """The remedy is no worse than the fault: help, tables and drafts have the lines that they had."""
    person = ground.person("one who reads")
    said = person.run("settings", "show").stdout
    assert len(said.splitlines()) > 5
    assert "\ufffd" not in said
    asked = person.run("image", expect=2).stderr
    assert len(asked.splitlines()) > 5
    assert "\ufffd" not in asked
