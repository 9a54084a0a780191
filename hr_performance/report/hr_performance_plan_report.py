from odoo import fields, models
from odoo.tools import SQL


class HrPerformancePlanReport(models.Model):
    """Which plans and which trainings worked: one row for each plan, one for each training in it.

    A change is counted in the direction that is wanted, so that more is better of every metric.
    Plans are read under the rights of plans.
    """

    _name = "hr.performance.plan.report"
    _inherit = ["hr.performance.access.mixin"]
    _description = "Effect of Plans"
    _auto = False
    _order = "date_start desc, id desc"
    _rec_name = "name"

    name = fields.Char("Plan or Training", readonly=True)
    subject = fields.Selection(
        [("plan", "Plan"), ("training", "Training")], "Counted", readonly=True
    )
    plan_id = fields.Many2one("hr.performance.plan", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    manager_id = fields.Many2one("hr.employee", "Manager", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    metric_id = fields.Many2one("hr.performance.metric", readonly=True)
    dimension_id = fields.Many2one("hr.performance.dimension", readonly=True)
    kind = fields.Selection(
        [("improvement", "Improvement"), ("development", "Personal development")], readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("recovered", "Goal Reached"),
            ("ended", "Ended without"),
        ],
        readonly=True,
    )
    date_start = fields.Date("Started", readonly=True)
    closed_on = fields.Date("Closed", readonly=True)
    recovered = fields.Float(
        "Recovered (%)",
        readonly=True,
        aggregator="avg",
        help="Share of the closed plans that reached their goal. Running plans are left out.",
    )
    before = fields.Float(readonly=True, aggregator="avg")
    after = fields.Float("Now", readonly=True, aggregator="avg")
    change = fields.Float(
        "Change for the Better",
        readonly=True,
        aggregator="avg",
        help="From before the plan to the last checkpoint, counted in the wanted direction. Blank "
        "where either is unknown.",
    )
    change_percent = fields.Float("Change (%)", readonly=True, aggregator="avg")
    days = fields.Float(
        readonly=True, aggregator="avg", help="From the start of closed plans to their end."
    )
    checkins = fields.Integer("Check-ins", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        return SQL(
            """WITH plan AS (
                   SELECT p.*, m.direction,
                          first.value AS before, last.value AS after,
                          CASE WHEN first.id IS DISTINCT FROM last.id THEN
                               (last.value - first.value)
                               * CASE WHEN m.direction = 'lower' THEN -1 ELSE 1 END
                          END AS change
                     FROM hr_performance_plan p
                LEFT JOIN hr_performance_metric m ON m.id = p.metric_id
                LEFT JOIN LATERAL (%(first)s) first ON TRUE
                LEFT JOIN LATERAL (%(last)s) last ON TRUE
                    WHERE p.state != 'draft'
               )
               SELECT 2 * plan.id AS id, 'plan' AS subject, plan.name, plan.id AS plan_id,
                      (SELECT count(*) FROM hr_performance_plan_checkin c
                        WHERE c.plan_id = plan.id) AS checkins, %(columns)s
                 FROM plan
            UNION ALL
               SELECT 2 * step.id + 1 AS id, 'training' AS subject, step.name,
                      plan.id AS plan_id,
                      (SELECT count(*) FROM hr_performance_plan_checkin c
                        WHERE c.step_id = step.id) AS checkins, %(columns)s
                 FROM hr_performance_plan_step step
                 JOIN plan ON plan.id = step.plan_id
                WHERE step.is_training""",
            first=self._get_checkpoint_query(SQL("date_from, id")),
            last=self._get_checkpoint_query(SQL("date_from DESC, id DESC")),
            columns=self._get_columns(),
        )

    def _get_checkpoint_query(self, order):
        """The measured checkpoint of the plan's metric that comes first in an order."""
        return SQL(
            """SELECT id, value FROM hr_performance_plan_checkpoint
                WHERE plan_id = p.id AND metric_id = p.metric_id AND measured
             ORDER BY %s LIMIT 1""",
            order,
        )

    def _get_columns(self):
        return SQL(
            """plan.employee_id, plan.manager_id, plan.department_id, plan.company_id,
               plan.metric_id, plan.dimension_id, plan.kind, plan.state, plan.date_start,
               plan.closed_on, plan.before, plan.after, plan.change,
               CASE plan.state WHEN 'recovered' THEN 100.0 WHEN 'ended' THEN 0.0 END AS recovered,
               100.0 * plan.change / NULLIF(abs(plan.before), 0) AS change_percent,
               (plan.closed_on - plan.date_start)::float AS days"""
        )
