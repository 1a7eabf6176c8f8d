"""`python -m tests.campaign [--seed N] [--share X] [part ...]`: every part, or those that are named.

Two processes do the work. A whole campaign (share 1) takes at most 45 minutes on two cores, each part at most its own;
a share of it does as much less, in the same proportions. A failure is printed as soon as it is found, and all of them
once more at the end. Exit code 1 where two opinions differ anywhere, or a part ends as none may.
"""

import argparse
import multiprocessing
import sys
import time
import traceback
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from tests.campaign.parts import PARTS, Part, Report, part

PROCESSES = 2
MINUTES = 45
SEED = 20261121
SHOWN = 10
"""So many failures of a part are printed, and no more are looked for."""

LONGEST = 1_800.0
"""Seconds of a clock without an answer, after which the pieces that run count as hanging, however slow the machine."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed is another campaign (default {SEED})")
    parser.add_argument("--share", type=float, default=1.0, help="how much of a whole campaign (default 1)")
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help=f"of {', '.join(PARTS)} (default: all)")
    chosen = parser.parse_args(arguments)
    parts = [part(name) for name in chosen.part or PARTS]
    assert sum(part(name).minutes for name in PARTS) <= MINUTES, "the parts take longer than a campaign may"
    print(f"campaign: seed {chosen.seed}, share {chosen.share:g}", flush=True)
    failed = {one.name: failures for one in parts if (failures := run(one, chosen.seed, chosen.share))}
    for name, failures in failed.items():
        print(f"{name}: {len(failures)} failed", *map(_told, failures[:SHOWN]), sep="\n", file=sys.stderr, flush=True)
    print(f"campaign: {'failed in ' + ', '.join(failed) if failed else 'no difference'} (seed {chosen.seed})")
    return 1 if failed else 0


def run(one: Part, seed: int, share: float) -> list[str]:
    """Do a share of a part, and print what it came to; its failures."""
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
        print(f"  {count:>11,} {name}", flush=True)
    if len(report.failures) > SHOWN:
        print(f"  and {len(report.failures) - SHOWN} failures more", file=sys.stderr, flush=True)
    return report.failures


def gathered(one: Part, first: int, wanted: int, until: float) -> Report:
    """The reports of all pieces, as far as the time goes (one at least); after some failures no more are begun.

    A piece that raises, or whose process dies or hangs, is a failure of its seeds.
    """
    report, running, begun = Report(), dict[Future[Report], str](), 0

    def goes_on() -> bool:
        in_time = begun == 0 or time.monotonic() < until
        return begun < wanted and in_time and len(report.failures) < SHOWN

    def add(more: Report) -> None:
        for failure in more.failures[: max(0, SHOWN - len(report.failures))]:
            print(_told(failure), file=sys.stderr, flush=True)
        report.add(more)

    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        while running or goes_on():
            while len(running) <= PROCESSES and goes_on():
                count = min(one.piece, wanted - begun)
                seeds = f"{one.name}, {count} cases from the seed {first + begun} on"
                try:
                    running[pool.submit(one.work, first + begun, count)] = seeds
                except RuntimeError as error:  # the pool is broken: a process of it died
                    add(Report(failures=[f"{seeds}: {error!r}"]))
                    wanted = begun
                    break
                begun += count
            done, _ = wait(running, timeout=LONGEST, return_when=FIRST_COMPLETED)
            for future in [one for one in running if one in done]:
                add(_report_of(future, running.pop(future)))
            if running and not done:
                add(Report(failures=[f"{seeds}: no end after {LONGEST:g} s" for seeds in running.values()]))
                for process in multiprocessing.active_children():
                    process.kill()
                break
    return report


def _report_of(future: Future[Report], seeds: str) -> Report:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be told with its seeds
        return Report(failures=[f"{seeds}: {''.join(traceback.format_exception(error, limit=-8))}"])


def _told(failure: str) -> str:
    return f"  FAILED {failure}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
