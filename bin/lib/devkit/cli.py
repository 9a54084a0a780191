"""The commands behind ``bin/odoo``, ``bin/dev`` and the Makefile."""

import argparse
import os
import sys

from . import demo, lint, maintenance, odoo_source, odoo_tests, server, settings, suite
from .shell import Failure, end_children_when_terminated


def odoo(arguments: list[str]) -> int:
    """the provisioned Odoo; --where prints its folder"""
    if arguments == ["--where"]:
        print(odoo_source.ensure().package)
        return 0
    server.ensure()
    line = server.command(*arguments)
    os.execve(line[0], line, server.environment())
    raise AssertionError("execve returns only by raising")


def run_demo(arguments: list[str]) -> int:
    """serve the demo database"""
    parser = argparse.ArgumentParser(prog="bin/dev demo")
    parser.add_argument("--port", type=int, default=settings.DEFAULT_PORT)
    parser.add_argument("--dingtalk", action="store_true", help="with a fake DingTalk")
    options = parser.parse_args(arguments)
    server.ensure()
    return demo.serve(options.port, dingtalk=options.dingtalk)


def test(arguments: list[str]) -> int:
    """run everything, or what --addon, --tags or --pytest select"""
    parser = argparse.ArgumentParser(prog="bin/dev test")
    parser.add_argument("--addon", default="", help="addons to test, separated by commas")
    parser.add_argument("--tags", default="", help="Odoo test tags")
    parser.add_argument("--pytest", default="", help="files or folders of tests/")
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    options = parser.parse_args(arguments)
    server.ensure(development=True)
    if options.addon or options.tags:
        outcomes = [odoo_tests.run_selected(options.addon, options.tags, keep=options.keep)]
    elif options.pytest:
        outcomes = [suite.run_pytest(*options.pytest.split())]
    else:
        outcomes = suite.run_all(keep=options.keep)
    return suite.report(outcomes)


def run_lint(arguments: list[str]) -> int:
    """check style, structure, licences; --static leaves core's test_lint out"""
    parser = argparse.ArgumentParser(prog="bin/dev lint")
    parser.add_argument("--static", action="store_true", help="no database")
    options = parser.parse_args(arguments)
    server.ensure(development=True)
    return suite.report(lint.main(core=not options.static))


def run_format(arguments: list[str]) -> int:
    """rewrite the files as the formatters want them"""
    argparse.ArgumentParser(prog="bin/dev format").parse_args(arguments)
    server.ensure(development=True)
    return lint.mend()


def provision(arguments: list[str]) -> int:
    """set everything up and do no more; --upgrade takes the newest Odoo"""
    parser = argparse.ArgumentParser(prog="bin/dev provision")
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument("--development", action="store_true", help="what tests need as well")
    options = parser.parse_args(arguments)
    if options.upgrade:
        odoo_source.upgrade()
    server.ensure(development=options.development)
    return 0


COMMANDS = {
    "odoo": odoo,
    "demo": run_demo,
    "test": test,
    "lint": run_lint,
    "format": run_format,
    "provision": provision,
    "test-core": maintenance.test_core,
    "pot": maintenance.export_terms,
    "python": maintenance.python,
    "stop": maintenance.stop,
    "clean": maintenance.clean,
}


def main(arguments: list[str]) -> int:
    """Run the command named first and return the exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        print("usage: bin/dev COMMAND …\n", file=sys.stderr)
        for name, command in COMMANDS.items():
            print(f"  {name:10} {command.__doc__.splitlines()[0]}", file=sys.stderr)
        return 0 if arguments in (["help"], ["--help"]) else 2
    end_children_when_terminated()
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
