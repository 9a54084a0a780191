from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import workflow


class HrPerformancePoll(models.Model):
    """The poll about an employee: his 360° review."""

    _inherit = "hr.performance.poll"

    invitation_ids = fields.One2many("hr.performance.peer.invitation", "poll_id", "Who Answers")

    @api.model
    def _open_peer(self, reviews):
        """Open the 360° reviews of these reviews that have none, with those asked by themselves.

        The number of queries does not depend on the number of reviews. Idempotent.
        """
        rows = []
        for cycle, group in reviews.grouped("cycle_id").items():
            program = cycle.program_id
            if program.peer_used:
                times = program._get_peer_times(cycle.date_to)
                rows += [self._prepare_peer(review, program) | times for review in group]
        polls = self._bulk_insert(rows, conflict=SQL("review_id"))
        polls._ask_named()
        polls._ask_hierarchy()
        return polls

    @api.model
    def _prepare_peer(self, review, program):
        return {
            "kind": "peer",
            "cycle_id": review.cycle_id.id,
            "company_id": review.company_id.id,
            "review_id": review.id,
            "employee_id": review.employee_id.id,
            "manager_id": review.manager_id.id,
            "department_id": review.department_id.id,
            "state": "open",
            "release": program.peer_release,
            "minimum": program.answer_minimum,
            "rating_max": program.rating_max,
            "reminded": False,
            "invited_count": 0,
            "counted": 0,
        }

    def _get_perspectives(self):
        """The perspectives that the programme of one poll uses."""
        self.ensure_one()
        # sudo: what a programme asks for, for people who cannot open programmes
        return self.sudo().cycle_id.program_id.peer_perspective_ids.filtered("used")

    def _ask_named(self):
        """The employee himself and his manager."""
        rows = []
        for poll in self:
            codes = poll._get_perspectives().mapped("code")
            people = {"self": poll.employee_id, "manager": poll.manager_id}
            for code, person in people.items():
                user = person.user_id.filtered("active")
                if code in codes and user:
                    rows.append(poll._prepare_ballot(user, code))
        self._add_ballots(rows)

    def _prepare_ballot(self, user, perspective):
        self.ensure_one()
        return {
            "poll_id": self.id,
            "user_id": user.id,
            "perspective": perspective,
            "department_id": False,
        }

    def _ask_hierarchy(self):
        """Invite peers and reports where the programme invites them by itself."""
        employees, managers = self.employee_id, self.manager_id
        near = (
            self.env["hr.employee"]
            .with_context(active_test=True)
            .search_fetch(
                Domain("parent_id", "in", (employees | managers).ids)
                & Domain("user_id.active", "=", True),
                ["parent_id", "user_id", "company_id"],
            )
            .grouped("parent_id")
        )
        rows = []
        for poll in self:
            auto = poll._get_perspectives().filtered("auto").mapped("code")
            people = {"report": near.get(poll.employee_id), "peer": near.get(poll.manager_id)}
            for code, reviewers in people.items():
                if code not in auto or not reviewers:
                    continue
                for reviewer in reviewers - poll.employee_id - poll.manager_id:
                    rows.append(poll._prepare_invitation(reviewer, code))
        self.env["hr.performance.peer.invitation"]._invite(rows)

    def _prepare_invitation(self, reviewer, perspective, state="approved"):
        self.ensure_one()
        return {
            "poll_id": self.id,
            "company_id": self.company_id.id,
            "employee_id": self.employee_id.id,
            "manager_id": self.manager_id.id,
            "reviewer_id": reviewer.id,
            "user_id": reviewer.user_id.id,
            "perspective": perspective,
            "state": state,
        }

    def _get_relation(self, reviewer):
        """From which perspective somebody looks at the employee, by the hierarchy of today."""
        self.ensure_one()
        # sudo: who stands above whom
        reviewer, employee = reviewer.sudo(), self.sudo().employee_id
        if reviewer.parent_id == employee:
            return "report"
        above = self.sudo().manager_id or employee.parent_id
        return "peer" if above and reviewer.parent_id == above else "other"

    def _get_weights(self):
        weights = super()._get_weights()
        for poll in self.filtered(lambda poll: poll.kind == "peer"):
            weights[poll] = {p.code: p.weight for p in poll._get_perspectives()}
        return weights

    def _after_count(self):
        """The rating may count in reviews that are still open."""
        result = super()._after_count()
        live = self.review_id.filtered(lambda review: review.state in workflow.LIVE_STATES)
        live.filtered(lambda r: "peer" in r.line_ids.metric_id.mapped("source"))._refresh()
        self.filtered(lambda poll: poll.kind == "peer")._tell_result()
        return result

    def _tell_result(self):
        """The manager, and the employee where he may see it."""
        items = []
        for poll in self:
            users = poll.manager_id.user_id
            if poll.release == "closed":
                users |= poll.employee_id.user_id
            for user in users:
                title = {"title": lambda env, poll=poll: poll.with_env(env)._get_title()}
                item = {"user": user, "key": f"poll {poll.id}", "values": title}
                items.append(item | {"record": poll.review_id})
        self.env["hr.performance.message"]._queue("peer_result", items)
