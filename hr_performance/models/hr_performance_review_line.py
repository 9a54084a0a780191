import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools import scoring, workflow
from ..tools.expression import ExpressionError
from .hr_performance_review_scoring import _get_adjustment, _get_rule

#: What each role may write; the review's state decides when.
SUBJECT_FIELDS = {"self_value", "self_set", "self_comment"}
SCORING_FIELDS = {"manager_value", "manager_set", "manager_reason"}
GOAL_FIELDS = {"target"}
EXCLUSION_FIELDS = {"excluded", "exclusion_reason"}


class HrPerformanceReviewLine(models.Model):
    """One metric of one review: value, target, rule, weight, points; or a deduction or bonus.

    The rule is a copy of the template's, so that the line explains itself for ever. The value is
    copied from :class:`hr.performance.value` while the review is live and stays afterwards.
    """

    _name = "hr.performance.review.line"
    _description = "Review Line"
    _inherit = [
        "hr.performance.access.mixin",
        "hr.performance.bulk.mixin",
        "hr.performance.number.mixin",
    ]
    _order = "review_id, sequence, id"
    _rec_names_search = ["metric_id.name"]

    review_id = fields.Many2one(
        "hr.performance.review", required=True, readonly=True, index=True, ondelete="cascade"
    )
    cycle_id = fields.Many2one(
        "hr.performance.cycle", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    manager_id = fields.Many2one(related="review_id.manager_id")
    department_id = fields.Many2one("hr.department", readonly=True, ondelete="set null")
    review_state = fields.Selection(related="review_id.state")
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("metric", "Metric"),
            ("adjustment", "Deduction or bonus"),
            ("carry", "Correction of an earlier period"),
        ],
        default="metric",
        required=True,
        readonly=True,
    )
    name = fields.Char(compute="_compute_name")
    metric_id = fields.Many2one(
        "hr.performance.metric", required=True, readonly=True, index=True, ondelete="restrict"
    )
    dimension_id = fields.Many2one(related="metric_id.dimension_id")
    source = fields.Selection(related="metric_id.source")
    template_line_id = fields.Many2one(
        "hr.performance.template.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    template_rule_id = fields.Many2one(
        "hr.performance.template.rule", readonly=True, ondelete="set null", index="btree_not_null"
    )
    carried_from_id = fields.Many2one(
        "hr.performance.review", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    weight = fields.Float(digits=(5, 2), readonly=True)
    target = fields.Float(digits=(16, 4), aggregator=None)
    base_target = fields.Float(
        "Full Target",
        digits=(16, 4),
        readonly=True,
        aggregator=None,
        help="The target of the whole period; the target is a part of it for people who joined "
        "or left within it.",
    )
    has_start = fields.Boolean(readonly=True)
    start_value = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    rule = fields.Json(readonly=True, export_string_translation=False)

    value_id = fields.Many2one(
        "hr.performance.value", "Measurement", readonly=True, ondelete="set null", index=True
    )
    value = fields.Float("Measured", digits=(16, 4), readonly=True, aggregator="avg")
    measured = fields.Boolean("Has Data", readonly=True)
    numerator = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    denominator = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    sample = fields.Integer("Records", readonly=True)
    coverage = fields.Float(readonly=True, aggregator="avg")
    measured_on = fields.Datetime("As of", readonly=True)
    manager_value = fields.Float("Manager's Value", digits=(16, 4), aggregator=None)
    manager_set = fields.Boolean("Manager's Value is Given")
    manager_reason = fields.Text("Reason")
    self_value = fields.Float("Own Value", digits=(16, 4), aggregator=None)
    self_set = fields.Boolean("Own Value is Given")
    self_comment = fields.Text("Employee's Comment")
    excluded = fields.Boolean("Left out")
    exclusion_reason = fields.Char("Reason for Leaving out")
    evidence_ids = fields.One2many("hr.performance.evidence", "review_line_id")
    evidence_count = fields.Integer(compute="_compute_evidence_count")

    actual = fields.Float(
        compute="_compute_actual",
        digits=(16, 4),
        aggregator=None,
        help="The value that counts: the manager's where he gave one, else the measured one.",
    )
    is_known = fields.Boolean(compute="_compute_actual")
    is_override = fields.Boolean(compute="_compute_actual")
    actual_display = fields.Char("Value Shown", compute="_compute_displays")
    target_display = fields.Char("Target Shown", compute="_compute_displays")
    points = fields.Float(digits=(16, 4), readonly=True, aggregator="avg")
    scored = fields.Boolean(readonly=True)
    share = fields.Float("Points (% of Weight)", digits=(8, 2), readonly=True, aggregator="avg")
    attainment = fields.Float("Attainment (%)", digits=(12, 2), readonly=True, aggregator="avg")
    met = fields.Boolean("Target Met", readonly=True)
    capped = fields.Boolean(readonly=True)
    behind = fields.Boolean(
        "Behind Plan", compute="_compute_behind", help="Below what the plan expects today."
    )
    behind_on = fields.Date(readonly=True)
    difference = fields.Float(
        compute="_compute_difference",
        digits=(16, 4),
        aggregator=None,
        help="By how much the records say something else today than when the result was frozen.",
    )
    has_difference = fields.Boolean(compute="_compute_difference")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)
    can_edit_scores = fields.Boolean(related="review_id.can_edit_scores", related_sudo=False)
    can_edit_self = fields.Boolean(related="review_id.can_edit_self", related_sudo=False)
    can_edit_goals = fields.Boolean(related="review_id.can_edit_goals", related_sudo=False)

    _metric_unique = models.UniqueIndex(
        "(review_id, metric_id) WHERE kind = 'metric'", "A metric can stand only once in a review."
    )
    _cycle_group_idx = models.Index("(cycle_id, department_id, metric_id)")

    @api.depends("kind", "metric_id", "template_rule_id")
    def _compute_name(self):
        # sudo: the name of a rule of the template, which employees cannot open
        for line in self:
            names = {"adjustment": line.sudo().template_rule_id.name, "metric": line.metric_id.name}
            line.name = names.get(line.kind) or (line.rule or {}).get("label")

    @api.depends("name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name

    @api.depends("evidence_ids")
    def _compute_evidence_count(self):
        counts = dict(
            self.env["hr.performance.evidence"]._read_group(
                [("review_line_id", "in", self.ids)], ["review_line_id"], ["__count"]
            )
        )
        for line in self:
            line.evidence_count = counts.get(line, 0)

    @api.depends("value", "measured", "manager_value", "manager_set", "excluded")
    def _compute_actual(self):
        for line in self:
            line.actual = line.manager_value if line.manager_set else line.value
            line.is_known = (line.manager_set or line.measured) and not line.excluded
            line.is_override = line.manager_set and line.measured

    @api.depends("actual", "is_known", "target", "metric_id")
    @api.depends_context("lang")
    def _compute_displays(self):
        for line in self:
            line.actual_display = line._show_value(line.actual) if line.is_known else "–"
            sign = "≤" if (line.rule or {}).get("direction") == "lower" else "≥"
            line.target_display = f"{sign} {line._show_value(line.target)}"
            if line.kind != "metric":
                line.target_display = False

    @api.depends("actual", "is_known", "target", "review_id.state")
    def _compute_behind(self):
        for line in self:
            line.behind = line.review_id.state in ("goal", "progress") and line._is_behind()

    @api.depends("value_id.value", "value_id.measured", "value", "measured")
    def _compute_difference(self):
        for line in self:
            frozen = line.review_id.state in workflow.FROZEN_STATES
            # sudo: the number only, for whoever reads the line
            now = line.sudo().value_id if frozen else line.value_id.browse()
            line.has_difference = bool(now) and (
                (now.measured, round(now.value, 4)) != (line.measured, round(line.value, 4))
            )
            line.difference = now.value - line.value if line.has_difference else 0.0

    @api.depends(
        "actual", "is_known", "target", "points", "scored", "manager_reason", "exclusion_reason"
    )
    @api.depends_context("lang", "tz")
    def _compute_explanation(self):
        for line in self:
            line.explanation = self.env["ir.qweb"]._render(
                "hr_performance.review_line_explanation",
                {"line": line, "steps": line._explain()},
            )

    @api.constrains("manager_set", "manager_reason")
    def _check_manager_reason(self):
        for line in self:
            if line.manager_set and not (line.manager_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(metric)s: give the reason for the value. The employee reads it.",
                        metric=line.name,
                    )
                )

    @api.constrains("excluded", "exclusion_reason")
    def _check_exclusion_reason(self):
        for line in self:
            if line.excluded and not (line.exclusion_reason or "").strip():
                raise ValidationError(
                    self.env._("%(metric)s: give the reason for leaving it out.", metric=line.name)
                )

    @api.constrains("target")
    def _check_target(self):
        for line in self.filtered(lambda line: line.kind == "metric"):
            try:
                line._get_scoring_rule().validate()
            except scoring.RuleError as error:
                raise ValidationError(
                    self.env._(
                        "%(metric)s: %(problem)s",
                        metric=line.name,
                        problem=line.template_line_id._get_rule_problem(error),
                    )
                ) from error

    @api.constrains("manager_value", "manager_set", "self_value", "self_set")
    def _check_on_scale(self):
        for line in self.filtered(lambda line: line.kind == "metric"):
            given = [line.manager_value] if line.manager_set else []
            given += [line.self_value] if line.self_set else []
            for value in given:
                try:
                    scoring.score_line(line._get_scoring_rule(), value)
                except scoring.RuleError as error:
                    if error.code == "rating_out_of_scale":
                        raise ValidationError(
                            self.env._(
                                "%(metric)s: a rating lies between %(low)s and %(high)s.",
                                metric=line.name,
                                low=error.params["low"],
                                high=error.params["high"],
                            )
                        ) from error

    @api.onchange("manager_value")
    def _onchange_manager_value(self):
        self.manager_set = True

    @api.onchange("self_value")
    def _onchange_self_value(self):
        self.self_set = True

    def write(self, vals):
        vals = dict(vals)
        for name in ("manager", "self"):
            if f"{name}_value" in vals:
                vals.setdefault(f"{name}_set", True)
        if not self.env.su:
            self._check_writable(vals)
        result = super().write(vals)
        if "target" in vals and not self.env.su:
            self.sudo()._follow_target()  # sudo: the full target belongs to the engine
        given = vals.keys() & (GOAL_FIELDS | SCORING_FIELDS | EXCLUSION_FIELDS)
        if given or not self.env.su:
            # sudo: the engine scores, the user gave the value only. Touching the review makes a
            # publication at the same moment conflict with this change instead of overlooking it.
            reviews = self.sudo().review_id
            reviews.write({"touched_on": fields.Datetime.now()})
            if given:
                reviews._score()
        return result

    def _check_writable(self, vals):
        """Refuse every field that the user's role does not write in the review's state."""
        for line in self:
            refused = vals.keys() - line._get_writable_fields()
            if refused:
                raise AccessError(
                    self.env._(
                        "You cannot change %(fields)s of %(metric)s of %(employee)s in this state.",
                        fields=", ".join(sorted(self._fields[f].string for f in refused)),
                        metric=line.name,
                        employee=line.employee_id.name,
                    )
                )

    def _get_writable_fields(self):
        self.ensure_one()
        roles, state = self.review_id._get_roles(), self.review_id.state
        allowed = set()
        if "subject" in roles and state == "self" and self.kind == "metric":
            allowed |= SUBJECT_FIELDS
        if roles & {"manager", "hr"} and self.kind == "metric":
            allowed |= GOAL_FIELDS if state == "goal" else set()
            allowed |= SCORING_FIELDS if state == "manager" else set()
        if "hr" in roles and state in ("manager", "calibration", "ready"):
            allowed |= EXCLUSION_FIELDS
        return allowed

    # Buttons

    def action_view_records(self):
        """The records behind the value, opened under the reader's own rights."""
        self.ensure_one()
        self.check_access("read")
        action = self.metric_id._get_metric_records_action(
            self.employee_id, self.review_id.date_from, self.review_id.date_to
        )
        if not action:
            raise UserError(
                self.env._("%(metric)s has no records to show.", metric=self.metric_id.name)
            )
        return action

    def action_open(self):
        """The line with its explanation."""
        self.ensure_one()
        return self._get_records_action(name=self.name, target="new")

    # Engine

    @api.model
    def _create_from_templates(self, reviews, prorate):
        """Copy the lines and rules of their templates into new reviews, in two statements."""
        if not reviews:
            return
        for model in ("template.line", "template.rule", "metric"):
            self.env[f"hr.performance.{model}"].flush_model()
        self.env.cr.execute(self._get_line_insert(reviews, prorate))
        self.env.cr.execute(self._get_rule_insert(reviews))
        self.env.invalidate_all()

    @api.model
    def _get_line_insert(self, reviews, prorate):
        return SQL(
            """INSERT INTO hr_performance_review_line
                      (review_id, cycle_id, company_id, employee_id, department_id, sequence, kind,
                       metric_id, template_line_id, weight, target, base_target, has_start,
                       start_value, rule, measured, scored, excluded, manager_set, self_set,
                       create_uid, write_uid, create_date, write_date)
               SELECT r.id, r.cycle_id, r.company_id, r.employee_id, r.department_id, t.sequence,
                      'metric', t.metric_id, t.id, t.weight, %(target)s, t.target, t.has_start,
                      t.start_value, t.rule, FALSE, FALSE, FALSE, FALSE, FALSE,
                      r.create_uid, r.create_uid, r.create_date, r.create_date
                 FROM hr_performance_review r
                 JOIN hr_performance_template_line t ON t.template_id = r.template_id
                 JOIN hr_performance_metric m ON m.id = t.metric_id
                WHERE r.id = ANY(%(reviews)s)""",
            target=self._get_target_sql(prorate),
            reviews=list(reviews.ids),
        )

    @api.model
    def _get_rule_insert(self, reviews):
        return SQL(
            """INSERT INTO hr_performance_review_line
                      (review_id, cycle_id, company_id, employee_id, department_id, sequence, kind,
                       metric_id, template_rule_id, weight, rule, measured, scored, excluded,
                       manager_set, self_set, create_uid, write_uid, create_date, write_date)
               SELECT r.id, r.cycle_id, r.company_id, r.employee_id, r.department_id,
                      10000 + t.sequence, 'adjustment', t.metric_id, t.id, 0, t.rule,
                      FALSE, FALSE, FALSE, FALSE, FALSE,
                      r.create_uid, r.create_uid, r.create_date, r.create_date
                 FROM hr_performance_review r
                 JOIN hr_performance_template_rule t ON t.template_id = r.template_id
                WHERE r.id = ANY(%s)""",
            list(reviews.ids),
        )

    @api.model
    def _get_target_sql(self, prorate):
        """The target of a line ``t`` of a review ``r``: what adds up is reduced by days present."""
        if not prorate:
            return SQL("t.target")
        return SQL("CASE WHEN m.cumulative THEN t.target * r.participation ELSE t.target END")

    def _follow_target(self):
        """Keep the full target in proportion to a target that was agreed for this person."""
        for line in self:
            prorated = line.cycle_id.program_id.prorate and line.metric_id.cumulative
            part = line.review_id.participation if prorated else 1
            line.base_target = line.target / part if part else line.target

    def _follow_reviews(self, prorate):
        """Carry a new department or participation over from the reviews to their lines."""
        self.flush_model(["department_id", "target"])
        self.review_id.flush_model(["department_id", "participation"])
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_review_line l
                      SET department_id = r.department_id,
                          target = CASE WHEN %(prorate)s AND m.cumulative AND l.kind = 'metric'
                                   THEN l.base_target * r.participation ELSE l.target END
                     FROM hr_performance_review r, hr_performance_metric m
                    WHERE r.id = l.review_id AND m.id = l.metric_id AND l.id = ANY(%(ids)s)""",
                prorate=prorate,
                ids=list(self.ids),
            )
        )
        self.invalidate_recordset(["department_id", "target"])

    @api.model
    def _take_values(self, reviews, cycle):
        """Copy the measured values of the cycle's period into the lines, in one statement."""
        self.flush_model()
        self.env["hr.performance.value"].flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_review_line l
                      SET value_id = v.id, value = v.value, measured = v.measured,
                          numerator = v.numerator, denominator = v.denominator,
                          sample = v.sample, coverage = v.coverage, measured_on = v.computed_at
                     FROM hr_performance_value v
                    WHERE l.review_id = ANY(%(reviews)s) AND v.employee_id = l.employee_id
                      AND v.metric_id = l.metric_id AND v.date_from = %(start)s
                      AND v.date_to = %(end)s
                      AND (l.value_id, l.value, l.measured, l.numerator, l.denominator, l.sample,
                           l.coverage)
                          IS DISTINCT FROM (v.id, v.value, v.measured, v.numerator, v.denominator,
                                            v.sample, v.coverage)""",
                reviews=list(reviews.ids),
                start=cycle.date_from,
                end=cycle.date_to,
            )
        )
        self.env.invalidate_all()

    def _get_scoring_rule(self):
        """The rule of the line as ``tools.scoring.Rule``."""
        self.ensure_one()
        start = self.start_value if self.has_start else None
        return _get_rule(json.dumps(self.rule), self.weight, self.target, start)

    def _get_adjustment(self):
        self.ensure_one()
        return _get_adjustment(json.dumps(self.rule))

    def _get_result(self):
        """The result of the line from its frozen inputs, as ``tools.scoring.LineResult``."""
        self.ensure_one()
        try:
            actual = self.actual if self.is_known else None
            return scoring.score_line(self._get_scoring_rule(), actual)
        except scoring.RuleError as error:
            return scoring.LineResult(steps=((error.code, None),))

    def _is_behind(self):
        """Whether the value lags the plan of today by more than the programme tolerates."""
        self.ensure_one()
        elapsed = self.cycle_id._get_elapsed_share()
        # sudo: a setting of the programme, which its people may not open
        tolerance = self.cycle_id.program_id.sudo().behind_tolerance / 100
        if self.kind != "metric" or not self.is_known or not elapsed or not tolerance:
            return False
        rule = self._get_scoring_rule()
        pace = scoring.pace(rule, self.actual, elapsed, self.metric_id.cumulative)
        if not pace.behind:
            return False
        expected, actual = float(pace.expected), self.actual
        if rule.direction == "lower":
            return expected < actual * tolerance
        return actual < expected * tolerance

    def _needs_manager(self):
        """Whether the manager still owes a value: nobody else measures this line."""
        self.ensure_one()
        return (
            self.kind == "metric"
            and self.metric_id.source == "manual"
            and not self.manager_set
            and not self.excluded
        )

    def _needs_self(self):
        self.ensure_one()
        return self.kind == "metric" and self.metric_id.source == "manual" and not self.self_set

    def _get_frozen_values(self):
        """Inputs, rule and result as JSON-safe values, for an earlier version of a result."""
        self.ensure_one()
        names = ["kind", "weight", "target", "has_start", "start_value", "rule", "value"]
        names += ["measured", "numerator", "denominator", "sample", "coverage"]
        names += ["manager_value", "manager_set", "manager_reason", "self_value", "self_set"]
        names += ["self_comment", "excluded", "exclusion_reason", "points", "scored", "share"]
        return {
            # sudo: the library is HR's; the code names the metric in the frozen row
            "metric": self.metric_id.sudo().code,
            "name": self.name,
            **{name: self[name] for name in names},
        }

    # Explanation

    def _explain(self):
        """The way from the records to the points, as ``[(title, sentence)]`` in reading order.

        The same sentences stand in the form, in the report and wherever else the line is shown.
        """
        self.ensure_one()
        if self.excluded:
            return [(self.env._("Left out"), self.exclusion_reason or "")]
        if self.kind == "carry":
            points = self.env._("%s points", self._show_number(self.points, signed=True))
            return [(self.name, self.manager_reason), (self.env._("Effect"), points)]
        if self.kind == "adjustment":
            return [*self._explain_value(), *self._explain_adjustment()]
        return [*self._explain_value(), *self._explain_target(), *self._explain_points()]

    def _explain_value(self):
        metric, steps = self.metric_id, []
        if self.measured:
            text = self._show_value(self.value)
            if self.denominator and self._is_weighted_average():
                text = self.env._(
                    "%(value)s on average of %(sample)s records, which weigh %(weight)s together",
                    value=text,
                    sample=self.sample,
                    weight=self._show_number(self.denominator),
                )
            elif self.denominator and metric.unit == "percent":
                text = self.env._(
                    "%(value)s = %(numerator)s of %(denominator)s",
                    value=text,
                    numerator=self._show_number(self.numerator),
                    denominator=self._show_number(self.denominator),
                )
            elif self.sample:
                text = self.env._(
                    "%(value)s from %(sample)s records", value=text, sample=self.sample
                )
            steps.append((self.env._("Measured"), text))
            steps += self._explain_inputs()
        elif not self.manager_set:
            steps.append((self.env._("Not measured"), self._explain_missing()))
        if self.manager_set:
            title = self._get_override_title()
            text = self.env._(
                "%(value)s. Reason: %(reason)s",
                value=self._show_value(self.manager_value),
                reason=self.manager_reason,
            )
            steps.append((title, text))
        if self.measured and self.coverage < 1:
            text = self.env._(
                "%s %% of the data that is expected is there", round(100 * self.coverage)
            )
            steps.append((self.env._("Data"), text))
        return steps

    def _explain_inputs(self):
        """What the number was calculated from; nothing once the records say another number."""
        metric = self.metric_id
        if metric.source != "formula" and metric.unit != "money":
            return []
        # sudo: the inputs of a number that the reader sees already
        value = self.sudo().value_id
        detail = value.detail or {}
        if round(value.value, 4) != round(self.value, 4):
            return []
        currency = self.company_id.currency_id
        parts = [
            f"{operand.name} {operand._format(detail['operands'][operand.code], currency)}"
            for operand in metric.operand_ids
            if operand.code in detail.get("operands", {})
        ]
        text = "; ".join(parts) or value._explain_known(detail)
        return [(self.env._("Calculated from"), text)] if text else []

    def _is_weighted_average(self):
        """Whether the denominator is a sum of weights instead of what a ratio divides by."""
        return self.metric_id.source == "fact" and self.metric_id.aggregate == "avg"

    def _get_override_title(self):
        return self.env._("Changed by the manager") if self.measured else self.env._("Rated")

    def _explain_missing(self):
        """Why there is no value, and that this is neither zero nor full."""
        # sudo: the reason only, for whoever reads the line
        value = self.sudo().value_id
        reasons = dict(value._fields["reason"]._description_selection(self.env))
        reason = reasons.get(value.reason) or self.env._("No value yet")
        if value.reason == "operand":
            code = (value.detail or {}).get("operand")
            operand = self.metric_id.operand_ids.filtered(lambda metric: metric.code == code)
            reason = self.env._("The metric “%(code)s” is unknown", code=operand.name or code)
        return self._add_consequence(reason)

    def _add_consequence(self, reason):
        """The reason why a line has no points, and what follows for the total."""
        reason = reason.rstrip(".。")
        if self.kind == "adjustment":
            return self.env._("%(reason)s. The rule is not applied.", reason=reason)
        # sudo: a setting of the template, which employees cannot open
        if self.review_id.sudo().template_id.missing_policy == "block":
            return self.env._("%(reason)s. The result waits for it.", reason=reason)
        return self.env._("%(reason)s. Its weight leaves the total.", reason=reason)

    def _explain_target(self):
        if not self.is_known or self._get_scoring_rule().target is None:
            return []
        result = self._get_result()
        if result.gap is None:
            return []
        state = self.env._("met") if result.met else self.env._("not met")
        gap = self._show_gap(float(result.gap))
        if result.relative_gap is not None:
            gap = self.env._(
                "%(gap)s, %(relative)s of the target",
                gap=gap,
                relative=self._show_percent(float(result.relative_gap), signed=True),
            )
        text = self.env._(
            "%(target)s: %(state)s (%(gap)s)", target=self.target_display, state=state, gap=gap
        )
        return [(self.env._("Target"), text), *self._explain_prorata()]

    def _explain_prorata(self):
        if not self.base_target or self.base_target == self.target:
            return []
        text = self.env._(
            "%(part)s of the full target %(target)s, for the days employed in the period",
            part=self._show_percent(100 * self.target / self.base_target),
            target=self._show_value(self.base_target),
        )
        return [(self.env._("Pro rata"), text)]

    def _explain_points(self):
        rule = self._get_scoring_rule()
        steps = [(self.env._("Rule"), self._explain_rule(rule))]
        if not self.scored:
            return [*steps, *self._explain_unscored(rule)]
        result, percent = self._get_result(), self._show_percent
        text = self.env._(
            "%(share)s of the weight %(weight)s = %(points)s points",
            share=percent(float(result.share)),
            weight=self._show_number(self.weight),
            points=self._show_number(self.points),
        )
        if result.attainment is not None:
            text = self.env._(
                "attainment %(attainment)s; %(text)s",
                attainment=percent(float(result.attainment * 100)),
                text=text,
            )
        if result.capped:
            text = self.env._("%(text)s (at the cap)", text=text)
        return [*steps, (self.env._("Points"), text)]

    def _explain_unscored(self, rule):
        """Why a value that is known has no points: it does not fit its rule."""
        if not self.is_known:
            return []
        try:
            if scoring.score_line(rule, self.actual).points is not None:
                return []
            reason = self.env._("The formula rests on something that is not known.")
        except scoring.RuleError as error:
            reason = self._get_misfit(error)
        return [(self.env._("Not scored"), self._add_consequence(reason))]

    def _get_misfit(self, error):
        """What does not fit between the value and the rule, in a sentence."""
        params = dict(error.params)
        if error.code == "rating_out_of_scale":
            return self.env._(
                "%(value)s is no rating from %(low)s to %(high)s.",
                value=self._show_value(self.actual),
                low=self._show_number(params["low"]),
                high=self._show_number(params["high"]),
            )
        if error.code == "formula_failed":
            problem = ExpressionError(params.pop("reason"), **params)
            return self.env._(
                "The formula gives no number (%s).",
                self.env["hr.performance.source.formula"]._get_problem(problem),
            )
        return self.env["hr.performance.template.line"]._get_rule_problem(error)

    def _explain_rule(self, rule):
        percent = self._show_percent
        texts = {
            "linear": self.env._(
                "in proportion to the target, at most %s of the weight", percent(float(rule.cap))
            ),
            "threshold": self.env._("the whole weight when the target is met, else nothing"),
            "bands": self.env._("by bands: %s", self._explain_bands(rule)),
            "rating": self.env._("a rating in proportion to the best one"),
            "formula": self.env._("formula: %s", rule.formula),
        }
        text = texts[rule.method]
        if rule.method == "linear" and rule.start is not None:
            text = self.env._(
                "%(text)s; progress counts from %(start)s",
                text=text,
                start=self._show_value(float(rule.start)),
            )
        if rule.method == "linear" and rule.floor:
            text = self.env._(
                "%(text)s; nothing below %(floor)s of the target",
                text=text,
                floor=percent(float(rule.floor)),
            )
        return text

    def _explain_bands(self, rule):
        show = self._show_value if rule.basis == "value" else self._show_percent
        parts = [
            self.env._(
                "from %(lower)s: %(share)s",
                lower=show(float(band.lower)),
                share=self._show_percent(float(band.share)),
            )
            for band in rule.bands
        ]
        return "; ".join(parts)

    def _explain_adjustment(self):
        rule = self._get_adjustment()
        comparisons = self.env["hr.performance.template.rule"]._fields["comparison"]
        effects = {
            "percent": self.env._(
                "%s of the score", self._show_percent(float(rule.amount), signed=True)
            ),
            "points": self.env._("%s points", self._show_number(float(rule.amount), signed=True)),
        }
        text = self.env._(
            "%(comparison)s %(threshold)s: %(effect)s, %(repeat)s",
            comparison=dict(comparisons._description_selection(self.env))[rule.comparison],
            threshold=self._show_value(float(rule.threshold)),
            effect=effects[rule.effect],
            repeat=self.env._("once") if rule.repeat == "once" else self.env._("for each unit"),
        )
        steps = [(self.env._("Rule"), text)]
        if self.is_known:
            points = self._show_number(self.points)
            applied = self.env._("%s points", points) if self.points else self.env._("not applied")
            steps.append((self.env._("Effect"), applied))
        return steps

    def _show_value(self, value):
        """A number in the unit of the metric; money in the currency of the employee's company."""
        return self.metric_id._format(value, self.company_id.currency_id)

    def _show_gap(self, gap):
        """The distance from the target, in percentage points where the unit is percent."""
        if self.metric_id.unit == "percent":
            return self.env._("%s percentage points", self._show_number(gap, signed=True))
        text = self._show_value(gap)
        return f"+{text}" if gap > 0 else text
