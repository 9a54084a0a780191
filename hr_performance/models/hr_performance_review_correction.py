from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import workflow


class HrPerformanceReview(models.Model):
    """Records that change after publication: the result stays, the difference is carried over.

    A refund, a corrected attendance or a late posting moves the measurement of a period whose
    result is frozen. The difference is shown beside the frozen value, and HR carries it over into
    the employee's running review, once, as a line with its reason.
    """

    _inherit = "hr.performance.review"

    carried_points = fields.Float(
        digits=(8, 2),
        readonly=True,
        aggregator=None,
        help="Points of difference that were carried over into a later review.",
    )
    corrected_total = fields.Float(
        "Score by Today's Records",
        compute="_compute_correction",
        digits=(8, 2),
        aggregator=None,
    )
    has_correction = fields.Boolean(
        compute="_compute_correction",
        help="The records give another score today than the one published, and the difference "
        "was not carried over yet.",
    )

    @api.depends("state", "total", "carried_points", "line_ids.value_id.value")
    def _compute_correction(self):
        frozen = self.filtered(lambda review: review.state in workflow.FROZEN_STATES)
        # sudo: the engine scores with rules of templates that the reader may not open
        totals = frozen.sudo()._get_corrected_totals()
        for review in self:
            total = totals.get(review.id)
            review.corrected_total = review.total if total is None else total
            left = review.corrected_total - review.total - review.carried_points
            review.has_correction = abs(left) >= 0.005

    def _get_corrected_totals(self):
        """``{review id: total}`` as the measurements of today would give it."""
        rows = {}
        for row in self._read_line_inputs(current=True):
            rows.setdefault(row.review_id, []).append(row)
        totals = {}
        for review_id, review_rows in rows.items():
            vals = self._score_review(review_rows)[1]
            if vals["scored"]:
                totals[review_id] = vals["total"]
        return totals

    def action_carry_over(self):
        """Enter the difference into the next running review of the same programme."""
        for review in self:
            if not review._get_roles() & {"hr", "system"}:
                raise AccessError(
                    self.env._("Only HR carries differences over, and not for one's own review.")
                )
        corrected = self.filtered("has_correction")
        targets = corrected._get_next_reviews()
        waiting = corrected.filtered(lambda review: review not in targets)
        if waiting:
            raise UserError(
                self.env._(
                    "%(employees)s: no later review of this programme is running yet. Carry the "
                    "difference over once it is launched.",
                    employees=", ".join(waiting.employee_id.mapped("name")),
                )
            )
        # sudo: lines belong to the engine, the right was checked
        lines = self.env["hr.performance.review.line"].sudo()
        lines.create([review._get_carry_vals(targets[review]) for review in corrected])
        for review in corrected.sudo():
            review.carried_points = review.corrected_total - review.total
        targets = self.env["hr.performance.review"].concat(*targets.values())
        targets.sudo()._score()
        return True

    def _get_next_reviews(self):
        """``{review: the employee's first live review of the programme after it}``"""
        # sudo: the next review may have another manager; the engine writes to it
        live = self.sudo().search(
            Domain("employee_id", "in", self.employee_id.ids)
            & Domain("cycle_id.program_id", "in", self.program_id.ids)
            & Domain("state", "in", workflow.LIVE_STATES),
            order="date_from",
        )
        result = {}
        for review in self:
            later = live.filtered(
                lambda r, review=review: (
                    r.employee_id == review.employee_id
                    and r.program_id == review.program_id
                    and r.date_from > review.date_to
                )
            )
            if later:
                result[review] = later[0]
        return result

    def _get_carry_vals(self, target):
        self.ensure_one()
        points = self.corrected_total - self.total - self.carried_points
        label = self.env._("Correction of %s", self.cycle_id.name)
        changed = self.line_ids.filtered("has_difference")
        return {
            "review_id": target.id,
            "cycle_id": target.cycle_id.id,
            "company_id": target.company_id.id,
            "employee_id": target.employee_id.id,
            "department_id": target.department_id.id,
            "sequence": 20000,
            "kind": "carry",
            "metric_id": (changed or self.line_ids)[0].metric_id.id,
            "carried_from_id": self.id,
            "rule": {
                "label": label,
                "comparison": ">=",
                "threshold": "0",
                "effect": "points",
                "amount": f"{points:.2f}",
                "repeat": "once",
            },
            "manager_set": True,
            "manager_value": 0.0,
            "manager_reason": self.env._(
                "%(label)s: the records give %(corrected)s today, %(total)s were published "
                "(%(metrics)s).",
                label=label,
                corrected=self.corrected_total,
                total=self.total,
                metrics=", ".join(changed.mapped("name")),
            ),
        }
