from odoo import api, fields, models
from odoo.fields import Domain


class HrPerformanceSalesMark(models.Model):
    """A note that somebody's amount changed, for the job that computes the places anew.

    Whoever closes a deal adds a row and waits for nobody; a shared row that all would write stops
    them all. The job deletes the marks that it saw together with the credits that they stand for;
    those that come meanwhile stay for its next run.
    """

    _name = "hr.performance.sales.mark"
    _description = "Stale Sales Group"
    _inherit = ["hr.performance.bulk.mixin"]

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    basis = fields.Char(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True)

    @api.model
    def _add(self, vals_list):
        """Mark the groups of the people in these rows of the ledger."""
        names = ("company_id", "basis", "employee_id", "date")
        rows = {tuple(vals[name] for name in names) for vals in vals_list if vals["employee_id"]}
        self._bulk_append([dict(zip(names, row, strict=True)) for row in rows])

    @api.model
    def _get_marks(self, plans):
        """The marks that concern any of these plans."""
        domain = Domain("company_id", "in", plans.company_id.ids)
        return self.search(domain & Domain("basis", "in", list(set(plans.mapped("basis")))))
