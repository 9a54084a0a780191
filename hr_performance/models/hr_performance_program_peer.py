from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from ..tools.anonymity import LEAST_MINIMUM


class HrPerformanceProgram(models.Model):
    """How a programme asks people about each other."""

    _inherit = "hr.performance.program"

    peer_used = fields.Boolean(
        "360° Review",
        help="Colleagues, reports and others answer questions about the work of each employee.",
        tracking=True,
    )
    peer_perspective_ids = fields.One2many(
        "hr.performance.perspective",
        "program_id",
        "Perspectives",
        default=lambda self: self._default_peer_perspective_ids(),
        copy=True,
    )
    peer_nomination = fields.Selection(
        [
            ("employee", "The employee, his manager or HR"),
            ("manager", "His manager or HR"),
        ],
        "Proposed by",
        default="employee",
        required=True,
    )
    peer_approval = fields.Selection(
        [("manager", "The manager or HR"), ("hr", "HR alone")],
        "Approved by",
        default="manager",
        required=True,
        help="Whoever approves need not approve his own proposals. Nobody approves for himself.",
    )
    peer_lead_days = fields.Integer(
        "Ask before the End (days)",
        default=5,
        aggregator=None,
        help="People are asked this many days before the last day of the period.",
    )
    peer_days = fields.Integer("Days to Answer", default=8, aggregator=None)
    peer_remind_days = fields.Integer("Remind before (days)", default=2, aggregator=None)
    peer_late_days = fields.Integer(
        "Late Answers (days)",
        aggregator=None,
        help="Answers are taken this many days after they were due. 0: late answers are refused.",
    )
    peer_release = fields.Selection(
        [
            ("closed", "When the answers are counted"),
            ("published", "With the result of the review"),
        ],
        "Employee Sees it",
        default="published",
        required=True,
        help="Manager and HR see the result when the answers are counted.",
    )
    answer_minimum = fields.Integer(
        "Minimum of Answers",
        default=LEAST_MINIMUM,
        aggregator=None,
        tracking=True,
        help="Of a group with fewer answers nothing is shown; small groups are counted together "
        "under others, and what is still too small leaves the total too.",
    )
    rating_max = fields.Integer("Highest Rating", default=5, aggregator=None)

    _answer_minimum_least = models.Constraint(
        f"CHECK (answer_minimum >= {LEAST_MINIMUM})",
        "Fewer than three answers would not be anonymous.",
    )
    _rating_max_range = models.Constraint(
        "CHECK (rating_max BETWEEN 2 AND 10)", "Ratings end between 2 and 10."
    )
    _peer_days_positive = models.Constraint(
        "CHECK (peer_days >= 0 AND peer_late_days >= 0 AND peer_remind_days >= 0)",
        "Days to answer, of reminders and of late answers are not negative.",
    )

    @api.model
    def _default_peer_perspective_ids(self):
        Perspective = self.env["hr.performance.perspective"]
        return [Command.create(vals) for vals in Perspective._get_default_perspectives()]

    def _get_peer_times(self, date_to):
        """When a 360° review of a period that ends on ``date_to`` asks, reminds and closes."""
        self.ensure_one()
        due = (start := date_to - timedelta(days=self.peer_lead_days)) + timedelta(
            days=self.peer_days
        )
        return {
            "opens_on": start,
            "due_on": due,
            "closes_on": due + timedelta(days=self.peer_late_days),
            "remind_days": self.peer_remind_days,
        }
