from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import appeal as course


class HrPerformanceReview(models.Model):
    """Appeals against a published result.

    What is disputed is marked and held back, the rest stands. A changed line is scored in place:
    the earlier result is kept as a version, the total and the grade follow, and the employee's
    place is found again among the others, whose published places stay.
    """

    _inherit = "hr.performance.review"

    appeal_ids = fields.One2many("hr.performance.appeal", "review_id")
    appeal_count = fields.Integer(compute="_compute_appeal_count", export_string_translation=False)
    appeal_hold = fields.Selection(
        [("part", "Partly under appeal"), ("whole", "Under appeal")],
        "Held Back by Appeal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What is disputed is held back until the appeal is answered. The rest stands.",
    )
    appeal_until = fields.Date("Appeals until", compute="_compute_can_appeal")
    can_appeal = fields.Boolean(compute="_compute_can_appeal")
    can_file_appeal = fields.Boolean(compute="_compute_can_appeal")
    appeal_note = fields.Char("Under Appeal", compute="_compute_appeal_note")

    def _compute_appeal_count(self):
        counts = dict(
            self.env["hr.performance.appeal"]._read_group(
                [("review_id", "in", self.ids)], ["review_id"], ["__count"]
            )
        )
        for review in self:
            review.appeal_count = counts.get(review, 0)

    @api.depends("state", "published_on", "employee_id", "appeal_ids.state")
    @api.depends_context("uid")
    def _compute_can_appeal(self):
        deadlines = self.cycle_id._get_deadlines()
        for review in self:
            review.appeal_until = deadlines.get((review.cycle_id.id, "published"))
            # An open appeal about one line leaves the other lines to be disputed.
            open_now = not review._get_window_problem()
            review.can_appeal = review.is_own and open_now
            review.can_file_appeal = open_now and review._is_represented()

    def _is_represented(self):
        """Whether the current user may appeal in the name of an employee who has no account."""
        self.ensure_one()
        officer = self.env.user.has_group("hr_performance.group_hr_performance_user")
        # sudo: whether the employee can do so himself, and is somebody else
        employee = self.sudo().employee_id
        return (
            officer
            and not self.is_own
            and not employee.user_id.active
            and not self.env.user._is_same_person(employee)
        )

    @api.depends("appeal_hold", "total", "line_ids.under_appeal", "line_ids.points")
    @api.depends_context("lang")
    def _compute_appeal_note(self):
        """How much of the score stands whatever the answer will be, and how much is held back."""
        for review in self:
            if review.appeal_hold == "whole":
                note = self.env._("under appeal, held back")
            elif review.appeal_hold and review.scored:
                note = review._get_held_note()
            else:
                note = False
            review.appeal_note = note

    def _get_held_note(self):
        self.ensure_one()
        # Of a deduction that is disputed nothing is held back: it can only be lifted.
        stands = min(self.total, self._get_undisputed_total())
        if stands == self.total:
            return self.env._("under appeal, held back")
        return self.env._(
            "%(stands)s stand, %(held)s are under appeal and held back",
            stands=self._show_number(stands),
            held=self._show_number(self.total - stands),
        )

    def _get_undisputed_total(self):
        """The score if the disputed lines brought nothing: what no answer can take away."""
        self.ensure_one()
        # sudo: the inputs of the score, of which the total alone is shown
        engine = self.sudo()
        held = engine.line_ids.filtered("under_appeal").ids
        return engine._score_review(list(engine._read_line_inputs()), held)[1]["total"]

    def _get_window_problem(self):
        """Why nothing of this result can be disputed today, as a sentence; False when it can."""
        self.ensure_one()
        if self.state != "published":
            return self.env._("Only a published result that is not closed yet can be disputed.")
        last = self.cycle_id._get_deadlines().get((self.cycle_id.id, "published"))
        if not last:
            return self.env._("This programme has no appeals.")
        if self.company_id._get_performance_today() > last:
            return self.env._("The time for appeals ended on %s.", format_date(self.env, last))
        return False

    def _get_appeal_problem(self, line, appeal=None):
        """Why the line, or the whole result where it is empty, cannot be disputed; or False."""
        self.ensure_one()
        if problem := self._get_window_problem():
            return problem
        if line.kind == "carry":
            return self.env._(
                "This line carries over an earlier result. Dispute that one, or talk to HR."
            )
        # sudo: whether there are others, among the employee's own
        others = self.sudo().appeal_ids - (appeal or self.env["hr.performance.appeal"])
        others = others.filtered(lambda a: a.state != "draft" and a.outcome != "withdrawn")
        if others.filtered(lambda a: a.line_id == line and a.submitted_on >= self.published_on):
            return self.env._("There was an appeal about this already. Its answer can go to HR.")
        running = others.filtered(lambda a: a.state in course.OPEN_STATES)
        if running and (not line or running.filtered(lambda a: not a.line_id)):
            return self.env._(
                "An appeal about this result is open. Wait for its answer, or withdraw it first."
            )
        return False

    # Buttons

    def action_appeal(self):
        """Open the form in which the employee writes an appeal against the whole result."""
        self.ensure_one()
        self.check_access("read")
        if not self.is_own and not self._is_represented():
            raise AccessError(
                self.env._(
                    "Only the employee himself appeals against his result, or HR in the name of "
                    "somebody without an account."
                )
            )
        if problem := self._get_window_problem():
            raise UserError(problem)
        return self._open_appeal_form()

    def _open_appeal_form(self, line=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Appeal"),
            "res_model": "hr.performance.appeal",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
            "context": {
                "default_review_id": self.id,
                "default_line_id": line.id if line else False,
            },
        }

    def action_view_appeals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_appeal_action"
        )
        return dict(action, domain=[("review_id", "=", self.id)], context={"create": False})

    # Holding back

    def _sync_appeal_holds(self):
        """Mark what is disputed by an appeal that waits for its answer, and nothing else."""
        held = self.appeal_ids.filtered(lambda appeal: appeal.state in course.HELD_STATES)
        for review in self:
            own = held.filtered(lambda appeal, review=review: appeal.review_id == review)
            whole = any(not appeal.line_id for appeal in own)
            review.appeal_hold = "whole" if whole else "part" if own else False
        disputed, marked = held.line_id, self.line_ids.filtered("under_appeal")
        (marked - disputed).write({"under_appeal": False})
        (disputed - marked).write({"under_appeal": True})

    def _check_transition(self, name, raise_if_not_possible=True):
        """A result is neither closed nor reopened over an appeal that may still change it."""
        possible = super()._check_transition(name, raise_if_not_possible)
        if possible and name in ("close", "reopen") and self._has_open_appeals():
            if raise_if_not_possible:
                raise UserError(
                    self.env._("An appeal of %s is open. Answer it first.", self.employee_id.name)
                )
            return False
        return possible

    def _has_open_appeals(self):
        # sudo: whether there is one, for whoever closes
        return any(appeal.state in course.OPEN_STATES for appeal in self.sudo().appeal_ids)

    @api.model
    def _get_undisputed_domain(self):
        return Domain("appeal_ids", "not any", [("state", "in", course.OPEN_STATES)])

    # Changing a published result in place

    def _change_published(self, values, reason, appeal):
        """Give lines of a published result other values; both versions stay.

        :param values: ``{line id: value}``
        :param reason: what the employee reads, on the lines and on the version
        """
        self.ensure_one()
        lines = self._check_change(values, appeal)
        self._lock()
        self._keep_revision(reason, appeal)
        for line in lines:
            line.write(
                {
                    "manager_value": values[line.id],
                    "manager_set": True,
                    "manager_reason": reason,
                    "excluded": False,
                    "appeal_id": appeal.id,
                }
            )
        self._apply_scores()
        self._rank_again()

    def _check_change(self, values, appeal):
        """The lines that may be changed by this appeal; refuses the others, and no change."""
        allowed = self._get_changeable_lines(appeal)
        lines = allowed.filtered(lambda line: line.id in values)
        if not values or len(lines) != len(values):
            raise UserError(self.env._("Give the new value of a line that is disputed."))
        same = lines.filtered(
            lambda line: line.is_known and abs(line.actual - values[line.id]) < 0.00005
        )
        if same == lines:
            raise UserError(self.env._("The values are the same as before: the result stands."))
        return lines

    def _get_changeable_lines(self, appeal):
        lines = appeal.line_id or self.line_ids
        return lines.filtered(lambda line: line.kind != "carry")

    def _keep_revision(self, reason, appeal):
        vals = {**self._get_revision_vals(reason, self.env.user), "appeal_id": appeal.id}
        self.env["hr.performance.review.revision"].create(vals)
        self.revision_count += 1

    def _rank_again(self):
        """Show the grade of the new score, and the place that it has among the others.

        The published places of the others stay: their results were not disputed.
        """
        self.write({"grade_id": False, "rank": 0, "rank_count": 0, "rank_band": False})
        self.cycle_id._rank()

    def _get_total_after(self, values):
        """The score that these values of lines would give, or None where it is unknown."""
        self.ensure_one()
        rows = [
            row._replace(value=values[row.id], coverage=1.0) if row.id in values else row
            for row in self._read_line_inputs()
        ]
        vals = self._score_review(rows)[1]
        return vals["total"] if vals["scored"] else None

    # In words

    @api.depends("appeal_hold", "line_ids.under_appeal")
    def _compute_total_explanation(self):
        return super()._compute_total_explanation()

    def _explain_total(self):
        steps = super()._explain_total()
        held = self.line_ids.filtered("under_appeal")
        if self.appeal_hold == "whole":
            steps.append(self.env._("Under appeal: the score is held back until it is answered."))
        elif held:
            steps.append(
                self.env._(
                    "Under appeal, held back: %(lines)s (%(points)s points). The rest stands.",
                    lines=", ".join(held.mapped("name")),
                    points=self._show_number(sum(held.mapped("points"))),
                )
            )
        return steps

    # On the own page

    def _get_page_values(self):
        values = super()._get_page_values()
        values["can_appeal"] = self.can_appeal
        values["appeal_note"] = self.appeal_note or ""
        values["appeals"] = [
            appeal._get_page_values() for appeal in self.appeal_ids._filtered_access("read")
        ]
        return values

    def _get_page_todo(self):
        """The published result says until when something in it can be disputed."""
        todo = super()._get_page_todo()
        if self.can_appeal:
            todo["text"] = self.env._(
                "Does something look wrong? Talk to your manager, or appeal until %s.",
                format_date(self.env, self.appeal_until),
            )
        return todo
