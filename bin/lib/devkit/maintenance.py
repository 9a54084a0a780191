"""The less frequent commands: core's tests, translation terms, cleaning up."""

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from . import addons, odoo_process, postgres, python_env, server, settings
from .databases import Databases, unique_name
from .shell import Failure, remove_folder, run, say

CORE_SUITES = ("hr", "crm", "sales_team", "hr_attendance", "project")
LANGUAGE = "zh_CN"


def test_core(arguments: list[str]) -> int:
    """run core's own tests with and without our addons, and compare"""
    parser = argparse.ArgumentParser(prog="bin/dev test-core")
    parser.add_argument("modules", nargs="*", default=CORE_SUITES)
    modules = list(parser.parse_args(arguments).modules)
    server.ensure(development=True)
    databases = Databases("test")
    available = addons.ours()
    foundation = sorted({*addons.foundation(available, available), *modules})
    # The same modules of core on both sides: they change each other's behaviour too.
    plain = databases.template(foundation)
    before = _core_results(databases, plain, modules, "core without our addons")
    with _copy(databases, plain) as ours:
        databases.install(ours, addons.closure(available, available))
        after = _core_results(databases, ours, modules, "core with our addons")
    lost = sorted(before.started - after.started)
    broken = sorted(after.broken - before.broken)
    for text in lost:
        print(f"no longer run: {text}")
    for text in broken:
        print(f"fails with our addons only: {text}")
    failed = len(lost) + len(broken)
    print(f"{len(before.started) - failed} passed, {failed} failed")
    return int(failed > 0 or not before.started)


class _CoreResults:
    """Names of the tests that ran, and of those that failed."""

    def __init__(self, result: odoo_process.Result):
        self.started = result.log.started
        self.broken = {
            match[1]
            for text in result.log.failures
            if (match := re.search(r"(?:FAIL|ERROR): (.+)", text))
        }


def _core_results(databases, template: str, modules, title: str) -> _CoreResults:
    tags = ",".join(f"/{name}" for name in modules)
    # An update runs the tests that belong to the installation of a module, too.
    arguments = ["-u", ",".join(modules), "--test-tags", tags]
    with _copy(databases, template) as database:
        say(title)
        result = odoo_process.run(title, database, arguments, databases.environment)
    if not result.log.finished:
        raise Failure(f"{title}: Odoo ended before its tests were over; log: {result.file}")
    print(f"{title}: {result.log.failed} of {result.log.tests} failed ({result.file})")
    return _CoreResults(result)


@contextmanager
def _copy(databases: Databases, template: str) -> Iterator[str]:
    """Give a copy of a database for the time of the block."""
    name = unique_name()
    databases.copy(template, name)
    try:
        yield name
    finally:
        databases.drop(name)


def export_terms(arguments: list[str]) -> int:
    """write each addon's .pot and bring its zh_CN.po up to date"""
    parser = argparse.ArgumentParser(prog="bin/dev pot")
    parser.add_argument("--addon", default="", help="addons to export, all without it")
    chosen = parser.parse_args(arguments).addon
    server.ensure(development=True)
    databases = Databases("test")
    available = addons.ours()
    names = addons.split(chosen) or sorted(available)
    with _copy(databases, databases.installed(names)) as database:
        run(
            server.command("i18n", "export", "-d", database, *names),
            env=databases.environment,
            explain="The terms cannot be exported.",
        )
    python = python_env.ensure(development=True)
    merge = settings.ROOT / "bin" / "lib" / "merge_terms.py"
    for name in names:
        folder = available[name].folder / "i18n"
        run([python, merge, folder / f"{name}.pot", folder / f"{LANGUAGE}.po"])
        say(f"written: {folder}")
    return 0


def python(arguments: list[str]) -> int:
    """run Python where Odoo and this kit can be imported, on the test cluster"""
    server.ensure(development=True)
    environment = server.environment("test")
    environment["PYTHONPATH"] += f":{settings.ROOT / 'bin' / 'lib'}"
    line = [str(python_env.ensure(development=True)), *arguments]
    os.execve(line[0], line, environment)
    raise AssertionError("execve returns only by raising")


def stop(arguments: list[str]) -> int:
    """stop our database servers"""
    argparse.ArgumentParser(prog="bin/dev stop").parse_args(arguments)
    if not postgres.is_external():
        for name in postgres.NAMES:
            postgres.Cluster(name).stop()
    return 0


def clean(arguments: list[str]) -> int:
    """remove our databases and logs; --all also removes what was downloaded"""
    parser = argparse.ArgumentParser(prog="bin/dev clean")
    parser.add_argument("--all", action="store_true")
    everything = parser.parse_args(arguments).all
    stop([])
    if not postgres.is_external():
        for name in postgres.NAMES:
            remove_folder(postgres.Cluster(name).folder)
            remove_folder(settings.CACHE / f"data-{name}")
    if everything:
        remove_folder(settings.CACHE)
    remove_folder(settings.ROOT / "build")
    return 0
