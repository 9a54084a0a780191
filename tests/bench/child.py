"""One measurement in a fresh process: ``child.py DATABASE MODULE.FUNCTION`` with JSON on stdin.

The function is called with an environment of the superuser and the parameters; what it returns
is printed as JSON on the last line.
"""

import importlib
import json
import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def main():
    database, name = sys.argv[1:]
    parameters = json.load(sys.stdin)
    config.parse_config(["-d", database, "--log-level", "warn"], setup_logging=True)
    module, function = name.split(".")
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        # Workers of a parallel query are other processes, whose seconds nobody could count.
        cr.execute("SET max_parallel_workers_per_gather = 0")
        cr.commit()
        answer = getattr(importlib.import_module(module), function)(env, **parameters)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
