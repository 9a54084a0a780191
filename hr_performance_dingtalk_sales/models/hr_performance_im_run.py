from odoo import fields, models


class HrPerformanceImRun(models.Model):
    _inherit = "hr.performance.im.run"

    kind = fields.Selection(
        selection_add=[("board", "Leaderboard for a Group")], ondelete={"board": "cascade"}
    )
