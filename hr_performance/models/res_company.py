from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.period import Period, utc_bounds

DIGEST_RHYTHMS = [("direct", "As they arise"), ("daily", "Once a day")]


class ResCompany(models.Model):
    _inherit = "res.company"

    # No field is required: a company must also be made where only core is loaded.
    performance_channel = fields.Selection(
        selection="_selection_performance_channel",
        string="Performance Messages",
        default="inbox",
        help="Where messages about performance reviews arrive, unless the reader chose otherwise. "
        "Whom it does not reach is told by another one.",
    )
    performance_digest = fields.Selection(DIGEST_RHYTHMS, default="daily")
    performance_digest_hour = fields.Float(default=9.0)
    performance_quiet_from = fields.Float(default=20.0)
    performance_quiet_to = fields.Float(default=8.0)
    performance_feedback_open = fields.Boolean(
        "Feedback among Colleagues",
        default=True,
        help="Everybody of the company may give feedback to everybody. Otherwise managers give it "
        "to their people, and whoever was asked.",
    )
    performance_feedback_release = fields.Selection(
        [("direct", "At once"), ("release", "After release")],
        "Employees Read Feedback",
        default="direct",
        help="After release: the manager or HR releases it, at the latest the publication of the "
        "result does. A programme can differ.",
    )
    performance_plan_auto_close = fields.Boolean(
        "Close Plans by Themselves",
        help="A plan closes as soon as its metric has reached the target. Otherwise its manager is "
        "told, and closes it.",
    )

    performance_retention_months = fields.Integer(
        "Keep Reviews of Leavers (months)",
        help="So long after their departure, leavers lose their name in all reviews, for good. "
        "0: never.",
    )

    _performance_retention = models.Constraint(
        "CHECK (performance_retention_months >= 0)", "A retention period is not negative."
    )
    _performance_hours = models.Constraint(
        "CHECK (performance_digest_hour >= 0 AND performance_digest_hour < 24"
        " AND performance_quiet_from >= 0 AND performance_quiet_from < 24"
        " AND performance_quiet_to >= 0 AND performance_quiet_to < 24)",
        "Hours go from 00:00 to 23:59.",
    )

    @api.model
    def _selection_performance_channel(self):
        return self.env["hr.performance.message.type"]._selection_channel()

    def _get_performance_tz(self):
        """Name of the time zone in which the company's periods begin and end."""
        self.ensure_one()
        # sudo: the calendar's zone only, for whoever looks at a period
        company = self.sudo()
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"

    def _get_performance_today(self):
        """The day that it is in the company."""
        self.ensure_one()
        now = fields.Datetime.now()
        day = now.date()
        start, end = utc_bounds(Period(day, day), self._get_performance_tz())
        return day if start <= now < end else fields.Date.add(day, days=1 if now >= end else -1)

    @api.model
    def _get_performance_zones_sql(self):
        """The time zones of all companies, as rows ``zone(company_id, tz)`` of a FROM clause."""
        # sudo: zones only, for rows whose company the rules check
        companies = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        rows = [SQL("(%s, %s)", company.id, company._get_performance_tz()) for company in companies]
        return SQL("(VALUES %s) AS zone(company_id, tz)", SQL(", ").join(rows))

    def _plan_performance_days(self, day, days):
        """The last of so many working days of the company after ``day``; its holidays left out."""
        self.ensure_one()
        # sudo: the calendar only, for whoever has a deadline by it
        calendar = self.sudo().resource_calendar_id
        start = datetime.combine(day + timedelta(days=1), time.min)
        start = start.replace(tzinfo=ZoneInfo(self._get_performance_tz()))
        end = calendar.plan_days(days, start, compute_leaves=True) if calendar and days else None
        # A company without working hours has every day.
        return end.date() if end else day + timedelta(days=days)
