from odoo import fields, models


class HrPerformanceCycleIssue(models.Model):
    """Somebody who was not launched, or needs a look, with the reason and what to do."""

    _name = "hr.performance.cycle.issue"
    _description = "Launch Issue"
    _order = "cycle_id, code, id"
    _rec_name = "employee_id"

    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True)
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    code = fields.Selection(
        [
            ("no_template", "No template fits: set the job or department on a ready template"),
            ("few_days", "Employed for too few days of the period"),
            ("no_user", "Launched, but has no user account: HR confirms and assesses for him"),
            ("no_manager", "Launched, but nobody manages him: HR scores the review"),
        ],
        "Reason",
        required=True,
    )
    days = fields.Integer("Days Present", aggregator=None)

    _issue_unique = models.UniqueIndex("(cycle_id, employee_id, code)")
