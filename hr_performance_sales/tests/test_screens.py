from odoo.tests import tagged

from .common import SalesCase

FACTS = ("contact", "handling", "response", "purchase", "booking")


@tagged("post_install", "-at_install")
class TestScreens(SalesCase):
    """Each list, pivot and grouping of the rows behind the numbers can be opened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lead = cls._create_lead(cls.anna, "2026-03-02 09:00")
        cls._post(lead, cls.anna, "2026-03-03 10:00", "Wants an album")
        cls._win(lead, "2026-03-10 10:00", 100)
        cls._create_order(cls.anna, "2026-03-10 10:00")

    def test_views(self):
        for name in FACTS:
            model = f"hr.performance.sales.{name}"
            action = self.env["ir.actions.act_window"]._for_xml_id(
                f"hr_performance_sales.{model.replace('.', '_')}_action"
            )
            self.assertEqual(action["res_model"], model)
            Fact = self.env[model].with_user(self.auditor)
            kinds = [(False, kind) for kind in (*action["view_mode"].split(","), "search")]
            views = Fact.get_views(kinds)["views"]
            fields = Fact.fields_get()
            self.assertEqual(set(views), {"list", "pivot", "form", "search"})
            self.assertTrue(Fact.search([]).read(list(fields)), name)

    def test_groupings(self):
        for name in FACTS:
            Fact = self.env[f"hr.performance.sales.{name}"].with_user(self.auditor)
            for field in Fact._fields.values():
                if field.store and field.type in ("many2one", "selection", "boolean"):
                    groups = Fact.formatted_read_group([], [field.name], ["__count"])
                    self.assertEqual(
                        sum(group["__count"] for group in groups), Fact.search_count([]), field
                    )
            months = Fact.formatted_read_group([], ["date:month"], ["__count"])
            self.assertTrue(months)

    def test_names(self):
        for name, expected in (
            ("contact", "A lead"),
            ("handling", "A lead"),
            ("response", "A lead"),
            ("purchase", "S"),
            ("booking", "S"),
        ):
            row = self.env[f"hr.performance.sales.{name}"].search(
                [("user_id", "=", self.anna.user_id.id)], limit=1
            )
            self.assertTrue(row.display_name.startswith(expected), row.display_name)
            found = row.name_search(self.customer.name)
            self.assertIn(row.id, [id_ for id_, _name in found])
