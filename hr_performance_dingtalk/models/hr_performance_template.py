from odoo import api, fields, models
from odoo.exceptions import UserError


class HrPerformanceTemplate(models.Model):
    _inherit = "hr.performance.template"

    has_dingtalk_late_rule = fields.Boolean(compute="_compute_has_dingtalk_late_rule")

    @api.depends("rule_ids.metric_id")
    def _compute_has_dingtalk_late_rule(self):
        metric = self._get_dingtalk_late_rule().metric_id
        for template in self:
            template.has_dingtalk_late_rule = bool(metric & template.rule_ids.metric_id)

    def action_add_dingtalk_late_rule(self):
        """Copy the ready-made deduction by DingTalk's attendance into templates without it."""
        self.check_access("write")
        rule = self._get_dingtalk_late_rule()
        if not rule:
            raise UserError(
                self.env._("The ready-made deduction was deleted. Add a line to the rules instead.")
            )
        for template in self.filtered(lambda template: not template.has_dingtalk_late_rule):
            rule.copy({"template_id": template.id})
        return True

    @api.model
    def _get_dingtalk_late_rule(self):
        """The ready-made deduction; empty where somebody deleted it."""
        rule = self.env.ref("hr_performance_dingtalk.template_rule_late", False)
        return rule or self.env["hr.performance.template.rule"]
