from datetime import timedelta

from odoo import api, models

#: Who asks whom for support, and whether it has been given.
SUPPORTS = (("wu.hao", "zheng.xue", False), ("he.ting", "feng.lei", True))
#: Days back of the reports, with visits and contacts.
REPORTS = ((0, 1, 3), (1, 0, 5), (3, 2, 2))


class HrPerformanceDemo(models.AbstractModel):
    """The salespeople's days: what they report, whom they ask for help, what HR may look at."""

    _inherit = "hr.performance.demo"

    @api.model
    def _run_sales_plans(self):
        result = super()._run_sales_plans()
        plan = self._ref("hr_performance_sales.plan_studio")
        running = plan.period_ids.sorted("date_from")[-1:]
        self._make_reports(running)
        self._make_supports()
        running._tell()
        for month in plan.period_ids - running:
            self.env["hr.performance.sales.watch"]._look(month)
        return result

    @api.model
    def _make_reports(self, period):
        """What everybody reported these days."""
        today = self.env.company._get_performance_today()
        needs, heard = self._get_texts("need"), self._get_texts("market")
        vals_list = []
        for result in period.result_ids:
            leads = self.env["crm.lead"].search(
                [("user_id", "=", result.employee_id.user_id.id), ("partner_id", "!=", False)],
                order="date_open desc, id desc",
                limit=len(REPORTS),
            )
            for lead, (ago, visits, contacts) in zip(leads, REPORTS, strict=False):
                vals_list.append(
                    {
                        "employee_id": result.employee_id.id,
                        "date": today - timedelta(days=ago),
                        "partner_id": lead.partner_id.id,
                        "visits": visits,
                        "contacts": contacts,
                        "note": next(needs),
                        "market_note": next(heard) if visits else False,
                    }
                )
        self.env["hr.performance.sales.report"].create(vals_list)

    @api.model
    def _make_supports(self):
        """One colleague is asked, another one has helped already."""
        for asker, supporter, given in SUPPORTS:
            user = self._get_user(asker)
            lead = self.env["crm.lead"].search(
                [("user_id", "=", user.id), ("won_status", "=", "pending")],
                order="expected_revenue desc, id desc",
                limit=1,
            )
            if not lead:
                continue  # the month has just begun
            support = (
                self.env["hr.performance.sales.support"]
                .with_user(user)
                .create(
                    {
                        "lead_id": lead.id,
                        "supporter_id": self._get_user(supporter).id,
                        "note": "客户还想看纪念册和短片的样品，能帮忙展示一下吗？",
                    }
                )
            )
            if given:
                support.with_user(support.supporter_id).action_done()
