from odoo import fields, models


class HrPerformanceSalesMark(models.Model):
    """A note that somebody's amount changed, for the job that computes the places anew.

    Whoever closes a deal adds a row and waits for nobody; a shared row that all would write stops
    them all. The job deletes the marks that it saw together with the credits that they stand for;
    those that come meanwhile stay for its next run.
    """

    _name = "hr.performance.sales.mark"
    _description = "Stale Sales Group"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    basis = fields.Char(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True)
