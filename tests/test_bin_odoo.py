"""``bin/odoo``: the provisioned Odoo, with every argument passed through."""

import os
import subprocess

import pytest
from devkit import addons


@pytest.fixture
def bin_odoo(root):
    """Function that runs ``bin/odoo`` and returns what it prints."""

    def run(*arguments, script=""):
        done = subprocess.run(
            [root / "bin" / "odoo", *arguments],
            input=script,
            # Another folder than the checkout: nothing may depend on it.
            cwd="/",
            env={**os.environ, "HR_PERFORMANCE_CLUSTER": "test"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_version(bin_odoo):
    assert bin_odoo("--version") == "Odoo Server 19.0"


def test_shell_on_a_database(bin_odoo, databases, make_database):
    available = addons.ours()
    database = make_database(template=databases.template(addons.foundation(available, available)))
    script = "print('in', env.cr.dbname, 'as', env.uid)"
    assert f"in {database} as 1" in bin_odoo("shell", "-d", database, "--no-http", script=script)


def test_addons_path_and_settings(bin_odoo, databases, make_database):
    available = addons.ours()
    database = make_database(template=databases.template(addons.foundation(available, available)))
    script = (
        "from odoo.tools import config; from odoo.modules import get_modules\n"
        "print('own', all(name in get_modules() for name in "
        f"{sorted(available)!r}), config['http_interface'])"
    )
    output = bin_odoo("shell", "-d", database, "--no-http", script=script)
    assert "own True 127.0.0.1" in output
