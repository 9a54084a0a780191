from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tests.properties import properties

from ..tools.ledger import Booked, Entry, Part, get_changes

D = Decimal
START = datetime(2026, 3, 10, 2)
amounts = st.integers(-500, 500).map(lambda n: (D(n), D(n) * 2, D(0)))
parts = st.dictionaries(st.integers(1, 3), amounts, min_size=1, max_size=3)
#: What documents say at one moment: for each line, who has which part of it.
moments = st.dictionaries(st.sampled_from("abc"), parts, max_size=3)


class Ledger:
    """Rows as the database keeps them, filled by ``get_changes``."""

    def __init__(self):
        self.rows = []
        self.now = START

    def follow(self, said):
        """Bring the ledger in line with what the documents say; the rows that were added."""
        self.now += timedelta(days=7)
        entries = [
            Entry(line, self.now, "won", [Part(user, D(50), paid) for user, paid in who.items()])
            for line, who in said.items()
        ]
        changes = get_changes(entries, self.rows, self.now)
        for change in changes:
            self.rows.append(
                Booked(
                    len(self.rows) + 1,
                    change.line,
                    change.user,
                    change.date,
                    change.share,
                    change.amounts,
                )
            )
        return changes

    def totals(self):
        found = defaultdict(lambda: (D(0),) * 3)
        for row in self.rows:
            key = (row.line, row.user)
            found[key] = tuple(a + b for a, b in zip(found[key], row.amounts, strict=True))
        return {key: paid for key, paid in found.items() if any(paid)}


class TestToolsLedger(BaseCase):
    @properties
    @given(st.lists(moments, max_size=6))
    def test_the_ledger_says_what_the_documents_say(self, history):
        ledger = Ledger()
        for said in history:
            ledger.follow(said)
            expected = {
                (line, user): paid
                for line, who in said.items()
                for user, paid in who.items()
                if any(paid)
            }
            self.assertEqual(ledger.totals(), expected)
            self.assertEqual(ledger.follow(said), [], "following again adds nothing")

    @properties
    @given(st.lists(moments, max_size=6))
    def test_rows_are_numbered_without_gap(self, history):
        ledger, counts = Ledger(), defaultdict(int)
        for said in history:
            for change in ledger.follow(said):
                counts[change.line, change.user] += 1
                self.assertEqual(change.number, counts[change.line, change.user])

    def test_dates(self):
        """Corrections count on the day of the original, taking back when it happens."""
        ledger = Ledger()

        def follow(**said):
            lines = {line: {1: (D(paid), D(paid), D(0))} for line, paid in said.items()}
            return [(c.amounts[0], (c.date - START).days, c.cause) for c in ledger.follow(lines)]

        self.assertEqual(follow(a=100), [(100, 7, "won")])
        self.assertEqual(follow(a=80), [(-20, 7, "changed")])
        self.assertEqual(follow(), [(-80, 21, "reversed")])
        self.assertEqual(follow(a=90), [(90, 28, "won")])
        self.assertEqual(follow(a=95), [(5, 28, "changed")])

    def test_a_refund_names_what_it_takes_back(self):
        booked = [Booked(7, "order", 1, START, D(100), (D(100),) * 3)]
        whole = [Part(1, D(100), (D(100),) * 3)]
        back = [Part(1, D(100), (D(-100),) * 3)]
        entries = [
            Entry("order", START, "ordered", whole),
            Entry("note", START, "refunded", back, origin="order"),
        ]
        (change,) = get_changes(entries, booked, START)
        self.assertEqual((change.cause, change.cause_id), ("refunded", 7))
