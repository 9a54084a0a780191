from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare


class HrPerformanceScale(models.Model):
    """A set of grades that gives every score exactly one grade.

    The grades are half-open bands: a grade holds from its lowest score up to, but not including,
    the lowest score of the next one. The lowest grade also takes what lies below it.
    """

    _name = "hr.performance.scale"
    _description = "Grading Scale"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade")
    grade_ids = fields.One2many("hr.performance.grade", "scale_id", copy=True)
    share_total = fields.Float(compute="_compute_share_total", digits=(5, 2))

    @api.depends("grade_ids.share_guide")
    def _compute_share_total(self):
        for scale in self:
            scale.share_total = sum(scale.grade_ids.mapped("share_guide"))

    @api.constrains("grade_ids")
    def _check_grades(self):
        for scale in self:
            if not scale.grade_ids:
                raise ValidationError(
                    self.env._("The scale %(scale)s needs at least one grade.", scale=scale.name)
                )
            total = scale.share_total
            if total and float_compare(total, 100.0, precision_digits=2):
                raise ValidationError(
                    self.env._(
                        "The guide shares of %(scale)s total %(total)s %%. Make them total 100 %%, "
                        "or leave all of them at 0 to give no guide.",
                        scale=scale.name,
                        total=round(total, 2),
                    )
                )

    def _get_bands(self):
        """``[(lowest score, grade id)]`` in ascending order, for ``tools.grades.GradeScale``."""
        self.ensure_one()
        return [(g.min_score, g.id) for g in self.grade_ids.sorted("min_score")]
