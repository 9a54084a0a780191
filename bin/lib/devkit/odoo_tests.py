"""Tests inside Odoo, each run on a database of its own."""

import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import addons, server, settings
from .databases import Databases, unique_name
from .log import LogReader
from .shell import Failure, say

LOGS = settings.ROOT / "build" / "logs"


@dataclass(frozen=True)
class Outcome:
    """What one run came to."""

    name: str
    passed: int
    failed: int
    seconds: float = 0.0


def selected_addons(addon: str, tags: str, available) -> list[str]:
    """Return the addons to install for a choice of addons or test tags."""
    if addon:
        return [name for name in re.split(r"[,\s]+", addon) if name]
    named = set(re.findall(r"/(\w+)", tags))
    return sorted(named & set(available)) or sorted(available)


def run_selected(addon: str, tags: str, *, keep: bool) -> Outcome:
    """Run the tests of some addons, or those that match some test tags."""
    available = addons.ours()
    names = selected_addons(addon, tags, available)
    modules = addons.closure(names, available)
    tags = tags or ",".join(f"/{name}" for name in names)
    outcome = run_tests(
        "selected",
        modules,
        ["-i", ",".join(modules), "--test-tags", tags],
        template_modules=addons.foundation(names, available),
        keep=keep,
        watch=True,
    )
    if outcome.passed + outcome.failed == 0:
        raise Failure(f"No test matches {tags}.")
    return outcome


def run_tests(
    name: str, modules, arguments, *, template_modules, keep: bool = False, watch: bool = False
) -> Outcome:
    """Run Odoo with ``arguments`` on a copy of a template and count the results.

    A record of level WARNING or above in the log counts as one failure more.

    :param keep: leave the database for inspection
    :param watch: show tests and complaints while they happen
    """
    started = time.monotonic()
    databases = Databases("test")
    database = unique_name(name)
    databases.copy(databases.template(template_modules), database)
    line = server.command(
        "-d", database, "--stop-after-init", "--http-port", str(free_port()), *arguments
    )
    log = LOGS / f"{name}-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        reader, status = _follow(line, databases.environment, log, watch)
    finally:
        if keep:
            say(f"database kept: HR_PERFORMANCE_CLUSTER=test bin/odoo shell -d {database}")
        else:
            databases.drop(database)
    return _judge(name, reader, status, log, time.monotonic() - started, watch)


def _follow(line, environment, log: Path, watch: bool) -> tuple[LogReader, int]:
    reader = LogReader()
    with (
        open(log, "w", encoding="utf-8") as file,
        subprocess.Popen(
            line,
            env=environment,
            cwd=settings.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for text in process.stdout:
            file.write(text)
            if reader.feed(text.rstrip("\n")) and watch:
                print(text, end="", flush=True)
    return reader, process.returncode


def _judge(name, reader: LogReader, status: int, log: Path, seconds, watch) -> Outcome:
    # A failed test is logged as an error as well: count it once.
    extra = max(0, len(reader.complaints) - reader.failed)
    crashed = status != 0 and not reader.failed and not extra
    if not reader.finished:
        crashed = True
        print(f"{name}: Odoo stopped before its tests were over (exit status {status})")
    failed = reader.failed + extra + crashed
    if reader.complaints and not watch:
        print(f"--- {name}: log records of level WARNING and above")
        print("\n".join(reader.complaints))
    print(f"{name}: {reader.tests} tests, {failed} failed, {seconds:.0f} s; log: {log}", flush=True)
    return Outcome(name, reader.tests - reader.failed, failed, seconds)


def free_port() -> int:
    """Return a TCP port that is free on the loopback address now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
