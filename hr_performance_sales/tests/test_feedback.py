from odoo.tests import tagged

from odoo.addons.hr_performance.tests.common import PerformanceCase


@tagged("post_install", "-at_install")
class TestSalesFeedback(PerformanceCase):
    def test_feedback_from_leads_and_orders(self):
        """Their menu names the salesperson."""
        seller = self.anna.user_id
        records = {
            "lead": self.env["crm.lead"].create({"name": "Wedding", "user_id": seller.id}),
            "order": self.env["sale.order"].create(
                {
                    "partner_id": self.env["res.partner"].create({"name": "Guest"}).id,
                    "user_id": seller.id,
                    "company_id": self.company.id,
                }
            ),
        }
        Entry = self.env["hr.performance.feedback.model"].with_context(
            allowed_company_ids=self.company.ids
        )
        for name, record in records.items():
            entry = self.env.ref(f"hr_performance_sales.feedback_model_{name}")
            self.assertEqual(entry.person_field_id.name, "user_id")
            self.assertEqual(entry.action_id.binding_model_id.model, record._name)
            context = Entry._give_feedback(record)["context"]
            self.assertEqual(context["default_employee_id"], self.anna.id)
            self.assertEqual(context["default_res_id"], record.id)
