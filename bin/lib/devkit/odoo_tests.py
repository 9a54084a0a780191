"""Tests inside Odoo, each run on a database of its own."""

import re
import time
from dataclasses import dataclass

from . import addons, odoo_process
from .databases import Databases, unique_name
from .shell import Failure, say


@dataclass(frozen=True)
class Outcome:
    """What one run came to."""

    name: str
    passed: int
    failed: int
    seconds: float = 0.0


def run_selected(addon: str, tags: str, *, keep: bool) -> Outcome:
    """Run the tests of some addons, or those that match some test tags."""
    available = addons.ours()
    names = selected_addons(addon, tags, available)
    tags = tags or ",".join(f"/{name}" for name in names)
    outcome = run_with(names, tags, "selected", keep=keep, watch=True)
    if outcome.passed + outcome.failed == 0:
        raise Failure(f"No test matches {tags}.")
    return outcome


def selected_addons(addon: str, tags: str, available) -> list[str]:
    """Return the addons to install for a choice of addons or test tags."""
    if addon:
        return addons.split(addon)
    named = set(re.findall(r"/(\w+)", tags))
    return sorted(named & set(available)) or sorted(available)


def run_with(names, tags: str, title: str, *, keep=False, watch=False, demo=False) -> Outcome:
    """Install ``names`` with only what they need, running the tests of ``tags``.

    :param tags: Odoo test tags; empty to install only
    """
    available = addons.ours()
    modules = addons.closure(names, available)
    databases = Databases("test")
    template = databases.template(addons.foundation(names, available), demo=demo)
    arguments = ["-i", ",".join(modules)]
    if tags:
        arguments += ["--test-tags", tags]
    if demo:
        arguments.append("--with-demo")
    return _run_on(databases, template, title, arguments, tests=bool(tags), keep=keep, watch=watch)


def run_on_copy(title: str, names, arguments, *, keep: bool = False) -> Outcome:
    """Run Odoo with ``arguments`` where our addons ``names`` are installed already."""
    databases = Databases("test")
    return _run_on(databases, databases.installed(names), title, arguments, keep=keep)


def _run_on(
    databases, template: str, title: str, arguments, *, tests=True, keep=False, watch=False
) -> Outcome:
    started = time.monotonic()
    database = unique_name()
    databases.copy(template, database)
    try:
        result = odoo_process.run(title, database, arguments, databases.environment, watch=watch)
    finally:
        if keep:
            say(f"kept: HR_PERFORMANCE_CLUSTER=test bin/odoo shell -d {database}")
        else:
            databases.drop(database)
    if not watch:
        for text in (*result.log.failures, *result.log.complaints):
            print(f"--- {title}\n{text}")
    return _judge(title, result, tests, time.monotonic() - started)


def _judge(title: str, result: odoo_process.Result, tests: bool, seconds: float) -> Outcome:
    """Count; each complaint of the log is one failure more."""
    log = result.log
    crashed = (tests and not log.finished) or (
        result.status != 0 and not log.failed and not log.complaints
    )
    failed = log.failed + len(log.complaints) + crashed
    # Each failed subtest is a failure of its own.
    passed = max(0, log.tests - log.failed) if tests else int(not failed)
    if crashed:
        print(f"{title}: Odoo ended before its work was done (exit status {result.status})")
    if log.complaints:
        print(f"{title}: {len(log.complaints)} log records of level WARNING and above")
    print(f"{title}: {passed} passed, {failed} failed, {seconds:.0f} s ({result.file})", flush=True)
    return Outcome(title, passed, failed, seconds)
