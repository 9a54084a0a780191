"""What one run through an uploaded file gathers."""

from collections import Counter

from ..tools.import_rows import Problem, show_cell

#: Rows shown in the preview, and problems shown beside it; the file to correct has all.
PREVIEW_SIZE = 20
PROBLEM_SIZE = 200


class ImportRun:
    """One run through the file: its mapping, what was seen so far, what came out.

    Nothing in here grows with the file but the keys of the rows, by which a row that comes twice
    is found.

    :ivar problems: ``{row number: [Problem]}`` of the batch at hand
    :ivar seen: ``{key: number of the row that had it first}``
    :ivar cache: what a target keeps from batch to batch
    """

    def __init__(self, wizard, mapping, metrics):
        self.wizard = wizard
        self.company = wizard.company_id
        self.mapping = mapping
        self.metrics = metrics
        self.problems = {}
        self.seen = {}
        self.cache = {}
        self.counts = Counter()
        self.preview = []
        self.shown_problems = []
        self.report = None

    def refuse(self, row, header, value, message):
        """Leave the row out, for this reason."""
        problem = Problem(row.number, header, show_cell(value), message)
        self.problems.setdefault(row.number, []).append(problem)

    def keep(self, entries):
        """The entries whose rows were not refused."""
        return [entry for entry in entries if entry.number not in self.problems]

    def claim(self, row, key):
        """The number of the row that had this key before, or None for the first one."""
        first = self.seen.setdefault(key, row.number)
        return None if first == row.number else first

    def end_batch(self, rows, entries, describe, open_report):
        """Count the rows of a batch, keep the first for the preview, report the bad ones."""
        self.counts["rows"] += len(rows)
        self.counts["bad"] += len(self.problems)
        self.counts.update(entry.change for entry in entries)
        for entry in entries[: PREVIEW_SIZE - len(self.preview)]:
            self.preview.append((entry, describe(entry)))
        for row in rows:
            problems = self.problems.get(row.number)
            if problems:
                self.report = self.report or open_report()
                self.report.add(_report_cells(row, problems))
                room = PROBLEM_SIZE - len(self.shown_problems)
                self.shown_problems += problems[: max(room, 0)]
        self.problems = {}


def _report_cells(row, problems):
    texts = [
        f"{problem.header}: {problem.message}" if problem.header else problem.message
        for problem in problems
    ]
    return [*row.cells, row.number, " ".join(texts)]
