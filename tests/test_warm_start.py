"""Commands from a warm process are what they would be from a new one, and know nothing of each other."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from regtest.party import Call, Completed, Party, start_process
from tests.cheap_keystores import PROGRAM
from tests.warm_start import WarmStart

SAYS = """
import json, os, resource, signal, sys
descriptors = {}
for number in sys.argv[2:]:
    with os.fdopen(int(number)) as opened:
        descriptors[number] = opened.read()
print(json.dumps({
    "words": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(), "input": sys.stdin.read(),
    "descriptors": descriptors, "open": sorted(int(one) for one in os.listdir("/proc/self/fd"))[:-1],
    "terminals": [one.isatty() for one in (sys.stdin, sys.stdout, sys.stderr)],
    "limit": resource.getrlimit(resource.RLIMIT_FSIZE), "path": sys.path, "main": __name__, "file": __file__,
    "seekable": [one.seekable() for one in (sys.stdout, sys.stderr)],
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM)],
    "streams": [(one.encoding, one.errors, one.line_buffering) for one in (sys.stdin, sys.stdout, sys.stderr)],
}))
print("caf\\u00e9", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""

DIES = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
RAISES = "raise ValueError('so it is')"
STAYS = "import time; print('begun', flush=True); time.sleep(600)"
LEAVES = """
import builtins, os, sys
print(hasattr(builtins, "left"), "LEFT" in os.environ, os.getpid())
builtins.left = True
os.environ["LEFT"] = "1"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="module")
def script(folder: Path) -> Path:
    """Another one in each test; what stands in it is read anew by each command."""
    return folder / "script.py"


@pytest.fixture(scope="module")
def warm(script: Path) -> Iterator[WarmStart]:
    with closing(WarmStart((sys.executable, "-P", str(script)))) as made:
        yield made


def call(warm: WarmStart, *words: str, text: str | None = None, descriptors: tuple[int, ...] = ()) -> Call:
    return Call(
        command=(*warm.program, *words),
        folder=Path(warm.program[-1]).parent,
        environment={**os.environ, "MINE": "yes"},
        input=text,
        descriptors=descriptors,
        timeout=60,
    )


def told(done: Completed | None) -> tuple[dict[str, object], str, int]:
    assert done is not None
    return json.loads(done.stdout), done.stderr, done.code


@pytest.mark.parametrize("text", [None, "", "one\ntwo caf\u00e9\n", "x" * 300_000])
def test_a_command_sees_what_a_new_process_sees(warm: WarmStart, script: Path, text: str | None) -> None:
    script.write_text(SAYS)
    cold, seen = (told(start(call(warm, "7", text=text))) for start in (start_process, warm))
    assert seen == cold
    assert seen[0]["input"] == (text or "")
    assert seen[2] == 7


def test_descriptors_come_under_their_numbers(warm: WarmStart, script: Path) -> None:
    script.write_text(SAYS)
    for start in (start_process, warm):
        pipes = [os.pipe() for _ in range(3)]
        for number, (_, write) in enumerate(pipes):
            os.write(write, f"secret {number}".encode())
            os.close(write)
        numbers = tuple(read for read, _ in reversed(pipes))
        seen, _, _ = told(start(call(warm, "0", *map(str, numbers), descriptors=numbers)))
        for read in numbers:
            os.close(read)
        assert seen["descriptors"] == {str(read): f"secret {at}" for at, (read, _) in enumerate(pipes)}


@pytest.mark.parametrize(("text", "code"), [(DIES, -15), (RAISES, 1), ("", 0), ("import sys; sys.exit('no')", 1)])
def test_it_ends_as_a_new_process_does(warm: WarmStart, script: Path, text: str, code: int) -> None:
    script.write_text(text)
    done = warm(call(warm))
    cold = start_process(call(warm))
    assert done is not None
    assert cold is not None
    assert (done.stdout, done.code) == (cold.stdout, cold.code) == ("", code)
    assert done.stderr.splitlines()[-1:] == cold.stderr.splitlines()[-1:]


def test_nothing_of_one_is_known_to_the_next(warm: WarmStart, script: Path) -> None:
    script.write_text(LEAVES)
    said = [done.stdout.split() for done in (warm(call(warm)) for _ in range(3)) if done is not None]
    assert [words[:2] for words in said] == [["False", "False"]] * 3
    assert len({words[2] for words in said} | {str(os.getpid())}) == 4


def test_one_that_takes_too_long_is_killed_while_others_go_on(warm: WarmStart, script: Path, tmp_path: Path) -> None:
    script.write_text(f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); {STAYS}")
    answers: list[Completed | None] = []
    slow = threading.Thread(target=lambda: answers.append(warm(replace(call(warm), timeout=5))))
    slow.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    pid = int((tmp_path / "pid").read_text())
    script.write_text("print('quick')")
    assert warm(call(warm)) == Completed(stdout="quick\n", stderr="", code=0)
    slow.join()
    assert answers == [None]
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)


def test_what_a_python_reads_at_its_start_and_other_programs_start_anew(warm: WarmStart, script: Path) -> None:
    script.write_text("import sys; print(sys.flags.optimize, 'wallet.psbt' in sys.modules)")
    warmed = warm(call(warm))
    asked = replace(call(warm), environment={**os.environ, "PYTHONOPTIMIZE": "1"})
    optimized = warm(asked)
    other = warm(replace(call(warm), command=(sys.executable, "-c", "import sys; print('wallet.psbt' in sys.modules)")))
    assert [one.stdout.split() for one in (warmed, optimized, other) if one is not None] == [
        ["0", "True"],
        ["1", "False"],
        ["False"],
    ]


def test_it_ends_with_whoever_started_it(folder: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from regtest.party import Call\n"
        "from tests.warm_start import WarmStart\n"
        "warm = WarmStart((sys.executable, '-P', sys.argv[1]))\n"
        "warm._running()\n"
        "print(warm._server.pid, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    while Path(f"/proc/{done.stdout.strip()}").exists():
        time.sleep(0.05)


def test_the_program_answers_alike(tmp_path: Path) -> None:
    with closing(WarmStart(PROGRAM)) as start:
        cold = Party(name="cold", home=tmp_path, settings={}, program=PROGRAM)
        warm = replace(cold, start=start)
        for words in (["--version"], ["--help"], ["wallet", "send", "--help"], ["wallet", "send"], ["wallet", "list"]):
            assert warm.run(*words, expect=None) == cold.run(*words, expect=None)
