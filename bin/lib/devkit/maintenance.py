"""The less frequent commands: core's tests, translation terms, cleaning up."""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import addons, odoo_process, postgres, python_env, server, settings
from .databases import Databases, unique_name
from .log import LogReader
from .shell import Failure, remove_folder, run, say

CORE_SUITES = ("hr", "crm", "sales_team", "hr_attendance", "project")
LANGUAGE = "zh_CN"


def test_core(arguments: list[str]) -> int:
    """run core's own tests with and without our addons, and compare"""
    parser = argparse.ArgumentParser(prog="bin/dev test-core")
    parser.add_argument("modules", nargs="*", default=CORE_SUITES)
    modules = list(parser.parse_args(arguments).modules)
    tags = ",".join(f"/{name}" for name in modules)
    server.ensure(development=True)
    databases = Databases("test")
    available = addons.ours()
    # The same modules of core on both sides: they change each other's behaviour too.
    foundation = sorted({*addons.foundation(available, available), *modules})
    plain = databases.template(foundation)
    with _copy(databases, plain) as ours, ThreadPoolExecutor() as pool:
        databases.install(ours, addons.closure(available, available))
        without = pool.submit(_core_run, databases, plain, modules, tags, "core without our addons")
        together = _core_run(databases, ours, modules, tags, "core with our addons")
        alone = without.result()
        broken = together.failed_tests - alone.failed_tests
        if broken:
            # A tour that ran out of time on a busy machine passes now.
            again = _core_run(databases, ours, modules, ",".join(sorted(broken)), "once more")
            broken &= again.failed_tests
    lost = alone.started - together.started
    for text in sorted(lost):
        print(f"no longer run: {text}")
    for text in sorted(broken):
        print(f"fails with our addons only: {text}")
    failed = len(lost) + len(broken)
    print(f"{len(alone.started) - failed} passed, {failed} failed")
    return int(failed > 0 or not alone.started)


def _core_run(databases, template: str, modules, tags: str, title: str) -> LogReader:
    # An update runs the tests that belong to the installation of a module, too.
    arguments = ["-u", ",".join(modules), "--test-tags", tags]
    with _copy(databases, template) as database:
        say(title)
        result = odoo_process.run(title, database, arguments, databases.environment)
    if not result.log.finished:
        raise Failure(f"{title}: Odoo ended before its tests were over; log: {result.file}")
    print(f"{title}: {result.log.failed} of {result.log.tests} failed ({result.file})", flush=True)
    return result.log


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
    # With all addons whichever is exported: a model has more terms where others extend it too.
    with _copy(databases, databases.installed(sorted(available))) as database:
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
