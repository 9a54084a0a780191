"""Pictures of the demo database for the documentation, in English and in Chinese.

``make shots`` brings the demo database up to date, serves it for itself and writes
``docs/images/<picture>.<language>.png``. ``bin/dev python tests/shots.py --server http://…``
uses a server that runs already; with ``--dingtalk`` one of ``make demo DINGTALK=1``, for the
pictures of its connection. The people of the demo company are those of ``demo_logins.txt``.
"""

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
from browser import PATIENCE, Browser, BrowserError, open_session

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images"
LANGUAGES = {"en": "en_US", "zh": "zh_CN"}
DESKTOP = {"width": 1366, "height": 850}
PHONE = {"width": 360, "height": 1180, "scale": 2, "mobile": True}
ADMINISTRATOR = ("admin", "admin")
#: What a page must show before its picture is taken.
BOARD = ".o_kanban_record"
OWN_PAGE = ".o_performance_page"
RUNNING = ["waiting", "running"]
DEAL = ".o_my_sales_lead input"


class Shots:
    """Takes the pictures from one server."""

    def __init__(self, server: str, target: Path, *, dingtalk: bool = False):
        self.server, self.target, self.dingtalk = server, target, dingtalk
        self.people = {**read_people(), "administrator": ADMINISTRATOR}
        self.taken = []

    def take_all(self):
        """Take every picture in every language; the people get their own language back."""
        with serving_reports(self.server), Browser() as browser:
            for short, code in LANGUAGES.items():
                for role, takers in self._plan().items():
                    login, password = self.people[role]
                    session = Session(self.server, login, password)
                    with session.speaking(code):
                        browser.enter(self.server, session.http)
                        for name, take in takers.items():
                            take(browser, session, self.target / f"{name}.{short}.png")
            if browser.errors:
                raise BrowserError("\n".join(browser.errors))

    def _plan(self):
        if self.dingtalk:
            return {
                "administrator": {
                    "dingtalk-connection": self.take_connection,
                    "dingtalk-people": self.take_outside_people,
                    "dingtalk-log": self.take_log,
                    "phone-dingtalk-people": self.take_outside_people_on_phone,
                }
            }
        return {
            "hr_manager": {"cycle": self.take_cycle},
            "department_manager": {
                "manager-kanban": self.take_board,
                "review-explanation": self.take_explanation,
                "phone-team": self.take_phone_team,
                "phone-score": self.take_phone_score,
            },
            "employee": {
                "employee-page": self.take_own_page,
                "report": self.take_report,
                "phone-home": self.take_phone_home,
                "phone-review": self.take_phone_review,
            },
            "salesperson": {
                "leaderboard": self.take_leaderboard,
                "my-sales": self.take_my_sales,
                "phone-leaderboard": self.take_phone_leaderboard,
                "phone-sales": self.take_phone_sales,
            },
        }

    def take_cycle(self, browser, session, file):
        cycle = session.search(
            "hr.performance.cycle", [("state", "=", "open")], "date_from desc"
        ) or session.search("hr.performance.cycle", [], "date_from desc")
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/performance-cycles/{cycle}", ".o_form_view .o_list_table")
        self._keep(browser, file)

    def take_board(self, browser, session, file):
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/performance-team", BOARD)
        self._keep(browser, file)

    def take_explanation(self, browser, session, file):
        """A review with the explanation of a line that is measured but below its target."""
        line = session.search(
            "hr.performance.review.line",
            [
                ("has_manager_access", "=", True),
                ("kind", "=", "metric"),
                ("sample", ">", 1),
                ("scored", "=", True),
                ("share", "<", 100),
                ("review_state", "in", ["manager", "ready", "published", "progress"]),
            ],
            "share desc, id desc",
        )
        (row,) = session.call(
            "hr.performance.review.line", "read", [line], fields=["review_id", "name"]
        )
        browser.size(**DESKTOP)
        browser.open(
            f"{self.server}/odoo/performance-team/{row['review_id'][0]}",
            "button[name=action_open]",
        )
        browser.run(
            "[...document.querySelectorAll('.o_data_row')].find((row) =>"
            f" row.textContent.includes({row['name']!r}))"
            ".querySelector('button[name=action_open]').click()"
        )
        browser.wait(".modal .o_performance_steps")
        self._keep(browser, file)

    def take_own_page(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/odoo/my-performance", OWN_PAGE)
        browser.run("document.querySelector('.o_performance_line_head')?.click()")
        self._keep(browser, file)

    def take_phone_home(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance", "main .card")
        self._keep(browser, file)

    def take_phone_review(self, browser, session, file):
        """A running review on the phone, one line of it explained."""
        review = session.search(
            "hr.performance.review",
            [("is_own", "=", True), ("state", "not in", ["closed", "cancelled"])],
            "date_to desc",
        )
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance/review/{review}", "main .line-head")
        browser.run("document.querySelectorAll('.line-foot ~ details')[0].open = true")
        self._keep(browser, file)

    def take_phone_team(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance/team", "main .row")
        self._keep(browser, file)

    def take_phone_score(self, browser, session, file):
        """A review that the manager scores; where none waits, one that is out."""
        team = ("has_manager_access", "=", True)
        review = session.search(
            "hr.performance.review", [team, ("state", "=", "manager")], "id"
        ) or session.search("hr.performance.review", [team], "date_to desc")
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance/review/{review}", "main .line-head")
        self._keep(browser, file)

    def take_leaderboard(self, browser, session, file):
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/sales-leaderboard", ".o_board_bar")
        self._keep(browser, file)

    def take_my_sales(self, browser, session, file):
        """The salesperson's day, with the answer to "if these two close"."""
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/my-sales", DEAL)
        browser.run(f"[...document.querySelectorAll('{DEAL}')].slice(0, 2).map(e => e.click())")
        browser.wait(".o_my_sales_text")
        self._keep(browser, file)

    def take_phone_leaderboard(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance/leaderboard", "main .card")
        self._keep(browser, file)

    def take_phone_sales(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/performance/sales", "main .card")
        self._keep(browser, file)

    def take_connection(self, browser, session, file):
        """The connection with its guide, after the administrator has followed it."""
        model = "hr.performance.im.connection"
        connection = session.search(model, [], "id")
        if session.search(model, [("state", "!=", "live")], "id"):
            session.call(model, "action_test", [connection])
            for button in ("action_read_people", "action_accept_differences", "action_start"):
                session.call(model, button, [connection])
                wait_for_runs(session)
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/performance-messengers/{connection}", ".o_form_view")
        self._keep(browser, file)

    def take_outside_people(self, browser, session, file):
        """Who is who: people of DingTalk and employees."""
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/performance-people", ".o_data_row")
        self._keep(browser, file)

    def take_outside_people_on_phone(self, browser, session, file):
        browser.size(**PHONE)
        browser.open(f"{self.server}/odoo/performance-people", ".o_kanban_record")
        self._keep(browser, file)

    def take_log(self, browser, session, file):
        browser.size(**DESKTOP)
        browser.open(f"{self.server}/odoo/performance-runs", ".o_data_row")
        self._keep(browser, file)

    def take_report(self, browser, session, file):
        """The first page of the PDF; where no program shows PDF files, the same page as HTML."""
        review = session.search(
            "hr.performance.review",
            [("is_own", "=", True), ("state", "in", ["published", "closed"])],
            "date_to desc",
        )
        report = f"hr_performance.report_review/{review}"
        if shutil.which("pdftoppm"):
            answer = session.http.get(f"{self.server}/report/pdf/{report}", timeout=PATIENCE)
            answer.raise_for_status()
            draw_first_page(answer.content, file)
            self.taken.append(file)
        else:
            browser.size(width=794, height=1123)
            browser.open(f"{self.server}/report/html/{report}", ".page")
            self._keep(browser, file)

    def _keep(self, browser, file):
        browser.picture(file)
        self.taken.append(file)


class Session:
    """A user's session over HTTP."""

    def __init__(self, server: str, login: str, password: str):
        self.server, self.login, self.password = server, login, password
        self._open()

    def call(self, model: str, method: str, arguments, **options):
        """Call a method of a model with the rights of the user."""
        options["context"] = {**self.context, **options.get("context", {})}
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": arguments, "kwargs": options},
        )

    def search(self, model: str, domain, order: str) -> int:
        """Return the id of the first record found, 0 when there is none."""
        found = self.call(model, "search", [domain], order=order, limit=1)
        return found[0] if found else 0

    @contextlib.contextmanager
    def speaking(self, language: str):
        """Let the user read ``language`` for a while."""
        before = self.context["lang"]
        self._set_language(language)
        try:
            yield
        finally:
            self._set_language(before)

    def _set_language(self, language):
        self.call("res.users", "write", [[self.uid], {"lang": language}])
        # A session keeps the language that it began with.
        self._open()

    def _open(self):
        self.http = open_session(self.server, self.login, self.password)
        info = self._post("/web/session/get_session_info")
        self.uid, self.context, self.database = info["uid"], info["user_context"], info["db"]

    def _post(self, path, parameters=None):
        answer = self.http.post(
            self.server + path,
            json={"jsonrpc": "2.0", "params": parameters or {}},
            timeout=PATIENCE,
        )
        content = answer.json()
        if "error" in content:
            raise BrowserError(content["error"]["data"]["message"])
        return content["result"]


def wait_for_runs(session):
    """Wait until the scheduled job has done what was asked of it."""
    deadline = time.monotonic() + 180
    while session.search("hr.performance.im.run", [("state", "in", RUNNING)], "id"):
        if time.monotonic() > deadline:
            raise BrowserError("the runs do not end")
        time.sleep(1)


def read_people() -> dict:
    """Return ``{role: (login, password)}`` of the demo company."""
    lines = (ROOT / "tests" / "demo_logins.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {role: (login, password) for role, login, password in rows}


def draw_first_page(pdf: bytes, file: Path):
    """Write the first page of a PDF file as a picture."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.pdf"
        source.write_bytes(pdf)
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["pdftoppm", "-png", "-r", "80", "-singlefile", source, file.with_suffix("")],
            check=True,
        )


@contextlib.contextmanager
def serving_reports(server: str):
    """Let PDF files find their styles at this server while the pictures are taken."""

    def call(service, method, *arguments):
        content = requests.post(
            f"{server}/jsonrpc",
            json={"params": {"service": service, "method": method, "args": arguments}},
            timeout=PATIENCE,
        ).json()
        if "error" in content:
            raise BrowserError(content["error"]["data"]["message"])
        return content["result"]

    # Not by the login form: that changes the address before it can be read.
    database = Session(server, *read_people()["employee"]).database
    login, password = ADMINISTRATOR
    uid = call("common", "authenticate", database, login, password, {})

    def parameter(method, *arguments):
        target = (database, uid, password, "ir.config_parameter", method, arguments)
        return call("object", "execute_kw", *target)

    before = parameter("get_param", "web.base.url")
    parameter("set_param", "web.base.url", server)
    try:
        yield
    finally:
        parameter("set_param", "web.base.url", before)


@contextlib.contextmanager
def demo_server():
    """Serve the demo database, brought up to date, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [ROOT / "bin" / "dev", "demo", "--port", str(port)],
        env=get_user_environment(),
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait()


def get_user_environment() -> dict:
    """Return the environment without what ``bin/dev python`` adds for the test databases."""
    from devkit import settings

    added = {"PYTHONPATH", "PYTHONNOUSERSITE"}
    if os.environ.get("PGHOST", "").startswith(str(settings.CACHE)):
        added |= {"PGHOST", "PGPORT", "PGUSER"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in added and not name.startswith("ODOO_")
    }


def wait_for(address: str, process: subprocess.Popen):
    """Wait until the server answers; a demo database that is made first takes its time."""
    while process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{address}/web/login", timeout=PATIENCE).ok:
                return
        time.sleep(0.3)
    raise BrowserError("The server did not start.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", help="address of a running demo server")
    parser.add_argument("--dingtalk", action="store_true", help="the pictures of DingTalk alone")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder of the pictures")
    options = parser.parse_args()
    running = contextlib.nullcontext(options.server) if options.server else demo_server()
    with running as server:
        shots = Shots(server, options.target, dingtalk=options.dingtalk)
        try:
            shots.take_all()
        except (BrowserError, requests.RequestException) as error:
            print(f"shots: {error}", file=sys.stderr)
            return 1
    for file in shots.taken:
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
