from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

from .hr_performance_demo import CHINESE

#: Months since the one whose 360° reviews and pulse are counted; in the running one people answer.
COUNTED = 1
ABOUT = ("li.na", "zhou.qiang")


class HrPerformanceDemo(models.AbstractModel):
    """What the people of the studio say about each other, and about the reviews.

    The answers of ``demo/answers.csv`` are given with the ballots of those people; what is shown
    of them is counted as everywhere.
    """

    _inherit = "hr.performance.demo"

    @api.model
    def _forget(self):
        """Months that are made anew are launched before anybody is asked."""
        self._ref("program_demo").write({"peer_used": False, "pulse_used": False})
        return super()._forget()

    @api.model
    def _run_month(self, cycle):
        result = super()._run_month(cycle)
        cycles = cycle.program_id.cycle_ids.sorted("date_from")
        self._set_up_asking(cycle.program_id)
        self._ask_about(cycles[-1 - COUNTED])
        self._ask_pulse(cycles[-1 - COUNTED])
        self._ask_now(cycle)
        return result

    @api.model
    def _set_up_asking(self, program):
        program.write(
            {
                "peer_used": True,
                "pulse_used": True,
                "hr_days_before": 5,
                "consent_asked": True,
            }
        )
        program.with_context(lang="en_US").consent_text = self._get_consent_text("en_US")
        if self._get_language() == CHINESE:
            self._set_chinese(program, "consent_text", self._get_consent_text(CHINESE))
        if not program.peer_perspective_ids:
            defaults = self.env["hr.performance.perspective"]._get_default_perspectives()
            program.peer_perspective_ids = [Command.create(vals) for vals in defaults]

    @api.model
    def _get_consent_text(self, language):
        text = self.with_context(lang=language).env._(
            "The figures come from the records of your work. Your manager and HR see them, and "
            "results are kept for three years. Answers of colleagues are anonymous."
        )
        return f"<p>{text}</p>"

    @api.model
    def _ask_about(self, cycle):
        """The 360° reviews of two people, of a month whose results are out."""
        reviews = self._get_reviews_about(cycle)
        reviews._open_peer_polls()
        polls = reviews.sudo().poll_ids
        rows = self._read("answers")
        for poll in polls:
            login = poll.employee_id.user_id.login
            people = self._get_people(row["login"] for row in rows if row["about"] == login)
            self._invite(poll, people)
            self._answer(poll, [row for row in rows if row["about"] == login])
        self._count_polls(polls)

    @api.model
    def _ask_pulse(self, cycle):
        pulse = self.env["hr.performance.poll"].sudo()._open_pulses()
        pulse = pulse.filtered(lambda p: p.cycle_id == cycle)
        if not pulse:
            return
        self._answer(pulse, [row for row in self._read("answers") if row["about"] == "pulse"])
        self._count_polls(pulse)
        cycle.sudo().hr_days = 1
        self.env["hr.performance.pulse.action"].create(
            {
                "poll_id": pulse.id,
                "name": self.env._("Publish two days earlier"),
                "reason": self.env._("The result could come earlier"),
                "user_id": self._get_user("chen.jing").id,
            }
        )

    @api.model
    def _ask_now(self, cycle):
        """In the running month one invitation waits for approval, and people can answer."""
        reviews = self._get_reviews_about(cycle)
        reviews._open_peer_polls()
        for poll in reviews.sudo().poll_ids:
            self._open_today(poll, days=7)
        poll = reviews.sudo().poll_ids.filtered(
            lambda p: p.employee_id == self._get_employee("li.na")
        )
        self._invite(poll, self._get_people(["zhang.wei", "sun.li"]))
        Invitation = self.env["hr.performance.peer.invitation"]
        Invitation.with_user(self._get_user("li.na")).create(
            {"poll_id": poll.id, "reviewer_id": self._get_employee("liu.yang").id}
        )

    @api.model
    def _get_reviews_about(self, cycle):
        people = self._get_people(ABOUT)
        return cycle.sudo().review_ids.filtered(lambda r: r.employee_id in people)

    @api.model
    def _get_people(self, logins):
        return self.env["hr.employee"].union(*(self._get_employee(login) for login in logins))

    @api.model
    def _invite(self, poll, people):
        asked = poll.employee_id | poll.manager_id | poll.invitation_ids.reviewer_id
        rows = [
            poll._prepare_invitation(person, poll._get_relation(person))
            for person in people - asked
        ]
        self.env["hr.performance.peer.invitation"].sudo()._invite(rows)

    @api.model
    def _open_today(self, poll, days=0):
        today = poll.company_id._get_performance_today()
        due = today + timedelta(days=days)
        poll.write({"opens_on": min(poll.opens_on, today), "due_on": due, "closes_on": due})

    @api.model
    def _answer(self, poll, rows):
        """Each person answers with his own ballot; questions that are not asked of him drop out."""
        self._open_today(poll)
        Ballot = self.env["hr.performance.ballot"]
        questions = poll._get_questions()[poll]
        for row in rows:
            user = self._get_user(row["login"])
            ballot = Ballot.sudo().search([("poll_id", "=", poll.id), ("user_id", "=", user.id)])
            if not ballot:
                continue
            asked = ballot._filter_questions(questions)
            ratings = asked.filtered(lambda q: q.kind == "rating")
            texts = asked.filtered(lambda q: q.kind == "text")
            answers = dict(zip(ratings.ids, map(int, row["ratings"].split()), strict=False))
            answers |= dict(zip(texts.ids, (row["keep"], row["change"]), strict=False))
            ballot.sudo(False).with_user(user).cast(answers)

    @api.model
    def _count_polls(self, polls):
        polls.write({"state": "closing"})
        polls._count()
