from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .hr_performance_phone import Tab, Task

#: How many people can be chosen without typing a name, and how many entries a page shows.
NEARBY = 60
PAGE = 50


class HrPerformancePhone(models.AbstractModel):
    _inherit = "hr.performance.phone"

    @api.model
    def _get_tabs(self):
        return [
            *super()._get_tabs(),
            Tab(30, "feedback", self.env._("Feedback"), "/performance/feedback", "chat"),
            Tab(40, "plans", self.env._("Plans"), "/performance/plans", "plan"),
        ]

    @api.model
    def _get_tasks(self):
        return [
            *super()._get_tasks(),
            *self._get_request_tasks(),
            *self._get_step_tasks(),
            *self._get_closing_tasks(),
        ]

    @api.model
    def _get_request_tasks(self):
        requests = self.env["hr.performance.feedback.request"].search(
            [("giver_id", "=", self.env.uid), ("state", "=", "asked")]
        )
        return [
            Task(
                self.env._("Feedback on %s", asked.employee_id.name),
                f"/performance/feedback/request/{asked.id}",
                asked.question or "",
                asked.deadline,
                "chat",
            )
            for asked in requests
        ]

    @api.model
    def _get_step_tasks(self):
        steps = self.env["hr.performance.plan.step"].search(
            Domain("plan_state", "=", "running")
            & (
                Domain("user_id", "=", self.env.uid)
                | (Domain("user_id", "=", False) & Domain("plan_id.is_own", "=", True))
            )
        )
        due = steps.filtered(lambda step: step.is_due_today and not step.is_done_today)
        return [
            Task(step.name, step._get_page_path(), "", step._get_today(), "plan") for step in due
        ]

    @api.model
    def _get_closing_tasks(self):
        """One task for all plans that have worked, so that it does not grow with the team."""
        plans = self.env["hr.performance.plan"].search(
            Domain("state", "=", "running")
            & Domain("reached_on", "!=", False)
            & Domain("has_manager_access", "=", True)
        )
        if not plans:
            return []
        title = (
            self.env._("Close the plan of %s", plans.employee_id.name)
            if len(plans) == 1
            else self.env._("Close %s plans", len(plans))
        )
        path = f"/performance/plan/{plans.id}" if len(plans) == 1 else "/performance/plans"
        return [Task(title, path, self.env._("The target is reached"), None, "plan")]


class HrPerformanceFeedback(models.Model):
    _inherit = "hr.performance.feedback"

    @api.model
    def _get_page_list(self, which):
        domains = {
            "received": Domain("is_own", "=", True) & Domain("released", "=", True),
            "given": Domain("giver_id", "=", self.env.uid),
            "team": Domain("has_manager_access", "=", True),
        }
        return self.search(domains[which], limit=PAGE)

    def _get_page_values(self):
        self.ensure_one()
        rating = int(self.rating or 0)
        return {
            "id": self.id,
            "employee": self.employee_id.name,
            "giver": self.giver_id.name,
            "date": format_date(self.env, self.date),
            "stars": "★" * rating + "☆" * (5 - rating) if rating else "",
            "rating": dict(self._fields["rating"]._description_selection(self.env))[self.rating]
            if rating
            else "",
            "text": self.text,
            "about": self.metric_id.name or self.dimension_id.name or self.source_text or "",
            "reply": self.reply or "",
            "released": self.released,
            "can_reply": self.can_reply,
            "can_release": self.can_release,
            "can_plan": self.can_plan,
            "has_plan": bool(self.plan_ids),
        }

    @api.model
    def _get_page_people(self, with_user=False):
        """``[(id, name)]`` of the people near the user: above, below and beside him."""
        # sudo: names of people that everybody of the company may see
        me = self.env.user.sudo().employee_id
        if not me:
            return []
        near = Domain("parent_id", "=", me.id) | Domain("id", "=", me.parent_id.id)
        if me.parent_id:
            near |= Domain("parent_id", "=", me.parent_id.id)
        if me.department_id:
            near |= Domain("department_id", "=", me.department_id.id)
        near &= Domain("id", "!=", me.id) & Domain("company_id", "=", me.company_id.id)
        if with_user:
            near &= Domain("user_id", "!=", False)
        people = me.search(near, limit=NEARBY, order="name")
        return [(person.id, person.name) for person in people]

    @api.model
    def _find_person(self, name):
        """The one employee of the user's companies whose name was typed.

        :raises UserError: where nobody is called so, or several are
        """
        # sudo: names of people that everybody of the company may see
        Employee = self.env["hr.employee"].sudo()
        own = Domain("company_id", "in", self.env.companies.ids)
        found = Employee.search(own & Domain("name", "=ilike", name.strip()), limit=2)
        found = found or Employee.search(own & Domain("name", "ilike", name.strip()), limit=2)
        if len(found) != 1:
            raise UserError(
                self.env._("Several people are called “%s”. Type the whole name.", name)
                if found
                else self.env._("Nobody is called “%s”.", name)
            )
        return found.sudo(False)


