"""`python -m tests.campaign.guided FOLDER SEED RUNS`: readers fed by libFuzzer, which sees what each input reaches.

The first byte of an input chooses the reader. What fails, or takes long under observation, is written to
FOLDER/suspects and judged by the caller, in a process that nothing slows down.
"""

import logging
import resource
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wallet", "assets", "tui"]):
    from tests.campaign import parse_targets

from tests.campaign.mutations import LARGEST
from tests.campaign.parsers import GUIDED_SECONDS
from wallet.errors import WalletError

EACH = 12
"""Readers that one process feeds, so that each is fed often enough for coverage to lead anywhere."""

MOST = 50
"""Suspects that are kept."""

SUSPECT_SECONDS = 0.5


def main(folder: Path, seed: int, runs: int) -> None:
    """Never returns: libFuzzer ends the process."""
    logging.getLogger().addHandler(logging.NullHandler())
    everybody = parse_targets.targets()
    start = seed // 100_000 * EACH % len(everybody)
    chosen = (everybody * 2)[start : start + EACH]
    suspects, corpus = folder / "suspects", folder / "corpus"
    suspects.mkdir()
    corpus.mkdir()
    for number, target in enumerate(chosen):
        for at, sample in enumerate(target.samples):
            (corpus / f"{number}-{at}").write_bytes(bytes((number,)) + sample)
    kept = set[str]()

    def feed(data: bytes) -> None:
        if not data:
            return
        target, rest = chosen[data[0] % len(chosen)], data[1:]
        began = time.process_time()
        why = ""
        try:
            target.feed(rest)
        except WalletError:
            pass
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            line = trace.tb_lineno if trace is not None else 0
            why = f"{type(error).__name__} {line}"
        if not why and time.process_time() - began > SUSPECT_SECONDS:
            why = "slow"
        if why and f"{target.name} {why}" not in kept and len(kept) < MOST:
            kept.add(f"{target.name} {why}")
            (suspects / str(len(kept))).write_bytes(target.name.encode() + b"\n" + rest)

    resource.setrlimit(resource.RLIMIT_CPU, (GUIDED_SECONDS, GUIDED_SECONDS))
    artifacts = f"-artifact_prefix={folder}/"
    limits = [
        artifacts,
        f"-runs={runs}",
        f"-seed={seed % 2**31 + 1}",
        f"-max_len={LARGEST}",
        "-timeout=60",
        "-rss_limit_mb=1500",
    ]
    atheris.Setup(["guided", *limits, "-print_final_stats=1", "-verbosity=1", str(corpus)], feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
