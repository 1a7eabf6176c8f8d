"""Runs commands one after the other, each in a process of its own that is forked from this one, with a fault armed.

It is started with the library of `fault_points.c` preloaded, and reads a job a line from standard input. Forking costs
less than starting Python a thousand times. A job that is killed is told by its signal. `--whole` imports the whole
program before, for jobs that need most of it.
"""

import atexit
import ctypes
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import assets
import wallet

_LIBRARY = ctypes.CDLL(None)


def main() -> None:
    """Does jobs until there are no more."""
    import tests.campaign.fault_jobs as jobs

    if sys.argv[1:] == ["--whole"]:
        jobs.import_all(assets, wallet)
    gc.freeze()  # what was imported is nobody's garbage, and need not be copied to be looked at
    for line in sys.stdin.buffer:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)
            sys.exit(jobs.run(job["job"]))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


def _become(job: dict[str, Any]) -> None:
    """The job's own streams, environment and fault. What is counted is told in a file, outside of the folder."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        opened = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.umask(0o077)

    def told() -> None:
        Path(job["points"]).write_text(str(_LIBRARY.fault_points()), encoding="ascii")

    atexit.register(told)
    _LIBRARY.fault_arm(ctypes.c_long(job["at"]), ctypes.c_int(job["kind"]), job["under"].encode())


if __name__ == "__main__":
    main()
