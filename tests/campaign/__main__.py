"""`python -m tests.campaign [--seed N] [--share X] [part ...]`: every part, or those that are named.

Two processes do the work. A whole campaign (share 1) takes at most 45 minutes on two cores, each part at most its own;
a share of it does as much less, in the same proportions. Exit code 1 where two opinions differ anywhere.
"""

import argparse
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from tests.campaign.parts import PARTS, Part, Report, part

PROCESSES = 2
MINUTES = 45
SEED = 20261121
SHOWN = 10
"""So many failures of a part are printed, and no more are looked for."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed is another campaign (default {SEED})")
    parser.add_argument("--share", type=float, default=1.0, help="how much of a whole campaign (default 1)")
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help=f"of {', '.join(PARTS)} (default: all)")
    chosen = parser.parse_args(arguments)
    parts = [part(name) for name in chosen.part or PARTS]
    assert sum(part(name).minutes for name in PARTS) <= MINUTES, "the parts take longer than a campaign may"
    print(f"campaign: seed {chosen.seed}, share {chosen.share:g}", flush=True)
    failed = [one.name for one in parts if not run(one, chosen.seed, chosen.share)]
    print(f"campaign: {'failed in ' + ', '.join(failed) if failed else 'no difference'} (seed {chosen.seed})")
    return 1 if failed else 0


def run(one: Part, seed: int, share: float) -> bool:
    """Do a share of a part, and print what it came to; False where it failed."""
    wanted = round(one.cases * share)
    began = time.monotonic()
    report = gathered(one, seed * one.cases, wanted, began + one.minutes * 60 * share)
    seconds = time.monotonic() - began
    short = (
        ""
        if report.cases >= wanted or report.failures
        else f" of {wanted:,} (its {one.minutes * share:g} minutes were over)"
    )
    print(f"{one.name}: {report.cases:,}{short} {one.says}, {seconds:.0f} s", flush=True)
    for name, count in sorted(report.figures.items()):
        print(f"  {count:>11,} {name}")
    for failure in report.failures[:SHOWN]:
        print(f"  FAILED {failure}", file=sys.stderr)
    if len(report.failures) > SHOWN:
        print(f"  and {len(report.failures) - SHOWN} more", file=sys.stderr)
    return not report.failures


def gathered(one: Part, first: int, wanted: int, until: float) -> Report:
    """The reports of all pieces, as far as the time goes (one at least); after some failures no more are begun."""
    report, running, begun = Report(), set[Future[Report]](), 0

    def goes_on() -> bool:
        in_time = begun == 0 or time.monotonic() < until
        return begun < wanted and in_time and len(report.failures) < SHOWN

    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        while running or goes_on():
            while len(running) <= PROCESSES and goes_on():
                count = min(one.piece, wanted - begun)
                running.add(pool.submit(one.work, first + begun, count))
                begun += count
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                report.add(future.result())
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
