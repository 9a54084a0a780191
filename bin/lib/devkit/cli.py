"""The commands behind ``bin/odoo``, ``bin/dev`` and the Makefile."""

import os
import sys

from . import odoo_source, server
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


COMMANDS = {"odoo": odoo}


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
