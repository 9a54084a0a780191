from odoo import fields, models


class HrAttendance(models.Model):
    _inherit = "hr.attendance"

    in_mode = fields.Selection(
        selection_add=[("dingtalk", "DingTalk")], ondelete={"dingtalk": "set manual"}
    )
    out_mode = fields.Selection(
        selection_add=[("dingtalk", "DingTalk")], ondelete={"dingtalk": "set manual"}
    )
