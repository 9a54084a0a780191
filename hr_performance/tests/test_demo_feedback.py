from odoo.tests import freeze_time, tagged

from .test_demo import TODAY, DemoCase

PLANS = ("缩短拍摄等待时间", "让客户更满意", "学会独立接待与报价")


@tagged("post_install", "-at_install")
class TestDemoFeedback(DemoCase):
    """What the demo company tells of feedback and plans; made twice, it is there once."""

    def test_plans_of_the_studio(self):
        with freeze_time(TODAY):
            self.load("cycle")
            self._check()
            self.env["hr.performance.demo"]._load()
            self._check()

    def _check(self):
        plans = self.env["hr.performance.plan"].search([("company_id", "=", self.company.id)])
        # interviews of the studio agree on plans of their own
        plans = plans.filtered(lambda plan: plan.name in PLANS)
        self.assertEqual(sorted(plans.mapped("name")), sorted(PLANS))
        by_login = {plan.employee_id.user_id.login: plan for plan in plans}
        running, worked = by_login["zhang.wei"], by_login["li.na"]
        self.assertRecordValues(
            running, [{"state": "running", "before": 3.8, "now": 4.3, "target": 4.5}]
        )
        self.assertTrue(running.feedback_id.reply)
        self.assertTrue(running.step_ids.checkin_ids)
        self.assertRecordValues(
            worked, [{"state": "recovered", "before": 3.8, "now": 4.5, "target": 4.5}]
        )
        story = worked.checkpoint_ids.filtered(lambda p: p.metric_id == worked.metric_id)
        self.assertEqual(story.sorted("date_from").mapped("value"), [3.8, 4.3, 4.5])
        self.assertEqual(len(worked.chart["series"]), 2)
        self.assertEqual(by_login["sun.li"].kind, "development")
        requests = self.env["hr.performance.feedback.request"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(sorted(requests.mapped("state")), ["answered", "asked"])
