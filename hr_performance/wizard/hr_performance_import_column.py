from odoo import fields, models


class HrPerformanceImportColumn(models.TransientModel):
    """One column of the uploaded file, and what it holds.

    Each target of an import has a field of its own for the choice, so that only what the target
    understands is offered.
    """

    _name = "hr.performance.import.column"
    _description = "Column of an Import"
    _order = "index"

    import_id = fields.Many2one(
        "hr.performance.import", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="import_id.company_id")
    index = fields.Integer(required=True, readonly=True)
    header = fields.Char("Column", readonly=True)
    sample = fields.Char("First Cells", readonly=True)
    fact_role = fields.Selection(
        [
            ("employee", "Employee: e-mail, number or name"),
            ("email", "Employee's work e-mail"),
            ("number", "Employee's badge or staff number"),
            ("name", "Employee's name"),
            ("metric", "Metric: code or name"),
            ("date", "Day or period"),
            ("value", "Value"),
            ("metric_value", "Value of one metric"),
            ("weight", "Weight of the value in an average"),
            ("external_id", "Outside ID"),
            ("description", "Description"),
        ],
        "Rows: Meaning",
    )
    result_role = fields.Selection(
        [
            ("employee", "Employee: e-mail, number or name"),
            ("email", "Employee's work e-mail"),
            ("number", "Employee's badge or staff number"),
            ("name", "Employee's name"),
            ("date", "Period, or a day of it"),
            ("total", "Score"),
            ("grade", "Grade"),
            ("rank", "Rank"),
            ("rank_count", "People ranked"),
            ("comment", "Manager's comment"),
            ("metric_value", "Value of one metric"),
            ("metric_points", "Points of one metric"),
        ],
        "Results: Meaning",
    )
    goal_role = fields.Selection(
        [
            ("employee", "Employee: e-mail, number or name"),
            ("email", "Employee's work e-mail"),
            ("number", "Employee's badge or staff number"),
            ("name", "Employee's name"),
            ("metric", "Metric: code or name"),
            ("target", "Target"),
            ("metric_value", "Target of one metric"),
        ],
        "Targets: Meaning",
    )
    metric_id = fields.Many2one(
        "hr.performance.metric",
        ondelete="cascade",
        domain="[('company_id', 'in', [False, company_id])]",
    )

    def _get_role(self):
        """What the column holds for the target of its import; False for a column left out."""
        self.ensure_one()
        return self[f"{self.import_id.target}_role"]
