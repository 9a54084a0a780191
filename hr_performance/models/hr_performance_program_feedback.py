from odoo import fields, models


class HrPerformanceProgram(models.Model):
    _inherit = "hr.performance.program"

    feedback_release = fields.Selection(
        [("direct", "At once"), ("release", "After release")],
        "Employees Read Feedback",
        help="After release: the manager or HR releases it, at the latest the publication of the "
        "result does. Empty: as the company does.",
    )
