from odoo import api, fields, models


class HrPerformanceTemplateBand(models.Model):
    """A half-open band: from ``lower`` up to, not including, the next band's lower bound."""

    _name = "hr.performance.template.band"
    _description = "Scoring Band"
    _order = "line_id, lower"

    line_id = fields.Many2one(
        "hr.performance.template.line", required=True, index=True, ondelete="cascade"
    )
    lower = fields.Float("From", digits=(16, 4), aggregator=None)
    share = fields.Float("Points (% of the weight)", digits=(6, 2), aggregator=None)

    _lower_unique = models.UniqueIndex(
        "(line_id, lower)", "Two bands of one line cannot start at the same value."
    )
    _share_positive = models.Constraint("CHECK (share >= 0)", "A band gives 0 % or more.")

    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        bands.line_id.template_id._check_not_used()
        return bands

    def write(self, vals):
        self.line_id.template_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        self.line_id.template_id._check_draft()
