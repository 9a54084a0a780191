from odoo import api, fields, models


class HrPerformanceDimension(models.Model):
    """A side of the work that several metrics measure, such as customers or quality."""

    _name = "hr.performance.dimension"
    _description = "Performance Dimension"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short name in Latin letters, for imports and for other addons.")
    sequence = fields.Integer(default=10, aggregator=None)
    color = fields.Integer(aggregator=None)
    active = fields.Boolean(default=True)
    metric_ids = fields.One2many("hr.performance.metric", "dimension_id")
    metric_count = fields.Integer(compute="_compute_metric_count", aggregator=None)

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL AND code != ''", "Another dimension has this code."
    )

    @api.depends("metric_ids")
    def _compute_metric_count(self):
        counts = dict(
            self.env["hr.performance.metric"]._read_group(
                [("dimension_id", "in", self.ids)], ["dimension_id"], ["__count"]
            )
        )
        for dimension in self:
            dimension.metric_count = counts.get(dimension._origin, 0)
