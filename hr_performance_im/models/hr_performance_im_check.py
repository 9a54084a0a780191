from odoo import fields, models


class HrPerformanceImCheck(models.Model):
    """One thing that the test of a connection tried, and what to do where it failed."""

    _name = "hr.performance.im.check"
    _description = "Check of a Connection"
    _order = "connection_id, sequence, id"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id")
    sequence = fields.Integer(aggregator=None)
    name = fields.Char("Tried", required=True)
    passed = fields.Boolean("Works")
    blocking = fields.Boolean(help="Without it the connection cannot run at all.")
    code = fields.Char("Error Code")
    message = fields.Text("Answer of the Messenger")
    advice = fields.Text("What to Do")
