from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

#: A pulse is asked while people remember: of cycles whose period ended not longer ago.
MEMORY_DAYS = 60


class HrPerformancePoll(models.Model):
    """The pulse: what the participants of a cycle say about the review itself."""

    _inherit = "hr.performance.poll"

    action_ids = fields.One2many("hr.performance.pulse.action", "poll_id", "Actions")
    dispute_rate_text = fields.Char("Dispute Rate", compute="_compute_dispute_rate_text")
    hr_days = fields.Float(related="cycle_id.hr_days", readonly=False)
    hr_saving = fields.Float(related="cycle_id.hr_saving")
    has_hr_saving = fields.Boolean(related="cycle_id.has_hr_saving")

    def _compute_dispute_rate_text(self):
        """Appeals by published results of the cycle; blank where nothing was published."""
        rates = dict(
            self.env["hr.performance.appeal.report"]._read_group(
                [("cycle_id", "in", self.cycle_id.ids)], ["cycle_id"], ["dispute_rate:avg"]
            )
        )
        for poll in self:
            poll.dispute_rate_text = self._show_rate(rates.get(poll.cycle_id))

    @api.model
    def _show_rate(self, rate):
        return "" if rate is None else f"{formatLang(self.env, rate, digits=1)} %"

    def _get_dispute_rates(self):
        """``{department id: rate in words}`` of the cycle of one pulse."""
        self.ensure_one()
        groups = self.env["hr.performance.appeal.report"]._read_group(
            [("cycle_id", "=", self.cycle_id.id)], ["department_id"], ["dispute_rate:avg"]
        )
        return {department.id: self._show_rate(rate) for department, rate in groups}

    @api.model
    def _cron_polls(self):
        self._open_pulses()
        self.env["ir.cron"]._commit_progress()
        return super()._cron_polls()

    @api.model
    def _open_pulses(self):
        """Ask the participants of the cycles that are published. Idempotent."""
        oldest = fields.Date.today() - timedelta(days=MEMORY_DAYS)
        cycles = self.env["hr.performance.cycle"].search(
            Domain("state", "in", ("published", "closed"))
            & Domain("program_id.pulse_used", "=", True)
            & Domain("date_to", ">=", oldest)
        )
        new = cycles.filtered(lambda cycle: not cycle.pulse_id)
        pulses = self.create([cycle_vals for cycle_vals in map(self._prepare_pulse, new)])
        pulses._ask_participants()
        return pulses

    @api.model
    def _prepare_pulse(self, cycle):
        today = cycle._get_today()
        due = today + timedelta(days=cycle.program_id.pulse_days)
        return {
            "kind": "pulse",
            "cycle_id": cycle.id,
            "company_id": cycle.company_id.id,
            "opens_on": today,
            "due_on": due,
            "closes_on": due,
            "remind_days": 2,
            "minimum": cycle.program_id.answer_minimum,
            "release": "closed",
        }

    def _ask_participants(self):
        """Everybody with a result, with the department of the period."""
        reviews = self.env["hr.performance.review"].search(
            Domain("cycle_id", "in", self.cycle_id.ids)
            & Domain("state", "in", ("published", "closed"))
            & Domain("employee_id.user_id.active", "=", True)
        )
        pulses = {pulse.cycle_id: pulse for pulse in self}
        self._add_ballots(
            [
                {
                    "poll_id": pulses[review.cycle_id].id,
                    "user_id": review.employee_id.user_id.id,
                    "perspective": False,
                    "department_id": review.department_id.id,
                }
                for review in reviews
            ]
        )

    def _get_weights(self):
        """A department weighs as many people as answered in it; silent ones are named too."""
        weights = super()._get_weights()
        pulses = self.filtered(lambda poll: poll.kind == "pulse")
        counts = defaultdict(dict)
        for name, weigh in (("hr.performance.ballot", 0.0), ("hr.performance.answer", 1.0)):
            domain = [("poll_id", "in", pulses.ids)]
            if weigh:
                domain += [("question_id", "=", False)]
            groups = self.env[name]._read_group(domain, ["poll_id", "department_id"], ["__count"])
            for poll, department, count in groups:
                counts[poll][department.id] = count * weigh
        return weights | {poll: counts[poll] for poll in pulses}
