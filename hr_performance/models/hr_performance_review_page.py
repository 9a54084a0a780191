from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import babel_locale_parse, get_lang

from ..tools import workflow
from .hr_performance_cycle_page import HELD_STATES

#: Past results in the trend of an employee's own page.
HISTORY_SIZE = 12


class HrPerformanceReview(models.Model):
    """What the screens ask of a review: whose turn it is, its total in words, the own page."""

    _inherit = "hr.performance.review"

    is_my_turn = fields.Boolean(
        compute="_compute_is_my_turn",
        search="_search_is_my_turn",
        export_string_translation=False,
    )
    evidence_count = fields.Integer(
        compute="_compute_evidence_count", export_string_translation=False
    )
    total_explanation = fields.Text("Score in Words", compute="_compute_total_explanation")

    @api.model
    def _group_expand_state(self, states, domain):
        """The columns of the board: the steps that running cycles use and the filter lets pass."""
        # sudo: codes of steps only
        codes = (
            self.env["hr.performance.cycle.step"]
            .sudo()
            ._read_group(
                [("cycle_id.state", "=", "open"), ("company_id", "in", self.env.companies.ids)],
                ["code"],
            )
        )
        used = {code for (code,) in codes}
        return [
            state
            for state in super()._group_expand_state(states, domain)
            if (state in states or _is_column(state, used)) and self._lets_pass(domain, state)
        ]

    @api.model
    def _lets_pass(self, domain, state):
        """Whether what a domain says of the state allows this one."""
        about_state = (
            Domain(domain)
            .optimize(self)
            .map_conditions(lambda c: c if c.field_expr == "state" else Domain.TRUE)
        )
        return bool(self.new({"state": state}).filtered_domain(about_state))

    @api.depends("state", "is_overdue", "blocked")
    def _compute_color(self):
        """Red what is overdue, yellow what waits for data when it is due, green what is out."""
        result = super()._compute_color()
        for review in self:
            if review.color == 3 and review.state not in HELD_STATES:
                review.color = 0
        return result

    @api.depends("state", "employee_id", "manager_id")
    @api.depends_context("uid")
    def _compute_is_my_turn(self):
        mine = self.search(Domain("id", "in", self.ids) & self._get_my_turn_domain())
        for review in self:
            review.is_my_turn = review in mine

    def _search_is_my_turn(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_my_turn_domain()

    @api.model
    def _get_my_turn_domain(self):
        """Reviews that wait for the current user: as employee, manager or responsible."""
        own = Domain("state", "in", ("goal", "self")) & Domain("is_own", "=", True)
        team = Domain("state", "=", "manager") & Domain("has_manager_access", "=", True)
        # sudo: ids of cycles, whose programmes managers cannot open
        cycles = (
            self.env["hr.performance.cycle"]
            .sudo()
            ._search([("program_id.user_id", "=", self.env.uid)])
        )
        responsible = Domain("state", "in", ("calibration", "ready"))
        responsible &= Domain("cycle_id", "in", cycles) & Domain("is_own", "=", False)
        return own | team | responsible

    def _compute_evidence_count(self):
        counts = dict(
            self.env["hr.performance.evidence"]._read_group(
                [("review_id", "in", self.ids)], ["review_id"], ["__count"]
            )
        )
        for review in self:
            review.evidence_count = counts.get(review, 0)

    @api.depends("total", "base_total", "scored", "line_ids.points", "line_ids.scored")
    @api.depends_context("lang")
    def _compute_total_explanation(self):
        for review in self:
            review.total_explanation = "\n".join(review._explain_total())

    def _explain_total(self):
        """How the points of the lines become the score, as sentences in reading order."""
        self.ensure_one()
        if not self.scored:
            return []
        show = self._show_number
        lines = self.line_ids.filtered(lambda line: not line.excluded)
        metrics = lines.filtered(lambda line: line.kind == "metric")
        known = metrics.filtered("scored")
        weight, points = sum(known.mapped("weight")), sum(known.mapped("points"))
        steps = [
            self.env._(
                "%(points)s points of %(weight)s that are measured = %(score)s",
                points=show(points),
                weight=show(weight),
                score=show(self.base_total),
            )
        ]
        if known != metrics:
            steps.append(
                self.env._(
                    "Not measured, so left out of the total: %s",
                    ", ".join((metrics - known).mapped("name")),
                )
            )
        steps += [
            self.env._(
                "%(name)s: %(points)s points", name=line.name, points=show(line.points, True)
            )
            for line in (lines - metrics)
            if line.points
        ]
        if len(steps) > 1 and self.total != self.base_total:
            steps.append(self.env._("Score: %s", show(self.total)))
        return steps

    def action_view_evidence(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_evidence_action"
        )
        return dict(action, domain=[("review_id", "=", self.id)], context={})

    # An employee's own page

    @api.model
    @api.readonly
    def get_my_performance(self):
        """Everything that the page of the current user shows, in his language.

        Record rules decide what is read; the page writes nothing by itself.
        """
        own = self.search(
            Domain("is_own", "=", True) & Domain("state", "!=", "cancelled"),
            order="date_to desc, id desc",
        )
        current = own.filtered(lambda r: r.state in workflow.OPEN_STATES)
        done = own.filtered(lambda r: r.state in workflow.FROZEN_STATES and r.scored)
        shown = current.sorted(lambda r: (not r.is_my_turn, r.deadline or r.date_to))
        shown |= done.filtered(lambda r: r.state == "published")[:1]
        return {
            "is_employee": bool(self.env.user.employee_ids),
            "reviews": [review._get_page_values() for review in shown],
            "history": [review._get_history_values() for review in done[:HISTORY_SIZE][::-1]],
        }

    def _get_page_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.cycle_id.display_name,
            "period": self._show_period(),
            # sudo: the purpose is written for those who take part
            "purpose": self.sudo().program_id.description or "",
            "state": self.state,
            "is_final": self.state in workflow.FROZEN_STATES,
            "is_live": self.state in workflow.LIVE_STATES,
            "is_overdue": self.is_overdue,
            "scored": self.scored,
            "score": self._show_number(self.total) if self.scored else "",
            "percent": self.total if self.scored else 0,
            "coverage": self.coverage,
            "coverage_display": self._show_number(self.coverage),
            "explanation": self._explain_total(),
            "grade": self.grade_id.name or "",
            "place": self.rank_display or "",
            "steps": self._get_page_steps(),
            "todo": self._get_page_todo(),
            "return_reason": self.return_reason or "",
            "returned_by": self.returned_by_id.name or "",
            "can_confirm_goals": self.can_confirm_goals,
            "can_submit_self": self.can_submit_self,
            "can_edit_self": self.can_edit_self,
            "self_comment": self.self_comment or "",
            "manager_comment": self.manager_comment or "",
            "manager": self.manager_id.name or "",
            "strengths": self.strength_ids.mapped("name"),
            "weaknesses": self.weakness_ids.mapped("name"),
            "measured_on": self._show_measured_on(),
            "lines": [line._get_page_values() for line in self.line_ids],
        }

    def _show_period(self):
        first, last = format_date(self.env, self.date_from), format_date(self.env, self.date_to)
        return self.env._("%(first)s – %(last)s", first=first, last=last)

    def _show_date(self, day):
        return format_date(self.env, day)

    def _show_day(self, day):
        """Day and month, short, in the order of the reader's language."""
        return format_skeleton("MMMd", day, locale=babel_locale_parse(get_lang(self.env).code))

    def _show_measured_on(self):
        days = [line.measured_on for line in self.line_ids if line.measured_on]
        if not days:
            return ""
        return format_date(self.env, fields.Datetime.context_timestamp(self, max(days)).date())

    def _get_page_steps(self):
        """The way of this review through the steps of its cycle, in order."""
        labels = {
            "goal": self.env._("Goals"),
            "progress": self.env._("Period"),
            "self": self.env._("Self-assessment"),
            "manager": self.env._("Manager"),
            "calibration": self.env._("Calibration"),
            "ready": self.env._("Publication"),
        }
        deadlines = self.cycle_id._get_deadlines()
        used, here = self.cycle_id._get_used_steps(), workflow.STATES.index(self.state)
        steps = []
        for position, (state, label) in enumerate(labels.items()):
            if workflow.STEP_OF_STATE.get(state) not in {None, *used}:
                continue
            deadline = deadlines.get((self.cycle_id.id, state))
            steps.append(
                {
                    "state": state,
                    "label": label,
                    "deadline": self._show_day(deadline) if deadline else "",
                    "status": "done" if position < here else "now" if position == here else "later",
                }
            )
        return steps

    def _get_page_todo(self):
        """What the employee has to do now, or whom the review waits for: title and sentence."""
        due = format_date(self.env, self.deadline) if self.deadline else ""
        texts = {
            "goal": (
                self.env._("Confirm your goals"),
                self.env._(
                    "Read the targets below. Talk to your manager about what does not fit, then "
                    "confirm them."
                ),
            ),
            "progress": (
                self.env._("Nothing to do but your work"),
                self.env._("The numbers follow the records by themselves."),
            ),
            "self": (
                self.env._("Assess yourself"),
                self.env._("Say how you see the period, in your own words, then submit it."),
            ),
            "manager": (
                self.env._("Your manager is scoring"),
                self.env._("You see the result here when it is published."),
            ),
            "calibration": (
                self.env._("HR compares the results"),
                self.env._("You see the result here when it is published."),
            ),
            "ready": (
                self.env._("The result is being published"),
                self.env._("You see the result here when it is published."),
            ),
            "published": (
                self.env._("Your result is here"),
                self.env._("Does something look wrong? Talk to your manager or to HR."),
            ),
        }
        title, text = texts.get(self.state, ("", ""))
        return {
            "title": title,
            "text": text,
            "due": due if self.state != "closed" else "",
            "is_mine": self.can_confirm_goals or self.can_submit_self,
        }

    def _get_history_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.cycle_id.name,
            "score": self._show_number(self.total),
            "percent": self.total,
            "grade": self.grade_id.name or "",
            "place": self.rank_display or "",
        }


def _is_column(state, used_steps):
    """Whether a state without reviews has a column of its own on the board."""
    return state in ("progress", "published") or workflow.STEP_OF_STATE.get(state) in used_steps
