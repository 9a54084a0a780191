"""Databases, fresh processes and results of the benchmarks."""

import json
import math
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from devkit.databases import Databases, unique_name

HERE = Path(__file__).resolve().parent


class Row(NamedTuple):
    """One measured property of one operation, with the bound that it is held against.

    ``value`` is good up to ``bound``, better up to ``stretch``; None for either makes the row a
    mere information. ``plain`` and ``ours`` are the processor seconds that a ratio comes from;
    ``why`` explains a bound that is known to be missed.
    """

    operation: str
    size: str
    measure: str
    value: float
    bound: float | None = None
    stretch: float | None = None
    unit: str = ""
    plain: float | None = None
    ours: float | None = None
    why: str = ""

    @property
    def verdict(self) -> str:
        if self.bound is None:
            return ""
        if self.value > self.bound:
            return f"missed by {100 * (self.value / self.bound - 1):.0f} %"
        if self.stretch is not None and self.value <= self.stretch:
            return "ok, stretch"
        return "ok"

    def as_dict(self) -> dict:
        return {**self._asdict(), "verdict": self.verdict}


class Bench:
    """What the benchmarks share: copies of a prepared database, and processes on them."""

    def __init__(self, small: bool):
        self.small = small
        self.databases = Databases("test")
        self.database = ""

    @contextmanager
    def installed(self, *modules: str, ours=("hr_performance",)):
        """Give a database with ``ours`` and Odoo's ``modules`` for the time of the block."""
        template = self.databases.template(sorted({"hr", "mail", *modules}))
        with self._copy(template) as name:
            self.databases.install(name, list(ours))
            self.base = name
            yield

    @contextmanager
    def own_copy(self):
        """Work on a copy of the installed database for the time of the block."""
        with self._copy(self.base) as self.database:
            yield

    @contextmanager
    def _copy(self, template: str):
        name = unique_name()
        self.databases.copy(template, name)
        try:
            yield name
        finally:
            self.databases.drop(name)

    def child(self, function: str, **parameters):
        """Call ``module.function`` in a fresh process; return its answer."""
        done = subprocess.run(
            [sys.executable, HERE / "child.py", self.database, function],
            input=json.dumps(parameters),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{done.stderr}\n{function} failed.")
        return json.loads(done.stdout.splitlines()[-1])

    def best(self, function: str, times: int, **parameters) -> dict:
        """Call ``function`` several times, each in a fresh process; return the cheapest run.

        Once is enough for small data, whose figures are for a first look.
        """
        runs = [self.child(function, **parameters) for _number in range(1 if self.small else times)]
        return min(runs, key=lambda run: run["cpu"])


def ratio(operation, size, plain: dict, ours: dict, bound, stretch=None, measure="ours ÷ plain"):
    """The row that compares the processor seconds of two runs."""
    return Row(
        operation,
        size,
        measure,
        ours["cpu"] / plain["cpu"],
        bound,
        stretch,
        "×",
        plain["cpu"],
        ours["cpu"],
    )


def exponent(costs: dict[int, dict]) -> float:
    """Growth exponent between the smallest and the largest size: 1 is linear."""
    low, high = min(costs), max(costs)
    return math.log(costs[high]["cpu"] / costs[low]["cpu"]) / math.log(high / low)
