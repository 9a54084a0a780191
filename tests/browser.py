"""A headless Chromium driven over its debugging protocol, for pictures of a running server."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import requests
import websocket

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Seconds that a page may take; first pages build their assets.
PATIENCE = 120


class BrowserError(Exception):
    """The browser or the page did not do what was asked."""


class Browser:
    """One page in one headless Chromium; a context manager.

    Errors of scripts on the page are kept in ``errors``.
    """

    def __init__(self):
        self.errors = []
        self._folder = tempfile.mkdtemp(prefix="shots-")
        self._count = 0
        self._socket = None
        self._process = self._start()
        try:
            self._socket = websocket.create_connection(
                self._page_address(), timeout=PATIENCE, suppress_origin=True
            )
        except Exception:
            self.close()
            raise
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """End the browser and remove what it wrote."""
        if self._socket:
            self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, method: str, **parameters) -> dict:
        """Send one command and return its result."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._count:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._note(message)

    def run(self, script: str):
        """Return the JSON-like value of a script, waiting for it where it is a promise."""
        result = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise BrowserError(_describe(result["exceptionDetails"]))
        return result["result"].get("value")

    def size(self, width: int, height: int, *, scale: float = 1, mobile: bool = False):
        """Set the size of the page in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=mobile,
        )  # fmt: skip
        self.send("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def login(self, server: str, login: str, password: str):
        """Enter a session of a user of the Odoo at ``server``."""
        with open_session(server, login, password) as session:
            self.enter(server, session)

    def enter(self, server: str, session: requests.Session):
        """Browse in a session that was opened before."""
        self.send("Network.clearBrowserCookies")
        self.send(
            "Network.setCookie", name="session_id", value=session.cookies["session_id"], url=server
        )

    def open(self, address: str, ready: str):
        """Open an address and wait until ``ready``, a CSS selector, matches something."""
        self.send("Page.navigate", url=address)
        self.wait(ready)

    def wait(self, selector: str, seconds: float = PATIENCE):
        """Wait until a CSS selector matches and nothing is loaded any more."""
        condition = f"!!document.querySelector({json.dumps(selector)})"
        condition += " && document.readyState == 'complete'"
        condition += " && !document.querySelector('.o_loading_indicator, .o_blockUI')"
        self.wait_until(condition, seconds)

    def wait_until(self, condition: str, seconds: float = PATIENCE):
        """Wait until a script is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(condition):
                    return
            except BrowserError:
                pass  # the page is being replaced
            time.sleep(0.2)
        raise BrowserError(f"waited {seconds} s in vain for {condition}\n{self.errors}")

    def click(self, selector: str):
        """Click the first element that a CSS selector matches."""
        self.wait(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def picture(self, file: Path, *, whole: bool = False):
        """Write a PNG of what is visible, or of the whole page."""
        options = {}
        if whole:
            box = self.send("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {**box, "scale": 1}
            options["captureBeyondViewport"] = True
        # Fonts and transitions come to rest.
        self.run("document.fonts.ready.then(() => new Promise((r) => setTimeout(r, 600)))")
        data = self.send("Page.captureScreenshot", format="png", **options)["data"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(data))

    def _start(self) -> subprocess.Popen:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if not program:
            raise BrowserError(f"None of {', '.join(PROGRAMS)} is installed.")
        return subprocess.Popen(
            [
                program,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--hide-scrollbars", "--no-first-run", "--mute-audio", "--disable-extensions",
                "--remote-debugging-port=0", "--remote-debugging-address=127.0.0.1",
                f"--user-data-dir={self._folder}", "about:blank",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _page_address(self) -> str:
        """The address of the one page, which the browser writes down when it is ready."""
        note = Path(self._folder) / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise BrowserError("The browser ended at once.")
            if note.is_file() and (lines := note.read_text().split()):
                pages = requests.get(f"http://127.0.0.1:{lines[0]}/json", timeout=10).json()
                for page in pages:
                    if page["type"] == "page":
                        return page["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise BrowserError("The browser does not answer.")

    def _note(self, event: dict):
        if event["method"] == "Runtime.exceptionThrown":
            self.errors.append(_describe(event["params"]["exceptionDetails"]))
        elif event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] == "error":
            values = [str(a.get("value", a.get("description"))) for a in event["params"]["args"]]
            self.errors.append(" ".join(values))


def open_session(server: str, login: str, password: str) -> requests.Session:
    """Log a user in at the Odoo at ``server``."""
    session = requests.Session()
    page = session.get(f"{server}/web/login", timeout=PATIENCE)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    form = {"login": login, "password": password, "csrf_token": token[1] if token else ""}
    answer = session.post(f"{server}/web/login", data=form, timeout=PATIENCE)
    if "/web/login" in answer.url:
        raise BrowserError(f"{login} cannot log in at {server}")
    return session


def _describe(details: dict) -> str:
    exception = details.get("exception", {})
    return exception.get("description") or details.get("text", "")
