from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..tools import plan as plan_tools
from ..tools import workflow

#: What a manager enters himself, of a metric that no source measures.
HAND_FIELDS = {"value"}


class HrPerformancePlanCheckpoint(models.Model):
    """A metric of a plan in one period, filled from the metric's own values.

    Numbers come from :meth:`_fill`. Of a metric that managers enter by hand they come from
    published reviews of the same period, or from the manager here.
    """

    _name = "hr.performance.plan.checkpoint"
    _description = "Plan Checkpoint"
    _order = "plan_id, date_from, metric_id, id"

    plan_id = fields.Many2one(
        "hr.performance.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    metric_id = fields.Many2one(
        "hr.performance.metric", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    is_baseline = fields.Boolean("Before the Plan", readonly=True)
    is_fixed = fields.Boolean(
        "Given", readonly=True, help="Entered or taken over; it is not measured again."
    )
    value = fields.Float(digits=(16, 4), aggregator="avg")
    measured = fields.Boolean("Has Data", readonly=True)
    sample = fields.Integer("Records", readonly=True)
    period_text = fields.Char("Period", compute="_compute_texts")
    value_text = fields.Char("Value Shown", compute="_compute_texts")
    reached = fields.Boolean("Target Reached", compute="_compute_texts")
    is_over = fields.Boolean("Over", compute="_compute_texts")
    can_enter = fields.Boolean(compute="_compute_can_enter")

    _period_unique = models.UniqueIndex(
        "(plan_id, metric_id, date_from, date_to)",
        "A plan has one checkpoint for a metric and a period.",
    )

    @api.depends("value", "measured", "date_from", "date_to", "metric_id", "plan_id.target")
    @api.depends_context("lang")
    def _compute_texts(self):
        for point in self:
            plan = point.plan_id
            point.period_text = plan._format_period(point.date_from, point.date_to)
            currency = plan.company_id.currency_id
            point.value_text = (
                point.metric_id._format(point.value, currency) if point.measured else "–"
            )
            point.reached = point.measured and plan_tools.is_reached(
                point.value, plan.target, point.metric_id.direction
            )
            point.is_over = point.date_to < plan.company_id._get_performance_today()

    @api.depends("date_from", "plan_id.state", "metric_id")
    @api.depends_context("uid")
    def _compute_can_enter(self):
        for point in self:
            point.can_enter = not point._get_entry_problem()

    @api.depends("metric_id", "period_text")
    def _compute_display_name(self):
        for point in self:
            point.display_name = f"{point.metric_id.name}, {point.period_text}"

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        if vals.keys() - HAND_FIELDS:
            raise AccessError(self.env._("Checkpoints fill themselves from the metric."))
        for point in self:
            if problem := point._get_entry_problem():
                raise AccessError(problem)
        result = super().write(vals)
        # sudo: the right was checked; what is entered stands, and may close the plan
        engine = self.sudo()
        engine.write({"measured": True, "is_fixed": True})
        engine.plan_id._follow_effect()
        return result

    def _get_entry_problem(self):
        """Why the current user cannot enter the value, in a sentence; False if he can."""
        self.ensure_one()
        if self.metric_id.source != "manual":
            return self.env._("Checkpoints fill themselves from the metric.")
        if self.plan_id.state != "running":
            return self.env._("The plan does not run.")
        if not self.plan_id._get_roles() & {"manager", "hr"}:
            return self.env._("The manager or HR enters the value.")
        return False

    def _get_key(self):
        self.ensure_one()
        return (self.metric_id.id, self.date_from, self.date_to)

    # ------------------------------------------------------------
    # Filling
    # ------------------------------------------------------------

    def _fill(self):
        """Measure the checkpoints that have begun, in one collection for each metric and period."""
        companies = self.plan_id.company_id
        today = {company: company._get_performance_today() for company in companies}
        due = self.filtered(
            lambda point: (
                not point.is_fixed and point.date_from <= today[point.plan_id.company_id]
            )
        )
        groups = due.grouped(lambda point: (point.metric_id, point.date_from, point.date_to))
        for (metric, date_from, date_to), points in groups.items():
            points._fill_period(metric, date_from, date_to)

    def _fill_period(self, metric, date_from, date_to):
        if metric.source == "manual":
            values = self._get_published_values(metric, date_from, date_to)
        else:
            employees = self.plan_id.employee_id
            measured = metric._refresh_values(employees, date_from, date_to)[metric]
            values = {
                employee_id: (measurement.value, measurement.sample)
                for employee_id, measurement in measured.items()
                if measurement.value is not None
            }
        for point in self:
            value, sample = values.get(point.plan_id.employee_id.id, (0.0, 0))
            known = point.plan_id.employee_id.id in values
            found = {"value": value, "measured": known, "sample": sample or 0}
            if any(point[name] != new for name, new in found.items()):
                point.write(found)

    def _get_published_values(self, metric, date_from, date_to):
        """``{employee id: (value, records)}`` of published reviews of exactly this period."""
        lines = self.env["hr.performance.review.line"].search(
            Domain("employee_id", "in", self.plan_id.employee_id.ids)
            & Domain("metric_id", "=", metric.id)
            & Domain("kind", "=", "metric")
            & Domain("review_id.state", "in", workflow.FROZEN_STATES)
            & Domain("review_id.date_from", "=", date_from)
            & Domain("review_id.date_to", "=", date_to)
        )
        return {line.employee_id.id: (line.actual, line.sample) for line in lines if line.is_known}
