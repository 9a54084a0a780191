from odoo import fields, models


class HrPerformanceSetupPreview(models.TransientModel):
    _name = "hr.performance.setup.preview"
    _description = "Preview of a Programme to Set up"
    _order = "kind desc, id"

    setup_id = fields.Many2one(
        "hr.performance.setup", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("template", "Launched"), ("left_out", "Left out"), ("notice", "To look at")],
        required=True,
    )
    label = fields.Text("Template or Reason")
    count = fields.Integer("People")
    names = fields.Text()
