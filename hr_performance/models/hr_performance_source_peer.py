from odoo import api, models

from ..tools.measurement import known


class HrPerformanceSourcePeer(models.AbstractModel):
    """The overall rating of the 360° reviews of the period, once their answers are counted."""

    _name = "hr.performance.source.peer"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: 360° Rating"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        # sudo: the number; who may read it, the rules of values decide
        groups = (
            self.env["hr.performance.poll.result"]
            .sudo()
            ._read_group(
                [
                    ("kind", "=", "total"),
                    ("known", "=", True),
                    ("employee_id", "in", employees.ids),
                    ("cycle_id.date_from", ">=", date_from),
                    ("cycle_id.date_to", "<=", date_to),
                ],
                ["employee_id"],
                ["average:avg", "answers:sum"],
            )
        )
        factor, expected = metric.scale_factor or 1.0, metric.expected_sample
        return {
            employee.id: known(average, None, answers, factor, expected)
            for employee, average, answers in groups
        }
