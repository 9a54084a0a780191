from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.anonymity import LEAST_MINIMUM, Tally, publish
from .hr_performance_perspective import NAMED

#: Polls that are counted in one transaction.
BATCH_SIZE = 200
#: What HR may move while a poll runs.
DATE_FIELDS = {"opens_on", "due_on", "closes_on"}
#: What stands on the form of a poll, and is checked where it is kept.
ELSEWHERE = {"invitation_ids", "action_ids", "hr_days"}


class HrPerformancePoll(models.Model):
    """Questions put to several people, whose answers are counted once, together, at the end.

    The one mechanism behind the 360° review of an employee and the pulse of a cycle: ballots say
    who may answer, answers have no author, and ``tools.anonymity`` says what is shown. A poll is
    closed in two transactions: the first one stops the answering, the second one counts what is
    there, deletes it and writes the results. Nothing is computed before, so there are no two
    figures to be subtracted from each other.
    """

    _name = "hr.performance.poll"
    _description = "Poll"
    _inherit = [
        "hr.performance.access.mixin",
        "hr.performance.access.log.mixin",
        "hr.performance.bulk.mixin",
    ]
    _order = "closes_on desc, id desc"
    _result_fields = frozenset({"summary", "result_ids"})

    kind = fields.Selection(
        [("peer", "360° review"), ("pulse", "Pulse")], required=True, readonly=True
    )
    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    review_id = fields.Many2one(
        "hr.performance.review", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    employee_id = fields.Many2one(
        "hr.employee", "About", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    manager_id = fields.Many2one(
        "hr.employee", readonly=True, index="btree_not_null", ondelete="set null"
    )
    department_id = fields.Many2one(
        "hr.department", readonly=True, index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(
        [("open", "Open"), ("closing", "Closing"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    opens_on = fields.Date("Answers from", required=True)
    due_on = fields.Date("Answers due", required=True)
    closes_on = fields.Date(
        "Closes after",
        required=True,
        help="The last day on which a late answer is taken. Then the answers are counted, once.",
    )
    remind_days = fields.Integer("Remind before (days)", readonly=True, aggregator=None)
    reminded = fields.Boolean(readonly=True)
    release = fields.Selection(
        [
            ("closed", "When the answers are counted"),
            ("published", "With the result of the review"),
        ],
        "Employee Sees it",
        default="published",
        required=True,
        readonly=True,
    )
    minimum = fields.Integer(
        "Minimum of Answers", default=LEAST_MINIMUM, readonly=True, aggregator=None
    )
    rating_max = fields.Integer("Highest Rating", default=5, readonly=True, aggregator=None)
    closed_on = fields.Date(readonly=True)
    invited_count = fields.Integer("Asked", readonly=True)
    answered_count = fields.Integer("Answers In", compute="_compute_answered_count")
    counted = fields.Integer(readonly=True, export_string_translation=False)
    result_ids = fields.One2many("hr.performance.poll.result", "poll_id", "Figures")
    can_decide = fields.Boolean(compute="_compute_can_decide", export_string_translation=False)
    summary = fields.Html("Result", compute="_compute_summary", sanitize=False, readonly=True)

    _review_unique = models.UniqueIndex("(review_id)", "This review has a 360° review already.")
    _pulse_unique = models.UniqueIndex(
        "(cycle_id) WHERE kind = 'pulse'", "This cycle has a pulse already."
    )
    _dates_order = models.Constraint(
        "CHECK (opens_on <= due_on AND due_on <= closes_on)",
        "A poll opens before its answers are due, and closes on that day or later.",
    )
    _minimum_least = models.Constraint(
        f"CHECK (minimum >= {LEAST_MINIMUM})",
        "Fewer than three answers would not be anonymous.",
    )

    @api.depends("kind", "employee_id", "cycle_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for poll in self:
            poll.display_name = poll._get_title()

    def _get_title(self):
        self.ensure_one()
        # sudo: the name of the employee and of the period, for whoever is asked
        poll = self.sudo()
        if poll.employee_id:
            return self.env._(
                "%(employee)s, %(cycle)s", employee=poll.employee_id.name, cycle=poll.cycle_id.name
            )
        return self.env._("How was the review? %(cycle)s", cycle=poll.cycle_id.display_name)

    @api.depends("invited_count", "counted", "state")
    def _compute_answered_count(self):
        """How many answered: a number for all of a poll together, and never who."""
        # sudo: the number only
        left = dict(
            self.env["hr.performance.ballot"]
            .sudo()
            ._read_group([("poll_id", "in", self.ids)], ["poll_id"], ["__count"])
        )
        for poll in self:
            answered = poll.invited_count - left.get(poll, 0)
            poll.answered_count = poll.counted if poll.state == "closed" else answered

    def _compute_summary(self):
        """The results that the reader may see; False without any."""
        results = self.env["hr.performance.poll.result"].search(Domain("poll_id", "in", self.ids))
        by_poll = results.grouped("poll_id")
        for poll in self:
            rows = by_poll.get(poll)
            poll.summary = rows and rows._render_summary()

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
        if "due_on" in vals:
            vals = {**vals, "reminded": False}
        return super().write(vals)

    def _check_writable(self, vals):
        """The form shows the invitations, which anybody entitled proposes; the rest is for HR."""
        if vals.keys() <= {"invitation_ids"}:
            return
        if vals.keys() - DATE_FIELDS - ELSEWHERE:
            raise AccessError(self.env._("Of a poll only its dates can be changed."))
        self._check_decidable()
        if vals.keys() & DATE_FIELDS and any(poll.state != "open" for poll in self):
            raise UserError(self.env._("The poll is closed. Its answers are counted once only."))

    def _check_decidable(self):
        self.check_access("write")
        if any(not poll.can_decide for poll in self):
            raise AccessError(self.env._("HR decides about a poll, and nobody about his own."))

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        officer = self.env.user.has_group("hr_performance.group_hr_performance_user")
        for poll in self:
            poll.can_decide = officer and not poll.is_own

    @api.ondelete(at_uninstall=False)
    def _unlink_except_empty(self):
        raise UserError(self.env._("A poll goes with its cycle and cannot be deleted by itself."))

    # Asking

    def _get_questions(self):
        """``{poll: questions}``"""
        result, general = {}, {}
        Question = self.env["hr.performance.question"].sudo()  # sudo: what people are asked
        for poll in self.sudo():
            own = poll.review_id.template_id.question_ids
            key = (poll.kind, poll.company_id)
            if not own and key not in general:
                general[key] = Question._get_general(*key)
            result[poll] = own or general[key]
        return result

    def _add_ballots(self, rows):
        """Give people the right to answer; who has it already does not get it twice.

        A used ballot is gone, so whoever calls this sees to it that nobody is added again.

        :param rows: dicts of ballots, with the same keys
        """
        # sudo: nobody has access to ballots but their own people
        ballots = (
            self.env["hr.performance.ballot"]
            .sudo()
            ._bulk_insert(rows, conflict=SQL("poll_id, user_id"))
        )
        counts = defaultdict(int)
        for ballot in ballots:
            counts[ballot.poll_id.id] += 1
        polls = self.sudo().browse(counts)  # sudo: a number that is written nowhere else
        self._bulk_update(
            [
                {"id": poll.id, "invited_count": poll.invited_count + counts[poll.id]}
                for poll in polls
            ]
        )
        self.env["hr.performance.message"]._queue(
            "poll_invitation", [ballot._prepare_message() for ballot in ballots]
        )
        return ballots

    @api.model
    def _get_open_companies(self):
        """The companies in which something is asked just now; their days differ."""
        groups = self._read_group([("state", "=", "open")], ["company_id"])
        return [company for (company,) in groups]

    @api.model
    def _remind_due(self):
        """Remind those who have not answered, once. No message knows who has."""
        for company in self._get_open_companies():
            today = company._get_performance_today()
            domain = Domain("state", "=", "open") & Domain("company_id", "=", company.id)
            domain &= Domain("reminded", "=", False) & Domain("opens_on", "<=", today)
            polls = self.search(domain).filtered(
                lambda poll: poll.due_on - timedelta(days=poll.remind_days) <= today  # noqa: B023
            )
            # sudo: whom to write to; nobody reads it
            ballots = (
                self.env["hr.performance.ballot"].sudo().search([("poll_id", "in", polls.ids)])
            )
            self.env["hr.performance.message"]._queue(
                "poll_reminder", [ballot._prepare_message() for ballot in ballots]
            )
            polls.write({"reminded": True})

    def _lock_open(self):
        """Check that the poll takes answers, and keep it from closing until this transaction ends.

        Closing updates the row first and commits: either it waits for this answer and counts it,
        or this transaction is repeated and finds the poll closed.
        """
        self.ensure_one()
        query = SQL("SELECT state FROM hr_performance_poll WHERE id = %s FOR SHARE", self.id)
        [(state,)] = self.env.execute_query(query)
        today = self.company_id._get_performance_today()
        if today < self.opens_on:
            raise UserError(
                self.env._(
                    "Answers are taken from %(day)s on.", day=format_date(self.env, self.opens_on)
                )
            )
        cancelled = self.review_id.state == "cancelled"
        if state != "open" or today > self.closes_on or cancelled:
            raise UserError(self.env._("The poll is closed and takes no more answers."))

    # Closing

    def action_close(self):
        """Stop the answering now, for good; the scheduler counts the answers at once."""
        self._check_decidable()
        # sudo: the state is written here and by the scheduler alone
        self.sudo().filtered(lambda poll: poll.state == "open").state = "closing"
        self._trigger()
        return True

    @api.model
    def _trigger(self, at=None):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_polls").sudo()._trigger(at)

    @api.model
    def _cron_polls(self):
        """Open, remind, close and count what is due. Idempotent."""
        Cron = self.env["ir.cron"]
        self._remind_due()
        self._stop_due()
        Cron._commit_progress()
        # A transaction of its own: it sees every answer that came in before the poll was stopped.
        while polls := self._claim_closing():
            polls._count()
            if not Cron._commit_progress(len(polls)):
                self._trigger()
                return

    @api.model
    def _claim_closing(self):
        polls = self.search([("state", "=", "closing")], limit=BATCH_SIZE, order="id")
        return polls.try_lock_for_update()

    @api.model
    def _stop_due(self):
        for company in self._get_open_companies():
            due = Domain("state", "=", "open") & Domain("company_id", "=", company.id)
            due &= Domain("closes_on", "<", company._get_performance_today())
            self.search(due).write({"state": "closing"})

    def _count(self):
        """Count the answers of closing polls, write the results and delete the answers."""
        polls = self.browse(self.ids).filtered(lambda poll: poll.state == "closing")
        if not polls:
            return
        tallies, people = polls._get_tallies()
        rows = []
        for poll in polls:
            result = publish(tallies[poll], poll.minimum)
            rows += poll._prepare_results(result)
        rows += polls._prepare_comments(rows)
        Result = self.env["hr.performance.poll.result"]
        Result._bulk_insert(rows)
        polls._forget()
        self._bulk_update(
            [
                {
                    "id": poll.id,
                    "state": "closed",
                    "closed_on": poll.company_id._get_performance_today(),
                    "counted": people.get(poll, 0),
                }
                for poll in polls
            ]
        )
        polls._after_count()

    def _after_count(self):
        """What follows from the results; for the kinds of polls."""

    def _stop(self):
        """End polls without a result, because their subject does not want them."""
        self._forget()
        for poll in self:
            poll.write({"state": "closed", "closed_on": poll.company_id._get_performance_today()})

    def _forget(self):
        """Delete what was counted: the answers, and who has not answered."""
        for table in ("hr_performance_answer", "hr_performance_ballot"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE poll_id = ANY(%s)", SQL.identifier(table), self.ids)
            )
        self.env.invalidate_all()

    def _get_tallies(self):
        """``({poll: [Tally]}, {poll: number of people})``, in two queries for all polls."""
        Answer = self.env["hr.performance.answer"]
        cells, answered = defaultdict(dict), defaultdict(dict)
        groups = Answer._read_group(
            [("poll_id", "in", self.ids), ("text", "=", False)],
            ["poll_id", "perspective", "department_id", "question_id"],
            ["__count", "rating:sum"],
        )
        for poll, perspective, department, question, count, total in groups:
            key = perspective or department.id
            if question:
                cells[poll, key][question.id] = (count, float(total))
            else:
                answered[poll][key] = count
        weights = self._get_weights()
        tallies = {
            poll: [
                Tally(key, answered[poll].get(key, 0), cells[poll, key], weight, key in NAMED)
                for key, weight in (dict.fromkeys(answered[poll], 0.0) | weights[poll]).items()
            ]
            for poll in self
        }
        return tallies, {poll: sum(answered[poll].values()) for poll in self}

    def _get_weights(self):
        """``{poll: {group: weight}}`` of the groups that were asked, for the kinds of polls."""
        return {poll: {} for poll in self}

    def _prepare_results(self, publication):
        self.ensure_one()
        base = {
            "poll_id": self.id,
            "company_id": self.company_id.id,
            "cycle_id": self.cycle_id.id,
            "review_id": self.review_id.id,
            "employee_id": self.employee_id.id,
            "manager_id": self.manager_id.id,
            "kind": "total",
            "perspective": False,
            "department_id": False,
            "question_id": False,
            "status": "shown",
            "answers": publication.answers,
            "average": publication.total or 0.0,
            "known": publication.total is not None,
            "weight": 0.0,
            "text": False,
        }
        rows = [base]
        for question, mean in publication.questions.items():
            known = mean is not None
            vals = {"kind": "question", "question_id": question, "answers": 0}
            rows.append(base | vals | {"average": mean or 0.0, "known": known})
        for group in publication.groups:
            place = self._get_place(group.key)
            vals = place | {"kind": "group", "status": group.status, "answers": group.answers}
            vals |= {"average": group.average or 0.0, "known": group.average is not None}
            rows.append(base | vals | {"weight": group.weight})
            for question, (count, mean) in group.cells.items():
                vals = {"kind": "cell", "question_id": question, "answers": count}
                rows.append(base | place | vals | {"average": mean, "known": True})
        return rows

    @api.model
    def _get_place(self, key):
        """Columns of a group of ``tools.anonymity``: a perspective or a department."""
        if isinstance(key, str):
            return {"perspective": key, "department_id": False}
        return {"perspective": False, "department_id": key}

    def _prepare_comments(self, rows):
        """Texts of the groups that are shown, in an order that says nothing.

        Texts of groups that were merged stand under the pool; those of hidden groups are lost.
        """
        groups = {
            (row["poll_id"], row["perspective"] or row["department_id"]): row
            for row in rows
            if row["kind"] == "group"
        }
        query = SQL(
            """SELECT poll_id, perspective, department_id, question_id, text
                 FROM hr_performance_answer
                WHERE poll_id = ANY(%s) AND text IS NOT NULL
             ORDER BY random()""",
            self.ids,
        )
        comments = []
        for poll_id, perspective, department_id, question_id, text in self.env.execute_query(query):
            group = groups[poll_id, perspective or department_id or False]
            if group["status"] == "merged":
                group = groups[poll_id, "other"]
            if group["status"] == "shown":
                vals = {"kind": "comment", "question_id": question_id, "text": text}
                vals |= {"answers": 0, "average": 0.0, "known": False, "weight": 0.0}
                comments.append(group | vals)
        return comments
