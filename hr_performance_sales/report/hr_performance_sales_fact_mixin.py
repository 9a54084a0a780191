from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class HrPerformanceSalesFactMixin(models.AbstractModel):
    """Rows that say what somebody did in sales, read from the records of CRM, sales and accounting.

    A row belongs to one user. He reads his own rows, managers those of their people at any depth;
    sales managers who see all documents, and performance auditors, read the rows of their
    companies. What lies behind a row, such as the lead, opens only for those who may open it there.
    """

    _name = "hr.performance.sales.fact.mixin"
    _description = "Sales Fact"
    _rec_names_search = ["partner_id"]

    date = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    has_manager_access = fields.Boolean(
        compute="_compute_has_manager_access",
        search="_search_has_manager_access",
        export_string_translation=False,
    )

    @api.depends("partner_id")
    def _compute_display_name(self):
        for fact in self:
            # sudo: the name for whoever reads the row, as every many2one shows it. Nothing else of
            # the document may get into the cache, where an export would find it.
            subject = fact._get_subject().sudo().with_context(prefetch_fields=False)
            fact.display_name = subject.display_name

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_has_manager_access(self):
        # sudo: record rules are evaluated with this field, its domain is the rule itself
        reachable = self.sudo().search(
            Domain("id", "in", self.ids) & self._get_manager_access_domain()
        )
        for record in self:
            record.has_manager_access = record in reachable

    def _search_has_manager_access(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_manager_access_domain()

    @api.model
    def _get_manager_access_domain(self):
        """Rows of the people below the current user; nobody is his own manager."""
        people = self.env["hr.performance.access.mixin"]._get_team_query(with_managers=False)
        users = SQL("(SELECT user_id FROM hr_employee WHERE id IN %s)", people)
        return Domain("user_id", "in", users) & Domain("user_id", "!=", self.env.uid)

    def _get_subject(self):
        """The record whose name stands for the row."""
        self.ensure_one()
        return self.partner_id
