from odoo import fields, models
from odoo.tools import SQL

from ..tools import workflow


class HrPerformanceAppealReport(models.Model):
    """How much is disputed: appeals by published results, for each cycle and department.

    One row for each review. The rate of a row is 100 for each of its appeals and blank while its
    result is not published, so that the average over any group of rows is appeals ÷ published
    results, and blank where nothing was published.
    """

    _name = "hr.performance.appeal.report"
    _description = "Dispute Rate"
    _inherit = ["hr.performance.access.mixin"]
    _auto = False
    _order = "date_from desc, id desc"

    review_id = fields.Many2one("hr.performance.review", "Result", readonly=True)
    cycle_id = fields.Many2one("hr.performance.cycle", readonly=True)
    program_id = fields.Many2one("hr.performance.program", "Programme", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    manager_id = fields.Many2one("hr.employee", "Manager", readonly=True)
    date_from = fields.Date("Period", readonly=True)
    published_count = fields.Integer("Published Results", readonly=True)
    disputed_count = fields.Integer(
        "Disputed Results", readonly=True, help="Published results with at least one appeal."
    )
    appeal_count = fields.Integer(
        "Appeals", readonly=True, help="Submitted appeals, those withdrawn among them."
    )
    changed_count = fields.Integer(
        "Changed Results", readonly=True, help="Appeals after which the result was changed."
    )
    dispute_rate = fields.Float(
        "Dispute Rate (%)",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="Appeals by published results. Blank when nothing was published.",
    )
    answer_days = fields.Float(
        "Days to the Answer",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="From submission to the manager's answer, in days.",
    )

    @property
    def _table_query(self):
        self.env["hr.performance.review"].flush_model()
        self.env["hr.performance.appeal"].flush_model()
        return SQL(
            """SELECT r.id, r.id AS review_id, r.cycle_id, c.program_id, r.company_id,
                      r.department_id, r.employee_id, r.manager_id, r.date_from,
                      CASE WHEN p.out THEN 1 ELSE 0 END AS published_count,
                      CASE WHEN p.out AND a.appeals > 0 THEN 1 ELSE 0 END AS disputed_count,
                      CASE WHEN p.out THEN a.appeals ELSE 0 END AS appeal_count,
                      CASE WHEN p.out THEN a.changed ELSE 0 END AS changed_count,
                      CASE WHEN p.out THEN 100.0 * a.appeals END AS dispute_rate,
                      a.answer_days
                 FROM hr_performance_review r
                 JOIN hr_performance_cycle c ON c.id = r.cycle_id
           CROSS JOIN LATERAL (SELECT r.state = ANY(%(published)s) AS out) p
           CROSS JOIN LATERAL (
                      SELECT count(*)::int AS appeals,
                             count(*) FILTER (WHERE outcome = 'changed')::int AS changed,
                             avg(extract(epoch FROM answered_on - submitted_on) / 86400)
                                 ::float8 AS answer_days
                        FROM hr_performance_appeal
                       WHERE review_id = r.id AND state <> 'draft') a
                WHERE r.state <> 'cancelled'""",
            published=list(workflow.FROZEN_STATES),
        )
