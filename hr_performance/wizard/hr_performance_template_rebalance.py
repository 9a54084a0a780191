from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools import weights as weight_tools


class HrPerformanceTemplateRebalance(models.TransientModel):
    """Shows weights that total 100, in proportion to those typed, and applies them at a click."""

    _name = "hr.performance.template.rebalance"
    _description = "Rebalance Weights"

    template_id = fields.Many2one("hr.performance.template", required=True, ondelete="cascade")
    line_ids = fields.One2many(
        "hr.performance.template.rebalance.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    total = fields.Float(compute="_compute_total", digits=(6, 2))

    @api.depends("template_id")
    def _compute_line_ids(self):
        for wizard in self:
            proposal = wizard.template_id._get_rebalanced_weights()
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "template_line_id": line.id,
                            "current": line.weight,
                            "proposed": weight,
                            "keep": weight == line.weight,
                        }
                    )
                    for line, weight in proposal.items()
                ),
            ]

    @api.depends("line_ids.proposed")
    def _compute_total(self):
        for wizard in self:
            wizard.total = sum(wizard.line_ids.mapped("proposed"))

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """Kept weights stay, the others share what is left in proportion."""
        lines = {str(index): line for index, line in enumerate(self.line_ids)}
        keep = [key for key, line in lines.items() if line.keep]
        try:
            proposal = weight_tools.rebalance(
                {key: line.current for key, line in lines.items()}, keep=keep
            )
        except weight_tools.WeightError as error:
            return {
                "warning": {
                    "title": self.env._("These weights cannot be kept"),
                    "message": self.env._(
                        "Nothing is left for the other lines (%s). Keep fewer.", error.code
                    ),
                }
            }
        for key, line in lines.items():
            line.proposed = float(proposal[key])

    def action_apply(self):
        self.ensure_one()
        self.template_id.check_access("write")
        weights = {line.template_line_id: line.proposed for line in self.line_ids}
        if not weight_tools.check_total(weights.values()):
            raise UserError(self.env._("The weights total %s, not 100.", self.total))
        self.template_id._apply_weights(weights)
        return {"type": "ir.actions.act_window_close"}


class HrPerformanceTemplateRebalanceLine(models.TransientModel):
    _name = "hr.performance.template.rebalance.line"
    _description = "Rebalanced Weight"

    wizard_id = fields.Many2one(
        "hr.performance.template.rebalance", required=True, index=True, ondelete="cascade"
    )
    template_line_id = fields.Many2one(
        "hr.performance.template.line", required=True, ondelete="cascade", string="Metric"
    )
    current = fields.Float(digits=(6, 2), readonly=True)
    keep = fields.Boolean()
    proposed = fields.Float(digits=(6, 2))
