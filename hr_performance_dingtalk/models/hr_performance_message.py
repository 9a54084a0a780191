from odoo import fields, models


class HrPerformanceMessage(models.Model):
    """Messages that went out as to-dos of DingTalk end there when the step is done here."""

    _inherit = "hr.performance.message"

    channel = fields.Selection(
        selection_add=[("dingtalk", "DingTalk")], ondelete={"dingtalk": "set null"}
    )
    dingtalk_todo_done = fields.Boolean(
        "To-Do Ended in DingTalk", readonly=True, export_string_translation=False
    )

    _dingtalk_todo_idx = models.Index(
        "(id) WHERE channel = 'dingtalk' AND reference LIKE 'todo:%' "
        "AND dingtalk_todo_done IS NOT TRUE"
    )
