from odoo import models
from odoo.exceptions import UserError


class HrPerformanceSalesPeriod(models.Model):
    _inherit = "hr.performance.sales.period"

    def action_look(self):
        """Look for what HR may want to look at, and show it."""
        self.ensure_one()
        self.check_access("write")
        self._check_hr()
        if self.is_pilot:
            raise UserError(self.env._("A pilot pays nothing."))
        if self.date_to >= self.company_id._get_performance_today():
            raise UserError(self.env._("Look at a period after its last day."))
        self.env["hr.performance.sales.watch"]._look(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance_sales.hr_performance_sales_watch_action"
        )
        return dict(action, domain=[("period_id", "=", self.id)], context={})
