from odoo import api, fields, models


class HrPerformanceDingtalkIndicatorValue(models.Model):
    """What DingTalk was told about an indicator in a period."""

    _name = "hr.performance.dingtalk.indicator.value"
    _description = "Indicator Value in DingTalk"
    _order = "date_from desc, id desc"
    _log_access = False

    indicator_id = fields.Many2one(
        "hr.performance.dingtalk.indicator", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="indicator_id.company_id", store=True, index=True)
    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, index=True, ondelete="cascade"
    )
    date_from = fields.Date(related="cycle_id.date_from", store=True)
    value = fields.Char(required=True)
    people = fields.Integer(aggregator=None)
    sent_on = fields.Datetime()

    _cycle_unique = models.UniqueIndex("(indicator_id, cycle_id)")

    @api.depends("indicator_id", "cycle_id")
    def _compute_display_name(self):
        for value in self:
            value.display_name = f"{value.indicator_id.name}: {value.cycle_id.display_name}"
