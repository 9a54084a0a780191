from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

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

    @api.model
    def _get_performance_zones_sql(self):
        """The time zones of all companies, as rows ``zone(company_id, tz)`` of a FROM clause."""
        # sudo: zones only, for rows whose company the rules check
        companies = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        rows = [SQL("(%s, %s)", company.id, company._get_performance_tz()) for company in companies]
        return SQL("(VALUES %s) AS zone(company_id, tz)", SQL(", ").join(rows))
