from odoo import models
from odoo.tools import format_date


class HrPerformanceReviewLine(models.Model):
    _inherit = "hr.performance.review.line"

    def _explain_value(self):
        """Say where the number is from and on which days: the reader checks it in DingTalk."""
        steps = super()._explain_value()
        if not self.measured or self.metric_id.source != "dingtalk":
            return steps
        # sudo: the days behind a number that the reader sees already
        value = self.sudo().value_id
        detail = value.detail or {}
        if value.value != self.value or not detail.get("dingtalk"):
            return steps
        kinds = {
            "punches": self.env._("Punches in DingTalk, read up to %s"),
            "report": self.env._("Attendance report of DingTalk, read up to %s"),
        }
        read_on = format_date(self.env, detail["read_on"])
        steps = [*steps, (self.env._("Source"), kinds[detail["dingtalk"]] % read_on)]
        labels = {"days": self.env._("Days"), "waiting": self.env._("Not Final Yet, Left Out")}
        for key, label in labels.items():
            if detail.get(key):
                days = ", ".join(format_date(self.env, day) for day in detail[key])
                steps.append((label, days))
        return steps
