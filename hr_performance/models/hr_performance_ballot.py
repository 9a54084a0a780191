from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools.period import Period, utc_bounds
from .hr_performance_perspective import NAMED, PERSPECTIVES

#: Longest text that is taken.
TEXT_SIZE = 4000


class HrPerformanceBallot(models.Model):
    """The right of one person to answer one poll, once.

    Answering uses the ballot up: it is deleted in the moment in which the answers are stored, and
    nothing is noted anywhere. So no row tells who answered when, none is written in the same
    transaction as the answers, and after the poll nobody can tell who did not answer either.
    Nobody reads the ballots of others, whatever his rights are: who has answered is not shown.
    """

    _name = "hr.performance.ballot"
    _description = "Right to Answer"
    _inherit = ["hr.performance.bulk.mixin"]
    _order = "poll_id"
    _log_access = False

    poll_id = fields.Many2one("hr.performance.poll", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    perspective = fields.Selection(PERSPECTIVES, readonly=True)
    department_id = fields.Many2one(
        "hr.department", ondelete="set null", index="btree_not_null", readonly=True
    )
    kind = fields.Selection(related="poll_id.kind")
    title = fields.Char(compute="_compute_title", compute_sudo=True)
    opens_on = fields.Date(related="poll_id.opens_on")
    due_on = fields.Date(related="poll_id.due_on")
    closes_on = fields.Date(related="poll_id.closes_on")

    _user_unique = models.UniqueIndex("(poll_id, user_id)", "Everybody answers once.")

    @api.depends("poll_id")
    @api.depends_context("lang")
    def _compute_title(self):
        for ballot in self:
            ballot.title = ballot.poll_id._get_title()

    @api.depends("title")
    def _compute_display_name(self):
        for ballot in self:
            ballot.display_name = ballot.title

    def _prepare_message(self):
        """An item of the outbox that asks the user for his answers."""
        self.ensure_one()
        poll = self.poll_id
        day = Period(poll.opens_on, poll.opens_on)
        return {
            "user": self.user_id,
            "key": f"poll {poll.id}",
            "values": {
                "title": lambda env: poll.with_env(env)._get_title(),
                "deadline": poll.due_on,
            },
            "send_after": utc_bounds(day, poll.company_id._get_performance_tz())[0],
            "about": poll.employee_id.user_id,
        }

    @api.model
    def _get_open_domain(self):
        """Ballots that can be used today by the current user."""
        today = self.env.company._get_performance_today()
        return [
            ("user_id", "=", self.env.uid),
            ("poll_id.state", "=", "open"),
            ("poll_id.opens_on", "<=", today),
            ("poll_id.closes_on", ">=", today),
        ]

    @api.model
    @api.readonly
    def get_my_ballots(self):
        """What the current user is asked: each poll with its questions."""
        # sudo: polls belong to others; the ballots are the user's own, and of a poll he is told
        # whom it is about and what is asked
        ballots = self.sudo().search(self._get_open_domain())
        questions = ballots.poll_id._get_questions()
        rows = [ballot._get_page_values(questions[ballot.poll_id]) for ballot in ballots]
        return sorted(rows, key=lambda row: (row["due_on"], row["title"]))

    def _get_page_values(self, questions):
        self.ensure_one()
        poll = self.poll_id
        asked = self._filter_questions(questions)
        return {
            "id": self.id,
            "kind": poll.kind,
            "title": self.title,
            "perspective": self.perspective or "",
            "is_named": self.perspective in NAMED,
            "minimum": poll.minimum,
            "rating_max": poll.rating_max,
            "due_on": fields.Date.to_string(poll.due_on),
            "due_text": format_date(self.env, poll.due_on),
            "questions": [
                {
                    "id": question.id,
                    "name": question.name,
                    "kind": question.kind,
                    "low": question.low_label or "",
                    "high": question.high_label or "",
                }
                for question in asked
            ],
        }

    def _filter_questions(self, questions):
        self.ensure_one()
        return questions.filtered(lambda q: q.audience in ("all", self.perspective))

    def cast(self, answers):
        """Answer the poll with this ballot, for its own user alone, and use it up.

        :param answers: ``{question id: rating or text}``; what is left out is not answered
        :raises UserError: when it is used already, or the poll takes no answers
        """
        self.ensure_one()
        # A used ballot is gone; the same words for one that never was the caller's.
        # sudo: whose ballot it is, before anything else may be read
        ballot = self.exists().filtered(lambda b: b.sudo().user_id == self.env.user)
        if not ballot:
            raise UserError(
                self.env._("You have answered already, or are not asked. Thank you all the same.")
            )
        # sudo: the poll belongs to somebody else; the ballot is the user's own, checked above
        ballot = ballot.sudo()
        poll = ballot.poll_id
        poll._lock_open()
        rows = ballot._prepare_answers(answers)
        query = SQL("DELETE FROM hr_performance_ballot WHERE id = %s", ballot.id)
        self.env.cr.execute(query)
        self.env["hr.performance.answer"].sudo()._store(rows)
        self.env.invalidate_all()
        return True

    def _prepare_answers(self, answers):
        """Rows of the answers, checked; the first one says that somebody answered at all."""
        self.ensure_one()
        given = {int(key): value for key, value in dict(answers).items()}
        questions = self._filter_questions(self.poll_id._get_questions()[self.poll_id])
        if given.keys() - set(questions.ids):
            raise UserError(self.env._("The questions have changed. Open the page again."))
        blank = {
            "poll_id": self.poll_id.id,
            "perspective": self.perspective or None,
            "department_id": self.department_id.id or None,
            "question_id": None,
            "rating": None,
            "text": None,
        }
        rows = []
        for question in questions:
            value = given.get(question.id)
            if question.kind == "rating" and value not in (None, False, ""):
                row = {"question_id": question.id, "rating": self._check_rating(value)}
                rows.append(blank | row)
            elif question.kind == "text" and (value or "").strip():
                text = value.strip()[:TEXT_SIZE]
                rows.append(blank | {"question_id": question.id, "text": text})
        if not rows:
            raise UserError(self.env._("Answer at least one question."))
        return [blank, *rows]

    def _check_rating(self, value):
        try:
            rating = int(value)
        except (TypeError, ValueError):
            rating = 0
        if not 1 <= rating <= self.poll_id.rating_max:
            raise UserError(
                self.env._("A rating lies between 1 and %(top)s.", top=self.poll_id.rating_max)
            )
        return rating
