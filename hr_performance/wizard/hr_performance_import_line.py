from odoo import fields, models


class HrPerformanceImportLine(models.TransientModel):
    """A row of the uploaded file as the preview shows it: what it becomes, or what is wrong."""

    _name = "hr.performance.import.line"
    _description = "Row of an Import"
    _order = "number, id"

    import_id = fields.Many2one(
        "hr.performance.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Row", readonly=True, aggregator=None)
    employee_id = fields.Many2one("hr.employee", readonly=True, ondelete="cascade")
    change = fields.Selection(
        [("new", "New"), ("changed", "Changed"), ("same", "Unchanged")], readonly=True
    )
    summary = fields.Char("Becomes", readonly=True)
    header = fields.Char("Column", readonly=True)
    value = fields.Char("Cell", readonly=True)
    message = fields.Char("What to Do", readonly=True)
