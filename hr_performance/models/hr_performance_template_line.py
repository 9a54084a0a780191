from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import scoring


class HrPerformanceTemplateLine(models.Model):
    """One metric of a template: its weight, target and scoring rule."""

    _name = "hr.performance.template.line"
    _description = "Performance Template Line"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "hr.performance.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    metric_id = fields.Many2one(
        "hr.performance.metric", required=True, index=True, check_company=True, ondelete="restrict"
    )
    dimension_id = fields.Many2one(related="metric_id.dimension_id")
    kind = fields.Selection(related="metric_id.kind")
    direction = fields.Selection(related="metric_id.direction")
    weight = fields.Float("Weight (%)", required=True, digits=(5, 2), aggregator="sum")
    target = fields.Float(
        aggregator=None, digits=(16, 4), help="In the unit of the metric. Reaching it meets it."
    )
    has_start = fields.Boolean("Measure Progress from a Start Value")
    start_value = fields.Float(aggregator=None, digits=(16, 4))
    method = fields.Selection(
        [
            ("linear", "Linear: in proportion to the target"),
            ("threshold", "Threshold: all or nothing"),
            ("bands", "Bands"),
            ("rating", "Rating on a scale"),
            ("formula", "Formula"),
        ],
        "Scoring",
        default="linear",
        required=True,
    )
    cap = fields.Float(
        "Cap (%)",
        default=100.0,
        digits=(6, 2),
        aggregator=None,
        help="Most points that the line can give, in % of its weight.",
    )
    floor = fields.Float(
        "Floor (%)",
        digits=(6, 2),
        aggregator=None,
        help="An attainment below this share of the target gives no points.",
    )
    band_basis = fields.Selection(
        [("value", "The value"), ("attainment", "The attainment in %")], default="value"
    )
    band_ids = fields.One2many("hr.performance.template.band", "line_id", copy=True)
    formula = fields.Char(
        help="Points in % of the weight, from value, target, start and weight. "
        "Example: 100 if value >= target else 50"
    )
    rule = fields.Json(compute="_compute_rule", store=True, export_string_translation=False)

    _metric_unique = models.UniqueIndex(
        "(template_id, metric_id)", "A metric can stand only once in a template."
    )
    _weight_range = models.Constraint(
        "CHECK (weight > 0 AND weight <= 100)", "A weight lies above 0 and at most at 100."
    )
    _cap_range = models.Constraint(
        "CHECK (cap > 0 AND floor >= 0)", "The cap lies above 0 %, the floor is not negative."
    )

    @api.depends(
        "method",
        "metric_id.direction",
        "cap",
        "floor",
        "band_basis",
        "band_ids.lower",
        "band_ids.share",
        "formula",
    )
    def _compute_rule(self):
        """The rule without weight, target and start, which a review line keeps as its own."""
        for line in self:
            rule = line._get_rule().to_dict()
            line.rule = {k: v for k, v in rule.items() if k not in ("weight", "target", "start")}

    @api.constrains(
        "method",
        "metric_id",
        "target",
        "has_start",
        "start_value",
        "cap",
        "floor",
        "band_basis",
        "band_ids",
        "formula",
    )
    def _check_rule(self):
        for line in self:
            try:
                line._get_rule().validate()
            except scoring.RuleError as error:
                raise ValidationError(
                    self.env._(
                        "%(metric)s: %(problem)s",
                        metric=line.metric_id.display_name,
                        problem=line._get_rule_problem(error),
                    )
                ) from error

    @api.depends("metric_id", "weight")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.metric_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.template_id._check_not_used()
        lines.template_id._check_ready()
        return lines

    def write(self, vals):
        self.template_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        self.template_id._check_draft()

    def _get_rule(self):
        """The scoring rule as ``tools.scoring.Rule``."""
        self.ensure_one()
        values = {
            "method": self.method or "linear",
            "direction": self.metric_id.direction or "higher",
            "weight": self.weight,
            "start": self.start_value if self.has_start else None,
            "cap": self.cap,
            "floor": self.floor,
            "basis": self.band_basis or "value",
            "bands": [[band.lower, band.share] for band in self.band_ids],
            "formula": self.formula if self.method == "formula" else None,
        }
        target = scoring.read_target(values, self.target)
        return scoring.Rule.from_dict({**values, "target": target})

    def _get_rule_problem(self, error):
        """The sentence for a ``RuleError``, with what to do."""
        texts = {
            "bands_missing": self.env._("Add at least one band."),
            "bands_duplicate": self.env._("Two bands start at the same value."),
            "formula_missing": self.env._("Write the formula that gives the points."),
            "formula_invalid": self.env._("The formula cannot be used: %s", error),
            "weight_out_of_range": self.env._("A weight lies between 0 and 100."),
            "cap_out_of_range": self.env._("A cap lies above 0 % and at most at 1000 %."),
            "band_share_out_of_range": self.env._("A band cannot give more than the cap."),
            "floor_out_of_range": self.env._("The floor cannot lie above the cap."),
            "target_equals_start": self.env._("Target and start value must differ."),
            "start_beyond_target": self.env._(
                "The start value lies beyond the target: progress would count backwards."
            ),
            "start_missing": self.env._("Give the worst rating of the scale as start value."),
            "scale_empty": self.env._("The best rating must differ from the worst."),
            "target_not_positive": self.env._(
                "An attainment in % needs a target above zero, or a start value."
            ),
        }
        return texts.get(error.code) or str(error)
