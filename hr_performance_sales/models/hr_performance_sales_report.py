from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

#: Days back for which somebody still reports, and corrects what he reported.
OPEN_DAYS = 31


class HrPerformanceSalesReport(models.Model):
    """What a salesperson did on a day for a customer, and what he heard in the market.

    The rows feed process metrics; nobody but the person writes them, and only for recent days.
    """

    _name = "hr.performance.sales.report"
    _description = "Sales Report"
    _inherit = ["hr.performance.access.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self._default_employee_id(),
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, precompute=True, index=True
    )
    department_id = fields.Many2one(related="employee_id.department_id")
    date = fields.Date(
        required=True,
        index=True,
        default=lambda self: self.env.company._get_performance_today(),
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    visits = fields.Integer()
    contacts = fields.Integer(help="Calls, chats and mails with the customer.")
    note = fields.Text("Needs and Talk", help="What the customer needs, and what was said.")
    market_note = fields.Text(
        "Market Information", help="Prices, competitors, demand: what others should know."
    )
    has_market_note = fields.Boolean(
        compute="_compute_has_market_note", store=True, export_string_translation=False
    )

    _counts = models.Constraint(
        "CHECK (visits BETWEEN 0 AND 99 AND contacts BETWEEN 0 AND 999)",
        "Count the visits from 0 to 99 and the contacts from 0 to 999.",
    )

    @api.model
    def _default_employee_id(self):
        return self.env.user.employee_id

    @api.depends("date", "employee_id", "partner_id")
    def _compute_display_name(self):
        for report in self:
            # sudo: names, for whoever may read the report
            known = report.sudo()
            parts = (known.employee_id.name, known.partner_id.name)
            report.display_name = " · ".join(filter(None, (*parts, str(report.date or ""))))

    @api.depends("market_note")
    def _compute_has_market_note(self):
        for report in self:
            report.has_market_note = bool((report.market_note or "").strip())

    @api.constrains("visits", "contacts", "note", "market_note")
    def _check_content(self):
        for report in self:
            if not (report.visits or report.contacts or report.note or report.market_note):
                raise ValidationError(
                    self.env._("Report a visit, a contact, or what you heard in the market.")
                )

    @api.constrains("date")
    def _check_date(self):
        for report in self:
            # sudo: the day of the company
            today = report.company_id.sudo()._get_performance_today()
            if report.date > today:
                raise ValidationError(self.env._("A report is about a day that has begun."))

    def _check_recent(self):
        """Days of the past are settled: their numbers may be in a result already."""
        if self.env.su:
            return
        for report in self:
            # sudo: the day of the company
            today = report.company_id.sudo()._get_performance_today()
            if report.date < today - timedelta(days=OPEN_DAYS):
                raise UserError(
                    self.env._("Reports are written and corrected within %s days.", OPEN_DAYS)
                )

    @api.model_create_multi
    def create(self, vals_list):
        own = self.env.user.sudo().employee_ids  # sudo: whose record the user is
        for vals in vals_list:
            employee = self.env["hr.employee"].browse(vals.get("employee_id"))
            if not self.env.su and employee and employee not in own:
                raise UserError(self.env._("Everybody reports for himself."))
            if not employee and not self._default_employee_id():
                raise UserError(
                    self.env._("Your user account is not linked to an employee. Ask HR to link it.")
                )
        reports = super().create(vals_list)
        reports._check_recent()
        reports.partner_id.check_access("read")
        return reports

    def write(self, vals):
        if "employee_id" in vals and not self.env.su:
            raise UserError(self.env._("Everybody reports for himself."))
        self._check_recent()
        result = super().write(vals)
        self._check_recent()
        self.partner_id.check_access("read")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        self._check_recent()

    def _get_page_values(self):
        """The report as the phone shows it."""
        self.ensure_one()
        counts = []
        if self.visits:
            counts.append(self.env._("Visits: %s", self.visits))
        if self.contacts:
            counts.append(self.env._("Contacts: %s", self.contacts))
        return {
            "date": format_date(self.env, self.date),
            "customer": self.partner_id.display_name or "",
            "counts": " · ".join(counts),
            "note": self.note or "",
            "market_note": self.market_note or "",
        }
