"""The commands behind ``bin/odoo``, ``bin/dev`` and the Makefile."""

import argparse
import os
import sys

from . import odoo_source, odoo_tests, server
from .shell import Failure


def odoo(arguments: list[str]) -> int:
    """Become the provisioned Odoo, or print where it is."""
    if arguments == ["--where"]:
        print(odoo_source.ensure().package)
        return 0
    server.ensure()
    line = server.command(*arguments)
    os.execve(line[0], line, server.environment())
    raise AssertionError("execve returns only by raising")


def test(arguments: list[str]) -> int:
    """Run everything, or what --addon and --tags select."""
    parser = argparse.ArgumentParser(prog="bin/dev test")
    parser.add_argument("--addon", default="", help="addons to test, separated by commas")
    parser.add_argument("--tags", default="", help="Odoo test tags")
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    options = parser.parse_args(arguments)
    server.ensure(development=True)
    outcome = odoo_tests.run_selected(options.addon, options.tags, keep=options.keep)
    print(f"{outcome.passed} passed, {outcome.failed} failed")
    return int(outcome.failed > 0)


COMMANDS = {"odoo": odoo, "test": test}


def main(arguments: list[str]) -> int:
    """Run the command named first and return the exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: bin/dev {{{','.join(COMMANDS)}}} …", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
