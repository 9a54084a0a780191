"""What the tests of this folder share.

They run outside Odoo, by ``make test`` or ``make test PYTEST=tests/test_x.py``, and
get databases from the same templates as the tests inside Odoo.
"""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bin" / "lib"), str(ROOT / "tests" / "fakes")]

import plain_tools  # noqa: E402
from devkit import odoo_process, server  # noqa: E402
from devkit.databases import Databases, unique_name  # noqa: E402
from fake_dingtalk import FakeDingTalk  # noqa: E402

# what is tested without Odoo is imported without it
plain_tools.install("hr_performance_im", "hr_performance_dingtalk")


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def dingtalk():
    """A running fake DingTalk, emptied by each :func:`lab.laboratory` that uses it."""
    with FakeDingTalk() as fake:
        yield fake


@pytest.fixture
def far_away(monkeypatch):
    """The process is on the other side of the earth from China."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def free_ports():
    """The first of two ports in a row that are free."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


@pytest.fixture(scope="session")
def databases() -> Databases:
    """The databases of the test cluster."""
    return Databases("test")


@pytest.fixture
def make_database(databases):
    """Function that gives a database of one's own; all are dropped afterwards.

    ``make_database("hr_performance")`` has that addon installed, and what it needs;
    ``make_database(template=name)`` is a copy of another database.
    """
    made = []

    def make(*names: str, template: str = "", demo: bool = False) -> str:
        name = unique_name()
        databases.copy(template or databases.installed(names, demo=demo), name)
        made.append(name)
        return name

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture
def run_odoo(databases):
    """Function that runs Odoo on a database to the end and returns its result."""

    def run(database: str, *arguments: str) -> odoo_process.Result:
        return odoo_process.run("pytest", database, arguments, databases.environment)

    return run


@pytest.fixture
def odoo_shell(databases):
    """Function that runs a script in ``odoo shell`` and returns what it prints."""

    def run(database: str, script: str) -> str:
        done = subprocess.run(
            server.command("shell", "-d", database, "--no-http", "--log-level", "warn"),
            input=script,
            env=databases.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
