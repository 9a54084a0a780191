from odoo import fields, models


class HrPerformanceImRun(models.Model):
    _inherit = "hr.performance.im.run"

    kind = fields.Selection(
        selection_add=[
            ("attendance", "Attendance"),
            ("approval", "Approvals"),
            ("failed_event", "Events Not Delivered"),
            ("todo", "To-Dos That Are Done"),
            ("outward", "Results for DingTalk"),
            ("indicator", "Indicators for DingTalk"),
        ],
        ondelete={
            "attendance": "cascade",
            "approval": "cascade",
            "failed_event": "cascade",
            "todo": "cascade",
            "outward": "cascade",
            "indicator": "cascade",
        },
    )
