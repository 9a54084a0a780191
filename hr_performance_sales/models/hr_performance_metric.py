from odoo import api, fields, models


class HrPerformanceMetric(models.Model):
    _inherit = "hr.performance.metric"

    source = fields.Selection(
        selection_add=[("sales_plan", "Results of sales plans")],
        ondelete={"sales_plan": "set manual"},
    )
    sales_measure = fields.Selection(
        [
            ("attainment", "Sales in % of the minimum target"),
            ("line", "Sales in % of the second target"),
        ],
        "Part of the Result",
        help="Pilots do not count. With several periods of a plan in one review, sales and targets "
        "are added up before they are divided.",
    )
    sales_closed = fields.Boolean(
        "Closed Periods Only",
        help="Off: the running period counts as it stands. On: a period counts from its closing.",
    )

    @api.constrains("source", "sales_measure")
    def _check_sales_measure(self):
        for metric in self.filtered(lambda metric: metric.source == "sales_plan"):
            metric._get_source()._check_config(metric)
