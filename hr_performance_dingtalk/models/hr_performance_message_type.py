from odoo import fields, models


class HrPerformanceMessageType(models.Model):
    _inherit = "hr.performance.message.type"

    dingtalk_todo = fields.Boolean(
        "To-Do in DingTalk",
        help="In DingTalk it becomes a task that stays until the step is done, instead of a "
        "notice. Only messages about a step that ends by itself in Odoo become tasks.",
    )
