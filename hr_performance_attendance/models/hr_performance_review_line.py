from odoo import models
from odoo.tools import format_date


class HrPerformanceReviewLine(models.Model):
    _inherit = "hr.performance.review.line"

    def _explain_value(self):
        """Say where the number is from and on which days: a missed day leaves no record."""
        steps = super()._explain_value()
        if not self.measured or self.metric_id.source != "attendance":
            return steps
        steps = [
            *steps,
            (self.env._("Source"), self.env._("Attendances and working hours in Odoo")),
        ]
        # sudo: the days behind a number that the reader sees already
        value = self.sudo().value_id
        is_same = value.detail and value.value == self.value
        days = self._show_days(value.detail) if is_same else ""
        return [*steps, (self.env._("Days"), days)] if days else steps

    def _show_days(self, detail):
        """The days that count, late ones with their minutes; empty when there are none.

        :param detail: as the source made it
        """
        if self.metric_id.attendance_measure == "absent":
            return ", ".join(format_date(self.env, day) for day in detail["absent"])
        return ", ".join(
            self.env._("%(day)s (%(minutes)s min)", day=format_date(self.env, day), minutes=minutes)
            for day, minutes in sorted(detail["late"].items())
        )
