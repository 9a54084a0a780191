from datetime import date

from odoo.fields import Command
from odoo.tests import tagged, warmup

from .common import MARCH, SalesCase


@tagged("post_install", "-at_install")
class TestQueries(SalesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.env["res.users"].create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"perf_seller_{number}",
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                }
                for number in range(100)
            ]
        )
        cls.crowd = cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "date_version": date(2020, 1, 1),
                }
                for user in users
            ]
        )
        metrics = cls.env["hr.performance.metric"].search([("source", "=", "model")])
        cls.metrics = metrics.filtered(
            lambda m: (
                m.get_external_id()[m.id].startswith("hr_performance_sales.")
                and not m.parameter_path
            )
        )

    def _count_queries(self, employees):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.metrics._measure(employees, *MARCH)
        return self.cr.sql_log_count - before

    @warmup
    def test_as_many_queries_for_10_as_for_100(self):
        self.assertEqual(len(self.metrics), 13)
        self._count_queries(self.crowd[:10])  # fills the caches
        few = self._count_queries(self.crowd[:10])
        many = self._count_queries(self.crowd)
        self.assertEqual(few, many)
        self.assertLess(few, 6 * len(self.metrics))

    def test_index_of_closed_leads(self):
        """The index that the won amount of a month rests on; core has none on the closing date."""
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s",
            ("crm_lead_performance_closed_idx",),
        )
        ((definition,),) = self.env.cr.fetchall()
        self.assertIn("(won_status, date_closed) INCLUDE", definition)
        self.assertIn("WHERE (date_closed IS NOT NULL)", definition)
