from odoo import fields, models


class HrPerformanceImRunError(models.Model):
    """One kind of error of a run, how often it came, and what to do about it."""

    _name = "hr.performance.im.run.error"
    _description = "Error of a Run"
    _order = "run_id desc, id"
    _rec_name = "code"

    run_id = fields.Many2one("hr.performance.im.run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id")
    code = fields.Char(required=True)
    count = fields.Integer(default=1, aggregator="sum")
    message = fields.Text("Answer of the Messenger")
    advice = fields.Text("What to Do")
    example = fields.Char(help="One of the records that it was about.")
