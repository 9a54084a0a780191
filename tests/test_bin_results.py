"""Counting results from Odoo's log."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from devkit.log import LogReader
from devkit.odoo_process import Result
from devkit.odoo_tests import Outcome, _judge
from devkit.suite import report

HEAD = "2026-01-31 10:00:00,123 4711"
TEST = "odoo.addons.hr_performance.tests.test_review"
TOTAL = f"{HEAD} {{}} db odoo.tests.result: {{}} failed, {{}} error(s) of {{}} tests when loading"


def read(*lines: str) -> LogReader:
    reader = LogReader()
    for line in lines:
        reader.feed(line)
    return reader


def judge(reader: LogReader, status: int = 0, *, tests: bool = True) -> Outcome:
    return _judge("some run", Result(status, reader, "run.log"), tests, 1.0)


def test_all_passed():
    reader = read(
        f"{HEAD} INFO db {TEST}: Starting TestReview.test_total ... ",
        TOTAL.format("INFO", 0, 0, 12) + " database 'db'",
    )
    assert judge(reader) == Outcome("some run", 12, 0, 1.0)
    assert reader.started == {"/hr_performance:TestReview.test_total"}


def test_a_failed_test_counts_once():
    reader = read(
        f"{HEAD} ERROR db {TEST}: FAIL: TestReview.test_total",
        "Traceback (most recent call last):",
        "AssertionError: 1 != 2",
        f"{HEAD} ERROR db odoo.modules.loading: Module x: 1 failures, 0 errors of 12 tests",
        TOTAL.format("ERROR", 1, 0, 12) + " database 'db'",
    )
    assert judge(reader, status=1) == Outcome("some run", 11, 1, 1.0)
    assert reader.failures[0].endswith("AssertionError: 1 != 2")
    assert reader.failed_tests == {"/hr_performance:TestReview.test_total"}


def test_a_failed_subtest():
    reader = read(f"{HEAD} ERROR db {TEST}: FAIL: Subtest TestReview.test_total (weight=3)")
    assert reader.failed_tests == {"/hr_performance:TestReview.test_total"}


def test_more_failed_subtests_than_tests():
    outcome = judge(read(TOTAL.format("ERROR", 3, 0, 2) + " database 'db'"), status=1)
    assert (outcome.passed, outcome.failed) == (0, 3)


def test_a_warning_fails_the_run():
    reader = read(
        f"{HEAD} WARNING db odoo.fields: Field x: unknown parameter",
        f"{HEAD} INFO db odoo.modules: fine",
        TOTAL.format("INFO", 0, 0, 12) + " database 'db'",
    )
    assert judge(reader) == Outcome("some run", 12, 1, 1.0)


def test_a_run_that_never_ended_fails():
    reader = read(f"{HEAD} INFO db {TEST}: Starting TestReview.test_total ... ")
    assert judge(reader, status=-9).failed == 1


def test_an_installation_without_tests():
    assert judge(read(), tests=False) == Outcome("some run", 1, 0, 1.0)
    assert judge(read(), status=1, tests=False) == Outcome("some run", 0, 1, 1.0)


def test_total_is_the_last_line(capsys):
    assert report([Outcome("a", 3, 0), Outcome("b", 4, 0)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed"
    assert report([Outcome("a", 3, 0), Outcome("b", 4, 1)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 1 failed"


def test_nothing_run_is_no_success():
    assert report([]) == 1


def test_termination_ends_the_children(root):
    """Ended by a signal, a run takes its processes along and cleans up."""
    script = (
        "import sys; from devkit import shell\n"
        "shell.end_children_when_terminated()\n"
        "with shell.child(['sleep', '600']) as process:\n"
        "    try:\n"
        "        print(process.pid, flush=True)\n"
        "        process.wait()\n"
        "    except KeyboardInterrupt: print('cleaning up after', process.wait())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(root / "bin" / "lib")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        child = int(process.stdout.readline())
        process.terminate()
        assert process.communicate(timeout=20)[0] == f"cleaning up after {-signal.SIGTERM}\n"
    assert not Path(f"/proc/{child}").exists()
