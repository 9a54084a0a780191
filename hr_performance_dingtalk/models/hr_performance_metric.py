from odoo import api, fields, models


class HrPerformanceMetric(models.Model):
    _inherit = "hr.performance.metric"

    source = fields.Selection(
        selection_add=[("dingtalk", "Attendance in DingTalk")],
        ondelete={"dingtalk": "set default"},
    )
    dingtalk_measure = fields.Selection(
        [
            ("late", "Late arrivals"),
            ("late_minutes", "Minutes late"),
            ("serious_late", "Seriously late arrivals"),
            ("early", "Left early"),
            ("absent", "Days absent"),
            ("missing", "Missing punches"),
            ("hours", "Hours at work"),
        ],
        "Measured in DingTalk",
        help="Approved leave and trips excuse. A planned punch that did not come is missing, not "
        "late.",
    )
    dingtalk_serious = fields.Boolean(
        "Serious Lateness Counts Too",
        help="Arrivals so late that DingTalk calls them serious, or absence, count as well.",
    )

    dingtalk_process_id = fields.Many2one(
        "hr.performance.dingtalk.process",
        "Approval Process",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        groups="hr_performance.group_hr_performance_auditor",
    )

    @api.constrains("dingtalk_measure")
    def _check_dingtalk_measure(self):
        for metric in self.filtered(lambda metric: metric.source == "dingtalk"):
            metric._get_source()._check_config(metric)

    def _is_total(self):
        return self.source == "dingtalk" or super()._is_total()
