"""``make demo``: a database with demo data, kept up to date, and a server on it."""

import contextlib
import hashlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import addons, dingtalk_demo, odoo_process, odoo_source, server, settings
from .databases import Databases
from .shell import Failure, lock, say

LANGUAGES = "en_US,zh_CN"
LOGINS = settings.ROOT / "tests" / "demo_logins.txt"


def serve(port: int, *, dingtalk: bool = False) -> int:
    """Bring the database up to date, serve it until interrupted, return the status.

    With ``dingtalk`` a fake DingTalk runs beside it, and the demo company is connected to it.
    """
    _check_port(port)
    with lock(settings.CACHE / "demo.lock"):
        prepare()
    with contextlib.ExitStack() as stack:
        lines = []
        if dingtalk:
            lines = stack.enter_context(dingtalk_demo.running(settings.DEMO_DATABASE, port))
        return _serve(port, lines)


def _serve(port: int, lines: list[str]) -> int:
    line = server.command(
        "-d", settings.DEMO_DATABASE,
        "--db-filter", f"^{settings.DEMO_DATABASE}$",
        "--http-port", port,
        "--log-level", "warn",
    )  # fmt: skip
    # In a session of its own the server gets each signal once, from here.
    with subprocess.Popen(
        line, env=server.environment("demo"), cwd=settings.ROOT, start_new_session=True
    ) as process:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: process.terminate())
        if _wait_until_served(process, port):
            print(_welcome(port, lines), flush=True)
        return process.wait()


def prepare() -> None:
    """Make the demo database, or update it when addons or Odoo have changed.

    The work is done on a draft that takes the name at the end. The state that the
    database was made of is kept as its comment, so one without a comment was not
    made here to the end and is made anew.
    """
    databases = Databases("demo")
    available = addons.ours()
    wanted = _state(available)
    found = _comment(databases)
    if found == wanted:
        return
    draft = f"{settings.DEMO_DATABASE}_draft"
    databases.drop(draft)
    if not (found and _update(databases, draft, available)):
        _make(databases, draft, available)
    databases.query(f"COMMENT ON DATABASE \"{draft}\" IS '{wanted}'")
    databases.drop(settings.DEMO_DATABASE)
    databases.rename(draft, settings.DEMO_DATABASE)


def _make(databases: Databases, draft: str, available) -> None:
    foundation = addons.foundation(available, available)
    template = databases.template(foundation, demo=True, languages=LANGUAGES)
    modules = addons.closure(available, available)
    say(f"making the database {settings.DEMO_DATABASE}")
    databases.copy(template, draft)
    databases.install(draft, modules, "--with-demo")


def _update(databases: Databases, draft: str, available) -> bool:
    """Update a copy of the database; tell whether that worked."""
    say(f"updating the database {settings.DEMO_DATABASE}")
    try:
        databases.copy(settings.DEMO_DATABASE, draft)
    except Failure as failure:
        raise Failure(
            f"The addons have changed, and {settings.DEMO_DATABASE} is in use, so it cannot be "
            f"updated. End the server or shell that uses it and try again.\n{failure}"
        ) from failure
    modules = ",".join(addons.closure(available, available))
    arguments = ["-u", modules, "-i", modules, "--with-demo"]
    result = odoo_process.run("update demo", draft, arguments, databases.environment)
    if result.status == 0:
        return True
    say(f"the update failed (log: {result.file}); making the database anew")
    databases.drop(draft)
    return False


def _state(available) -> str:
    """Return a digest of everything that the demo database is made of."""
    digest = hashlib.sha256(odoo_source.ensure().identity.encode())
    for addon in available.values():
        digest.update(f"{addon.name}={addon.content_hash()}\n".encode())
    return digest.hexdigest()


def _comment(databases: Databases) -> str:
    return databases.query(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{settings.DEMO_DATABASE}'"
    )


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failure(
                f"Port {port} is taken. Choose another: make demo PORT={port + 1}"
            ) from error


def _wait_until_served(process: subprocess.Popen, port: int) -> bool:
    """Wait for the login page; give up when the server ends."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=60):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _welcome(port: int, more: list[str]) -> str:
    lines = ["", f"  http://localhost:{port}", "", "  login and password are the same:"]
    lines += [f"    {login:12} {role}" for role, login in logins()]
    if more:
        lines += ["", *more]
    return "\n".join([*lines, "", "  Ctrl-C stops the server.", ""])


def logins() -> list[tuple[str, str]]:
    """Return role and login of the demo users that are worth trying."""
    found = [("administrator", "admin")]
    if LOGINS.is_file():
        for line in LOGINS.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                role, login, _password = line.rsplit(maxsplit=2)
                found.insert(-1, (role, login))
    return found
