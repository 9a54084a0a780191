from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HrPerformanceTemplateRule(models.Model):
    """A deduction or bonus without a weight, such as: more than 3 late arrivals, minus 10 %."""

    _name = "hr.performance.template.rule"
    _description = "Deduction or Bonus Rule"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "hr.performance.template",
        index=True,
        ondelete="cascade",
        help="Empty: a ready-made rule, which templates copy.",
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    metric_id = fields.Many2one(
        "hr.performance.metric", required=True, index=True, check_company=True, ondelete="restrict"
    )
    comparison = fields.Selection(
        [
            (">", "more than"),
            (">=", "at least"),
            ("<", "less than"),
            ("<=", "at most"),
            ("=", "exactly"),
        ],
        default=">",
        required=True,
    )
    threshold = fields.Float(digits=(16, 4), aggregator=None)
    amount = fields.Float(
        required=True,
        digits=(8, 2),
        aggregator=None,
        help="Negative takes away, positive adds.",
    )
    effect = fields.Selection(
        [("percent", "% of the score"), ("points", "points")], default="percent", required=True
    )
    repeat = fields.Selection(
        [("once", "once"), ("each", "for each unit beyond")], default="once", required=True
    )
    rule = fields.Json(compute="_compute_rule", store=True, export_string_translation=False)

    @api.depends("name", "comparison", "threshold", "amount", "effect", "repeat")
    def _compute_rule(self):
        for rule in self:
            rule.rule = {
                "label": rule.name or "",
                "comparison": rule.comparison,
                "threshold": rule.threshold,
                "effect": rule.effect,
                "amount": rule.amount,
                "repeat": rule.repeat,
            }

    @api.constrains("amount")
    def _check_amount(self):
        for rule in self:
            if not rule.amount:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: give the amount to add or take away; 0 does nothing.",
                        rule=rule.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.template_id._check_not_used()
        return rules

    def write(self, vals):
        self.template_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        self.template_id._check_draft()
