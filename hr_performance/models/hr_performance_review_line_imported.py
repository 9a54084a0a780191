from odoo import models

from ..tools import scoring


class HrPerformanceReviewLine(models.Model):
    """A line of an imported review: a number without a rule."""

    _inherit = "hr.performance.review.line"

    def _compute_displays(self):
        result = super()._compute_displays()
        for line in self:
            if line.review_id.is_imported:
                line.target_display = False
        return result

    def _get_result(self):
        if self.review_id.is_imported:
            return scoring.LineResult(steps=(("imported", None),))
        return super()._get_result()

    def _explain(self):
        self.ensure_one()
        if not self.review_id.is_imported:
            return super()._explain()
        steps = []
        if self.measured:
            steps.append((self.env._("Imported"), self._show_value(self.value)))
        if self.scored:
            steps.append((self.env._("Points"), self._show_number(self.points)))
        return steps
