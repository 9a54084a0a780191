import functools
import json
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..tools import scoring, workflow
from ..tools.decimals import round_half_up
from ..tools.grades import GradeScale


class LineInput(NamedTuple):
    """What the score of one line is made of, as read from its row."""

    id: int
    review_id: int
    kind: str
    weight: float
    target: float
    start: float | None
    rule: str
    value: float | None
    coverage: float
    policy: str
    threshold: float


@functools.lru_cache(maxsize=8192)
def _get_rule(text, weight, target, start):
    """The rule of a line, parsed once for all lines with the same rule, weight and target."""
    values = json.loads(text)
    target = scoring.read_target(values, target)
    return scoring.Rule.from_dict({**values, "weight": weight, "target": target, "start": start})


@functools.lru_cache(maxsize=1024)
def _get_adjustment(text):
    return scoring.Adjustment.from_dict(json.loads(text))


class HrPerformanceReview(models.Model):
    """Launching, measuring, scoring and publishing: each one set-based method."""

    _inherit = "hr.performance.review"

    @api.depends("line_ids.points", "line_ids.scored")
    def _compute_profile(self):
        for review in self:
            lines = review.line_ids.filtered(lambda line: line.kind == "metric")
            rows = [
                (line.id, line._get_scoring_rule().weight, line._get_result()) for line in lines
            ]
            profile = scoring.strengths_and_weaknesses(rows)
            review.strength_ids = self.env["hr.performance.review.line"].browse(profile.strengths)
            review.weakness_ids = self.env["hr.performance.review.line"].browse(profile.weaknesses)

    # Launching

    @api.model
    def _create_from_snapshots(self, cycle, snapshots, templates):
        """Create the reviews of these people with their lines; who has one is left alone.

        :param templates: ``{employee id: template}``
        :return: the created reviews
        """
        state = workflow.next_state(None, cycle._get_used_steps())
        deadline = cycle._get_deadlines().get((cycle.id, state))
        reviews = self._bulk_insert(
            [
                {
                    "cycle_id": cycle.id,
                    "company_id": cycle.company_id.id,
                    "date_from": cycle.date_from,
                    "date_to": cycle.date_to,
                    "state": state,
                    "deadline": deadline,
                    "priority": "0",
                    "employee_id": snapshot.employee_id,
                    "department_id": snapshot.department_id,
                    "job_id": snapshot.job_id,
                    "manager_id": snapshot.manager_id,
                    "participation": snapshot.share,
                    "template_id": templates[snapshot.employee_id].id,
                }
                for snapshot in snapshots
            ],
            conflict=SQL("cycle_id, employee_id"),
        )
        self.env["hr.performance.review.line"]._create_from_templates(
            reviews, cycle.program_id.prorate
        )
        return reviews

    def _update_snapshots(self):
        """Follow transfers, new managers and leavers up to the end of the period."""
        for cycle, reviews in self.grouped("cycle_id").items():
            snapshots = reviews.employee_id._get_performance_snapshots(
                cycle._get_period(), cycle._get_today()
            )
            by_employee = {snapshot.employee_id: snapshot for snapshot in snapshots}
            self._bulk_update(
                [
                    {
                        "id": review.id,
                        "department_id": snapshot.department_id,
                        "job_id": snapshot.job_id,
                        "manager_id": review.manager_id.id
                        if review.manager_fixed
                        else snapshot.manager_id,
                        "participation": snapshot.share,
                    }
                    for review in reviews
                    if (snapshot := by_employee.get(review.employee_id.id))
                ]
            )
            reviews.line_ids._follow_reviews(cycle.program_id.prorate)
            absent = reviews.filtered(
                lambda r, by=by_employee, least=cycle.program_id.min_days: (
                    r.employee_id.id in by and by[r.employee_id.id].days < max(least, 1)
                )
            )
            if absent:
                absent._transition("cancel", self.env._("Employed for too few days of the period."))

    def _is_batch(self):
        """Whether this is part of work on a whole cycle, measured before and ranked after."""
        return self.env.context.get("performance_batch", False)

    # Measuring

    def _refresh(self):
        """Measure the live reviews and score them. One aggregate per metric and cycle."""
        live = self.filtered(lambda review: review.state in workflow.LIVE_STATES)
        if not self._is_batch():
            live._measure()
        for cycle, reviews in live.grouped("cycle_id").items():
            self.env["hr.performance.review.line"]._take_values(reviews, cycle)
        live._score()

    def _measure(self):
        """Measure the metrics of the reviews for their people and periods."""
        Line = self.env["hr.performance.review.line"]
        for cycle, reviews in self.grouped("cycle_id").items():
            domain = [("review_id", "in", reviews.ids), ("kind", "!=", "carry")]
            rows = Line._read_group(domain, ["metric_id"])
            metrics = self.env["hr.performance.metric"].concat(*(metric for (metric,) in rows))
            metrics.with_company(cycle.company_id)._refresh_values(
                reviews.employee_id, cycle.date_from, cycle.date_to
            )

    # Scoring

    def _score(self):
        """Score the lines and the reviews. Published ones stay."""
        reviews = self.filtered(lambda review: review.state not in workflow.FROZEN_STATES)
        reviews._apply_scores()
        if reviews and not self._is_batch():
            reviews.cycle_id._rank_soon()

    def _apply_scores(self):
        """Score the lines and the reviews from their inputs, in whatever state they are."""
        reviews, lines = self, defaultdict(list)
        for row in reviews._read_line_inputs():
            lines[row.review_id].append(row)
        line_vals, review_vals = [], []
        grades = reviews._get_grade_scales()
        for review in reviews:
            results, vals = self._score_review(lines[review.id])
            scale = grades.get(review.id)
            grade = scale.grade_of(vals["total"]) if scale and vals["scored"] else None
            line_vals += results
            review_vals.append({"id": review.id, **vals, "full_grade_id": grade})
        line_vals += reviews._get_excluded_vals()
        self.env["hr.performance.review.line"]._bulk_update(line_vals)
        self._bulk_update(review_vals)

    def _get_excluded_vals(self):
        """Values of the lines that were scored before they were left out: they count nowhere."""
        lines = self.env["hr.performance.review.line"].search(
            [("review_id", "in", self.ids), ("excluded", "=", True), ("scored", "=", True)]
        )
        return [_get_score_vals(line.id, scoring.LineResult()) for line in lines]

    def _read_line_inputs(self, current=False):
        """:class:`LineInput` of each line; ``current`` takes the measurements of today."""
        Line = self.env["hr.performance.review.line"]
        Line.flush_model()
        query = SQL(
            """SELECT l.id, l.review_id, l.kind, l.weight::float8, l.target::float8,
                      CASE WHEN l.has_start THEN l.start_value::float8 END, l.rule::text,
                      CASE WHEN l.manager_set THEN l.manager_value::float8
                           WHEN %(source)s.measured THEN %(source)s.value::float8 END,
                      CASE WHEN l.manager_set THEN 1 ELSE COALESCE(%(source)s.coverage, 0) END,
                      t.missing_policy, t.coverage_threshold::float8
                 FROM hr_performance_review_line l
                 JOIN hr_performance_review r ON r.id = l.review_id
                 JOIN hr_performance_template t ON t.id = r.template_id
            LEFT JOIN hr_performance_value v ON v.id = l.value_id
                WHERE l.review_id = ANY(%(reviews)s) AND l.excluded IS NOT TRUE
             ORDER BY l.review_id, l.sequence, l.id""",
            source=SQL("v" if current else "l"),
            reviews=list(self.ids),
        )
        return map(LineInput._make, self.env.execute_query(query))

    def _get_grade_scales(self):
        """``{review id: GradeScale of grade ids}``; the programme's scale goes before."""
        scales, result = {}, {}
        by_origin = self.grouped(lambda review: (review.cycle_id, review.template_id))
        for (cycle, template), reviews in by_origin.items():
            scale = cycle.program_id.scale_id or template.scale_id
            if scale not in scales:
                scales[scale] = GradeScale(scale._get_bands()) if scale.grade_ids else None
            result |= dict.fromkeys(reviews.ids, scales[scale])
        return result

    @api.model
    def _score_review(self, rows, held=()):
        """Score the lines of one review.

        :param rows: its :class:`LineInput`
        :param held: ids of lines that count as if they had brought nothing
        :return: ``(values of its lines, values of the review)``
        """
        metrics = [row for row in rows if row.kind == "metric"]
        rules = [row for row in rows if row.kind != "metric"]
        results = [(row, self._score_row(row)) for row in metrics]
        results = [
            (row, scoring.without_points(result) if row.id in held else result)
            for row, result in results
        ]
        total = scoring.score_total(
            [(row.id, _get_weight(row), result) for row, result in results],
            [(row.id, _get_adjustment(row.rule), row.value) for row in rules if row.id not in held],
            missing=rows[0].policy if rows else "exclude",
        )
        applied = {effect.key: effect for effect in total.applied}
        line_vals = [_get_score_vals(row.id, result) for row, result in results]
        line_vals += [_get_adjustment_vals(row, applied.get(row.id)) for row in rules]
        return line_vals, _get_total_vals(metrics, total)

    @api.model
    def _score_row(self, row):
        """The result of a line; one whose value does not fit its rule counts as unmeasured."""
        try:
            return scoring.score_line(
                _get_rule(row.rule, row.weight, row.target, row.start), row.value
            )
        except scoring.RuleError as error:
            return scoring.LineResult(steps=((error.code, None),))

    # Publishing

    def _publish(self, by_user=None):
        """Publish what is not held back: score for the last time, freeze, show the results.

        The rows are locked before they are read for the last time, so that a late submission
        conflicts with the publication instead of slipping past it.
        """
        # Who publishes many does not want a message for each; the context goes with every write.
        reviews = self.with_context(tracking_disable=len(self) > 1)
        reviews._lock()
        reviews._score()
        free = reviews.filtered(lambda review: not review.blocked)
        if by_user and free != reviews:
            reviews._prepare_publish(None)
        if by_user:
            # sudo: the engine goes on; only the name of who publishes is his
            free = free.with_user(by_user).sudo()
        return free._transition("publish")

    def _lock(self):
        """Lock the rows until the end of the transaction, waiting for who holds them.

        Whoever changes what a review rests on writes to its row. If he did so after this
        transaction began, it fails and is tried again; if he does so now, he waits and fails.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM hr_performance_review WHERE id = ANY(%s) ORDER BY id "
                "FOR NO KEY UPDATE",
                list(self.ids),
            )
        )

    def _show_results(self):
        """Write what the employee may see of rank and grade, as the programme says."""
        self.flush_recordset()
        for cycle, reviews in self.grouped("cycle_id").items():
            self.env.cr.execute(
                SQL(
                    """UPDATE hr_performance_review
                          SET (grade_id, rank, rank_count, rank_band)
                            = ROW(full_grade_id, %(shown)s)
                        WHERE id = ANY(%(reviews)s)""",
                    shown=cycle._get_shown_rank(SQL("full_rank"), SQL("full_count")),
                    reviews=list(reviews.ids),
                )
            )
        self.invalidate_recordset(["grade_id", "rank", "rank_count", "rank_band"])


def _get_weight(row):
    return _get_rule(row.rule, row.weight, row.target, row.start).weight


def _get_score_vals(line_id, result):
    known = result.points is not None
    return {
        "id": line_id,
        "scored": known,
        "points": float(result.points) if known else None,
        "share": float(result.share) if known else None,
        "attainment": None if result.attainment is None else float(result.attainment * 100),
        "met": bool(result.met),
        "capped": result.capped,
    }


def _get_adjustment_vals(row, effect):
    return {
        "id": row.id,
        "scored": row.value is not None,
        "points": float(effect.points) if effect else 0.0,
        "share": None,
        "attainment": None,
        "met": False,
        "capped": False,
    }


def _get_total_vals(metrics, total):
    """Values of a review from its :class:`scoring.TotalResult` and its metric lines."""
    weight = sum(row.weight for row in metrics)
    missing = set(total.missing)
    covered = sum(row.weight * row.coverage for row in metrics if row.id not in missing)
    coverage = 100 * covered / weight if weight else 0.0
    threshold = metrics[0].threshold if metrics else 0.0
    reason = None
    if total.blocked:
        reason = "missing"
    elif total.total is None:
        reason = "empty"
    elif round(coverage, 2) < threshold:
        reason = "coverage"
    return {
        "total": float(total.total or 0),
        "base_total": float(round_half_up(total.base)) if total.base is not None else 0.0,
        "scored": total.total is not None,
        "coverage": coverage,
        "missing_count": len(missing),
        "blocked": bool(reason),
        "blocked_reason": reason,
    }
