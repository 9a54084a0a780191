"""Reading Odoo's log: test results, and records that must not be there."""

import re
from dataclasses import dataclass, field

_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<database>\S+) "
    r"(?P<logger>\S+): (?P<message>.*)"
)
_RESULT = re.compile(
    r"(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<tests>\d+) tests when loading"
)
_STARTING = re.compile(r"Starting (?P<test>\w+\.\w+) \.\.\.")
_FAILED_TEST = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(?P<test>[\w.]+)")
# Totals, which repeat what the failed tests have said themselves.
_TOTAL = re.compile(
    r"Module \w+: \d+ failures, \d+ errors of \d+ tests|At least one test failed when loading"
)
_BAD_LEVELS = {"WARNING", "ERROR", "CRITICAL"}

IGNORED: tuple[tuple[str, str], ...] = ()
"""Logger and start of message (regular expressions) of records of level WARNING and
above that are not held against a run: what Odoo logs without any addon of ours."""


@dataclass
class LogReader:
    """Counts results and collects complaints, line by line."""

    tests: int = 0
    failed: int = 0
    finished: bool = False
    started: set[str] = field(default_factory=set)
    """Test tags of the tests that ran."""
    failed_tests: set[str] = field(default_factory=set)
    """The same for those that failed."""
    failures: list[str] = field(default_factory=list)
    """Failed tests, each with its traceback."""
    complaints: list[str] = field(default_factory=list)
    """Other records of level WARNING and above, each with what follows it."""
    _open: list[str] | None = None

    def feed(self, line: str) -> bool:
        """Take in one line; tell whether a person watching wants to see it."""
        record = _RECORD.match(line)
        if not record:
            # The continuation of the record before, such as a traceback.
            if self._open is not None:
                self._open[-1] += f"\n{line}"
            return self._open is not None
        self._open = self._list_for(record)
        if self._open is not None:
            self._open.append(line)
        return self._take_result(record) or self._open is not None

    def _list_for(self, record: re.Match) -> list[str] | None:
        message = record["message"]
        if record["level"] not in _BAD_LEVELS or _RESULT.match(message) or _TOTAL.match(message):
            return None
        if failed := _FAILED_TEST.match(message):
            self.failed_tests.add(_tag(record, failed))
            return self.failures
        if record["level"] == "ERROR" and record["logger"].endswith(".browser"):
            # The console of a browser; its test fails for it.
            return self.failures
        if any(
            re.match(logger, record["logger"]) and re.match(text, message)
            for logger, text in IGNORED
        ):
            return None
        return self.complaints

    def _take_result(self, record: re.Match) -> bool:
        if result := _RESULT.match(record["message"]):
            self.finished = True
            self.tests += int(result["tests"])
            self.failed += int(result["failed"]) + int(result["errors"])
        starting = _STARTING.match(record["message"])
        if starting:
            self.started.add(_tag(record, starting))
        return bool(result or starting)


def _tag(record: re.Match, test: re.Match) -> str:
    """Return the test tag that selects one test, such as ``/hr:TestX.test_y``."""
    module = re.sub(r"^odoo\.addons\.(\w+).*", r"\1", record["logger"])
    return f"/{module}:{test['test']}"
