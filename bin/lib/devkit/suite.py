"""``make test``: everything, two independent parts at a time."""

import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from . import addons, lint, python_env, server, settings
from .databases import Databases
from .odoo_tests import Outcome, run_with
from .shell import Failure, child

CORE_ADDON = "hr_performance"


def run_all(*, keep: bool) -> list[Outcome]:
    """Run every part and return the outcomes; ``JOBS`` says how many at a time.

    The parts share nothing but the template databases, which lock themselves;
    the longest come first, so that no core is idle at the end.
    """
    Databases("test").sweep()
    names = sorted(addons.ours())
    others = [name for name in names if name != CORE_ADDON]
    among = f"{CORE_ADDON} among all addons"
    parts: list[Callable[[], list[Outcome]]] = [
        lambda: [run_with(names, _tags(others), "the other addons", keep=keep)],
        lambda: [run_with(names, _tags([CORE_ADDON]), among, keep=keep)],
        lambda: [run_with([CORE_ADDON], _tags([CORE_ADDON]), f"{CORE_ADDON} alone", keep=keep)],
        lambda: [run_with(names, "", "installation with demo data", keep=keep, demo=True)],
        lambda: [run_pytest()],
        lint.run_checks,
        lambda: [lint.run_core_lint(keep=keep)],
    ]
    with ThreadPoolExecutor(max_workers=int(os.environ.get("JOBS", 2))) as pool:
        try:
            return [outcome for part in pool.map(_guarded, parts) for outcome in part]
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def run_pytest(*arguments: str) -> Outcome:
    """Run the tests of ``tests/``."""
    started = time.monotonic()
    results = settings.ROOT / "build" / f"pytest-{os.getpid()}.xml"
    results.parent.mkdir(exist_ok=True)
    python = python_env.ensure(development=True)
    with child(
        [python, "-m", "pytest", "-q", f"--junitxml={results}", *arguments],
        cwd=settings.ROOT,
        env=server.environment("test"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        print(process.communicate()[0], flush=True)
    return _pytest_outcome(results, process.returncode, time.monotonic() - started)


def _pytest_outcome(results, status: int, seconds: float) -> Outcome:
    """Read the counts; a test that was skipped counts on neither side."""
    try:
        suite = ElementTree.parse(results).getroot().find("testsuite")
        tests, failures, errors, skipped = (
            int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
        )
        results.unlink()
    except (OSError, ElementTree.ParseError):
        tests = failures = errors = skipped = 0
    failed = failures + errors
    if status and not failed:
        failed = 1
    return Outcome("tests/", max(0, tests - failures - errors - skipped), failed, seconds)


def _guarded(part: Callable[[], list[Outcome]]) -> list[Outcome]:
    """Let the other parts go on when one cannot even start."""
    try:
        return part()
    except Failure as failure:
        print(f"error: {failure}", flush=True)
        return [Outcome("environment", 0, 1)]


def _tags(names) -> str:
    return ",".join(f"/{name}" for name in names)


def report(outcomes: list[Outcome]) -> int:
    """Print the table and, last, the total; return the exit status."""
    print()
    for outcome in outcomes:
        print(
            f"{outcome.passed:6} passed {outcome.failed:4} failed {outcome.seconds:6.0f} s  "
            f"{outcome.name}"
        )
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{passed} passed, {failed} failed", flush=True)
    return int(failed > 0 or passed == 0)
