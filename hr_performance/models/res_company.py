from odoo import fields, models

from ..tools.period import Period, utc_bounds


class ResCompany(models.Model):
    _inherit = "res.company"

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
