"""``make demo DINGTALK=1``: a fake DingTalk beside the demo server.

The demo company is connected to it by the people's numbers and addresses that both have. Nothing
leaves this machine.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from . import python_env, server, settings
from .shell import Failure, child, say

FAKES = settings.ROOT / "tests" / "fakes"
PORT = 8990
#: The fake ends with the demo; should that fail, it ends by itself.
MINUTES = 12 * 60


@contextlib.contextmanager
def running(database: str, odoo_port: int, *, port: int = PORT, cluster: str = "demo"):
    """Connect ``database`` to a fake that runs for the time of the block.

    Events are pushed to the server on ``odoo_port``. Yields what the demonstration tells about
    the fake, a list of lines.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("connecting the demo company to a fake DingTalk")
        _connect(database, port, folder, cluster)
        callback = urlsplit((folder / "callback").read_text(encoding="utf-8"))
        callback = callback._replace(scheme="http", netloc=f"127.0.0.1:{odoo_port}").geturl()
        command = [
            python_env.ensure(), FAKES / "dingtalk.py",
            "--port", port,
            "--minutes", MINUTES,
            "--data", folder / "people.json",
            "--history",
            "--callback", callback,
        ]  # fmt: skip
        with child(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                _wait(process, port)
                yield _lines(port)
            finally:
                process.terminate()
                process.wait()


def application(port: int) -> dict:
    """What the fake's application is called, by its own code."""
    sys.path.insert(0, str(FAKES))
    try:
        from fake_dingtalk_app import App
    finally:
        sys.path.remove(str(FAKES))
    app = App()
    return {
        **vars(app),
        "oapi": f"http://127.0.0.1:{port}",
        "api": f"http://127.0.0.1:{port + 1}",
        "login": f"http://127.0.0.1:{port + 1}",
    }


def _connect(database: str, port: int, folder: Path, cluster: str) -> None:
    environment = {
        **server.environment(cluster),
        "DINGTALK_DEMO_APP": json.dumps(application(port)),
        "DINGTALK_DEMO_FOLDER": str(folder),
    }
    done = subprocess.run(
        server.command("shell", "-d", database, "--no-http", "--log-level", "warn"),
        input=(FAKES / "demo_company.py").read_text(encoding="utf-8"),
        env=environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (folder / "people.json").exists():
        raise Failure(f"The demo company cannot be connected:\n{done.stdout}{done.stderr}")


def _wait(process: subprocess.Popen, port: int) -> None:
    """Wait until the fake answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/__ctl",
        data=json.dumps({"do": "status"}).encode(),
        method="POST",
    )
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Failure(f"The fake DingTalk does not start; is port {port} or {port + 1} taken?")


def _lines(port: int) -> list[str]:
    return [
        "  DingTalk is a fake on this machine: test the connection in the messenger's settings,",
        "  read the people, look at the differences, then start it. What it does is told in",
        f"  tests/fakes/README.md; commands go to http://127.0.0.1:{port}/__ctl",
    ]
