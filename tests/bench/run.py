"""``make bench``: what the engine costs, as a multiple of plain SQL on the same machine.

Both sides are measured in one run on generated data. Processor seconds of the process and of its
database backend are compared, so other work on the machine changes little; sizes ten times apart
give the growth. Each measurement has a fresh process, so memory means something.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import bench_board
import bench_collect
import bench_export
import bench_launch
import bench_messenger
import bench_sales
import bench_score
import bench_screens
from harness import Bench

BENCHMARKS = {
    "launch": bench_launch,
    "collect": bench_collect,
    "score": bench_score,
    "screens": bench_screens,
    "export": bench_export,
    "sales": bench_sales,
    "board": bench_board,
    "messenger": bench_messenger,
}

#: What is measured with the addon of the sales plans, and what that stands on.
ON_SALES = {"sales", "board"}
SALES = ["crm", "rating", "sale_management"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--size", choices=("small", "full"), default="full")
    parser.add_argument("--json", type=Path, help="file to write the results to")
    parser.add_argument("--only", choices=BENCHMARKS, nargs="*", default=list(BENCHMARKS))
    options = parser.parse_args()
    started = time.monotonic()
    bench = Bench(small=options.size == "small")
    rows = []
    print(HEADER, flush=True)
    for names, modules, ours in (
        ([n for n in options.only if n not in ON_SALES], ["crm"], ["hr_performance"]),
        ([n for n in options.only if n in ON_SALES], SALES, ["hr_performance_sales"]),
    ):
        if names:
            with bench.installed(*modules, ours=ours):
                rows += _run(bench, names)
    missed = [row for row in rows if row.verdict.startswith("missed")]
    seconds = time.monotonic() - started
    for row in missed:
        print(f"{row.operation}, {row.measure}: {row.verdict}. {row.why}".rstrip())
    bounds = sum(row.bound is not None for row in rows)
    print(f"{bounds - len(missed)} of {bounds} bounds kept, {seconds:.0f} s")
    if options.json:
        options.json.write_text(_document(options.size, rows, seconds), encoding="utf-8")
    return 0


def _run(bench, names):
    rows = []
    for name in names:
        with bench.own_copy():
            for row in BENCHMARKS[name].run(bench):
                rows.append(row)
                print(_line(row), flush=True)
    return rows


COLUMNS = "{:<24} {:>14} {:<28} {:>10} {:>10} {:>8} {:>8}  {}"
HEADER = COLUMNS.format(
    "operation", "size", "measure", "measured", "bound", "plain s", "ours s", "verdict"
)


def _line(row) -> str:
    seconds = ["" if value is None else f"{value:.2f}" for value in (row.plain, row.ours)]
    bound = "" if row.bound is None else f"≤ {_show(row.bound)}"
    return COLUMNS.format(
        row.operation, row.size, row.measure, f"{_show(row.value)} {row.unit}".strip(), bound,
        *seconds, row.verdict,
    ).rstrip()  # fmt: skip


def _show(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def _document(size, rows, seconds) -> str:
    """The results with what they were measured on."""
    about = {
        "size": size,
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
    }
    results = [row.as_dict() for row in rows]
    return json.dumps({**about, "results": results}, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
