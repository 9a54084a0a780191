from odoo import fields, models


class HrPerformanceGrade(models.Model):
    _name = "hr.performance.grade"
    _description = "Grade"
    _order = "scale_id, min_score desc"

    name = fields.Char(required=True, translate=True)
    scale_id = fields.Many2one(
        "hr.performance.scale", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scale_id.company_id", store=True, index="btree_not_null")
    min_score = fields.Float(
        digits=(6, 2),
        aggregator=None,
        help="The grade holds from this score up to, but not including, the next grade's.",
    )
    share_guide = fields.Float(
        "Guide Share (%)",
        digits=(5, 2),
        aggregator=None,
        help="Share of the people that usually gets this grade. A guide shown at calibration, "
        "never forced.",
    )
    color = fields.Integer()

    _min_score_unique = models.UniqueIndex(
        "(scale_id, min_score)", "Two grades of one scale cannot start at the same score."
    )
    _share_guide_range = models.Constraint(
        "CHECK (share_guide >= 0 AND share_guide <= 100)",
        "A guide share lies between 0 % and 100 %.",
    )