class HrPerformanceFeedbackRequest(models.Model):
    _inherit = "hr.performance.feedback.request"

    def _get_page_values(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "employee": self.employee_id.name,
            "giver": self.giver_id.name,
            "requester": self.requester_id.name,
            "question": self.question or "",
            "about": self.metric_id.name or self.dimension_id.name or "",
            "deadline": format_date(self.env, self.deadline),
            "late": self.is_late,
            "state": self.state,
            "state_text": states[self.state],
            "decline_reason": self.decline_reason or "",
            "for_me": self.is_for_me,
            "mine": self.is_mine,
        }


class HrPerformancePlan(models.Model):
    _inherit = "hr.performance.plan"

    @api.model
    def _get_page_groups(self):
        """``[(heading, plans)]`` of the user's own plans and of his people's."""
        order = "state, date_end"
        mine = self.search([("is_own", "=", True)], limit=PAGE, order="date_start desc")
        team = self.search(
            [("has_manager_access", "=", True), ("state", "in", ("draft", "running"))],
            limit=PAGE,
            order=order,
        )
        groups = [(self.env._("My plans"), [plan._get_page_row() for plan in mine])]
        if team:
            groups.append((self.env._("My team"), [plan._get_page_row() for plan in team]))
        return groups

    def _get_page_row(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.name,
            "employee": "" if self.is_own else self.employee_id.name,
            "effect": self.effect_text or "",
            "target": self.target_text or "",
            "state": self.state,
            "state_text": states[self.state],
            "reached": self.state == "running" and bool(self.reached_on),
            "late": self.is_late,
            "until": format_date(self.env, self.date_end),
        }

    def _get_page_values(self):
        self.ensure_one()
        return {
            **self._get_page_row(),
            "goal": self.goal or "",
            "metric": self.metric_id.name or "",
            "conclusion": self.closing_note or "",
            "steps": [step._get_page_values() for step in self.step_ids],
            "series": [self._get_page_series(s) for s in self.chart["series"]],
            "entries": [
                {"id": point.id, "label": point.period_text}
                for point in self.checkpoint_ids
                if point.can_enter and point.date_from <= self.company_id._get_performance_today()
            ],
            "notes": [
                {
                    "author": note.user_id.name,
                    "date": format_date(self.env, note.date),
                    "text": note.text,
                }
                for note in self.note_ids
            ],
            **{name: self[name] for name in ("can_start", "can_recover", "can_end")},
            "can_refresh": self.state == "running" and bool(self.metric_id),
        }

    def _get_page_series(self, series):
        """A metric's way as bars, each as a share of the highest value."""
        known = [point["value"] for point in series["points"] if point["value"] is not None]
        top = max([*known, series["target"] or 0], default=0)
        return {
            **series,
            "points": [
                {
                    **point,
                    "percent": 100 * point["value"] / top
                    if point["value"] is not None and top > 0
                    else 0,
                }
                for point in series["points"]
            ],
        }


class HrPerformancePlanStep(models.Model):
    _inherit = "hr.performance.plan.step"

    def _get_page_path(self):
        """Where the user ticks it off: in his own plan, else on a page of its own."""
        self.ensure_one()
        own = self.plan_id.has_access("read")
        return (
            f"/performance/plan/{self.plan_id.id}" if own else f"/performance/plan/step/{self.id}"
        )

    def _get_page_values(self):
        self.ensure_one()
        repeats = dict(self._fields["repeat"]._description_selection(self.env))
        days = [
            self._fields[name]._description_string(self.env)
            for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            if self.repeat == "weekly" and self[name]
        ]
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description or "",
            "rhythm": " ".join([repeats[self.repeat], ", ".join(days)]).strip(),
            "training": self.is_training,
            "who": self.actor_id.name or "",
            "progress": self.progress_text,
            "done_today": self.is_done_today,
            "can_check_in": self.can_check_in,
        }
