"""Reading Odoo's log: test results, and records that must not be there."""

import re
from dataclasses import dataclass, field

_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<database>\S+) "
    r"(?P<logger>[\w.]+): (?P<message>.*)"
)
_RESULT = re.compile(
    r"(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<tests>\d+) tests when loading"
)
_BAD_LEVELS = {"WARNING", "ERROR", "CRITICAL"}

IGNORED = (
    # (logger, message): what Odoo itself logs without any addon of this project.
    ("odoo.tests.result", r"\d+ failed, \d+ error\(s\) of \d+ tests"),
)
"""Records of level WARNING and above that are not held against a run."""


@dataclass
class LogReader:
    """Counts results and collects complaints, line by line."""

    tests: int = 0
    failed: int = 0
    finished: bool = False
    complaints: list[str] = field(default_factory=list)
    _inside: bool = False

    def feed(self, line: str) -> bool:
        """Take in one line; tell whether a person watching wants to see it."""
        record = _RECORD.match(line)
        if not record:
            # Continuation of the record before, such as a traceback.
            if self._inside:
                self.complaints[-1] += f"\n{line}"
            return self._inside
        self._inside = False
        if result := _RESULT.match(record["message"]):
            self.finished = True
            self.tests += int(result["tests"])
            self.failed += int(result["failed"]) + int(result["errors"])
        if record["level"] in _BAD_LEVELS and not _is_ignored(record):
            self._inside = True
            self.complaints.append(line)
        return (
            self._inside
            or bool(result)
            or record["message"].startswith("Starting Test")
        )


def _is_ignored(record: re.Match) -> bool:
    return any(
        record["logger"] == logger and re.match(pattern, record["message"])
        for logger, pattern in IGNORED
    )
