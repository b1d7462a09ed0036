#!/usr/bin/env python3
"""The cases of iic-bench in eager PyTorch, in the same form: a line a case on standard output,

    CASE min SECONDS median SECONDS RATE UNIT

in the faster of PyTorch's two memory layouts; what either took goes to standard error.
"""

import argparse
import resource
import statistics
import sys
import time

import torch

from cases import CASES

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def measure(case, layout, options):
    torch.manual_seed(0)
    repeat = case.prepare(LAYOUTS[layout], options.autocast == "bf16")
    for _ in range(options.warmups):
        repeat()
    seconds = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        repeat()
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="+", metavar="CASE", choices=CASES, help=", ".join(CASES))
    parser.add_argument("--repeats", type=int, default=5, help="repeats that are timed (5)")
    parser.add_argument("--warmups", type=int, default=2, help="repeats before those (2)")
    parser.add_argument("--threads", type=int, default=2, help="threads (2)")
    parser.add_argument("--autocast", choices=["bf16"], help="compute where PyTorch would in bf16")
    parser.add_argument(
        "--layout", choices=[*LAYOUTS, "faster"], default="faster",
        help="PyTorch's memory layout; faster measures both (faster)",
    )
    options = parser.parse_args()
    if min(options.repeats, options.threads) < 1 or options.warmups < 0:
        parser.error("--repeats and --threads are at least 1, --warmups at least 0")
    torch.set_num_threads(options.threads)

    for name in options.cases:
        case = CASES[name]
        best = None
        for layout in LAYOUTS if options.layout == "faster" else [options.layout]:
            seconds = measure(case, layout, options)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name} {options.autocast or 'float32'} {layout}: min {min(seconds):.3f} "
                f"median {statistics.median(seconds):.3f}, peak memory so far {peak:.0f} MiB",
                file=sys.stderr, flush=True,
            )
            if best is None or statistics.median(seconds) < statistics.median(best):
                best = seconds
        median = statistics.median(best)
        print(
            f"{name} min {min(best):.4f} median {median:.4f} {case.amount / median:.4g} {case.unit}",
            flush=True,
        )


if __name__ == "__main__":
    main()
