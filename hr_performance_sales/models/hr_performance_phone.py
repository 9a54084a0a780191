from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_phone import Tab, Task

#: Reports of oneself that are shown below the form.
RECENT = 10
#: Customers that are offered in the form.
CUSTOMERS = 100


class HrPerformancePhone(models.AbstractModel):
    """The salesperson's tab, for whom a plan pays, and support that he is asked for."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tabs(self):
        tabs = super()._get_tabs()
        if self.env["hr.performance.sales.day"]._get_running_results():
            tabs.append(Tab(15, "sales", self.env._("My sales"), "/performance/sales", "money"))
        return tabs

    @api.model
    def _get_tasks(self):
        supports = self.env["hr.performance.sales.support"].search(
            [("supporter_id", "=", self.env.uid), ("state", "=", "asked")]
        )
        return super()._get_tasks() + [
            Task(
                self.env._("Support %s", words["asker"]),
                f"/performance/sales/support/{support.id}",
                words["opportunity"],
                # sudo: the day until which he was asked
                support.sudo().activity_id.date_deadline or None,
                "team",
            )
            for support in supports
            for words in [support._get_words()]
        ]


class HrPerformanceSalesDay(models.AbstractModel):
    _inherit = "hr.performance.sales.day"

    @api.model
    def _get_report_values(self):
        """What the form of a report needs, and the latest reports of the user."""
        Report = self.env["hr.performance.sales.report"]
        reports = Report.search([("is_own", "=", True)], limit=RECENT)
        today = self.env.company._get_performance_today()
        return {
            "today": today.isoformat(),
            "customers": [("", "–"), *((p.id, p.display_name) for p in self._get_customers())],
            "reports": [report._get_page_values() for report in reports],
        }

    @api.model
    def _get_customers(self):
        """Customers of the user's opportunities and reports, those of the latest first."""
        reports = self.env["hr.performance.sales.report"].search(
            [("is_own", "=", True)], limit=CUSTOMERS
        )
        partners = reports.partner_id
        if self.env["crm.lead"].has_access("read"):
            leads = self.env["crm.lead"].search(
                [("user_id", "=", self.env.uid), ("partner_id", "!=", False)],
                order="write_date desc, id desc",
                limit=CUSTOMERS,
            )
            partners = leads.partner_id | partners
        return partners[:CUSTOMERS]

    @api.model
    def _get_support_values(self, lead):
        """An opportunity, whom its owner can ask, and whom he has asked."""
        Support = self.env["hr.performance.sales.support"]
        may_ask = lead.user_id == self.env.user and lead.won_status == "pending"
        supporters = Support._get_supporters() if may_ask else self.env["res.users"]
        supports = Support.search([("lead_id", "=", lead.id)])
        return {
            "lead": {
                "name": lead.name,
                "customer": lead.partner_id.display_name or lead.contact_name or "",
                "stage": lead.stage_id.name or "",
            },
            "may_ask": may_ask,
            "supporters": [("", "–"), *((user.id, user.name) for user in supporters)],
            "supports": [support._get_page_values() for support in supports],
        }
