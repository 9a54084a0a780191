from odoo import api, fields, models
from odoo.tools import SQL


class HrPerformanceSalesHandling(models.Model):
    """What makes a lead count as handled: it was won, it was lost, or somebody worked on it.

    Rows belong to the lead's salesperson. A lead is worked on by every contact recorded on it, by
    whomever, since he has been its salesperson. A won lead that was archived later does not count
    as won, because archiving moves its closing date.
    """

    _name = "hr.performance.sales.handling"
    _description = "Lead Handling"
    _inherit = ["hr.performance.sales.fact.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "crm.lead": [
            "active",
            "company_id",
            "date_closed",
            "date_open",
            "partner_id",
            "team_id",
            "user_id",
            "won_status",
        ],
        "hr.performance.sales.contact": [],
        "res.partner": ["commercial_partner_id"],
        "res.users": ["company_id"],
    }

    outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("worked", "Worked on")],
        "What Happened",
        readonly=True,
    )
    lead_id = fields.Many2one("crm.lead", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._get_closed_sql(), self._get_worked_sql())

    @api.model
    def _get_closed_sql(self):
        return SQL(
            """
            SELECT lead.id::bigint * 2 + 1 AS id, lead.date_closed AS date, lead.user_id,
                   COALESCE(lead.company_id, owner.company_id) AS company_id,
                   customer.commercial_partner_id AS partner_id, lead.won_status AS outcome,
                   lead.id AS lead_id, lead.team_id
              FROM crm_lead lead
              JOIN res_users owner ON owner.id = lead.user_id
         LEFT JOIN res_partner customer ON customer.id = lead.partner_id
             WHERE lead.won_status IN ('won', 'lost')
               AND (lead.won_status = 'lost' OR lead.active IS TRUE)
            """
        )

    @api.model
    def _get_worked_sql(self):
        return SQL(
            """
            SELECT contact.id * 2 AS id, contact.date, contact.owner_id AS user_id,
                   COALESCE(contact.lead_company_id, owner.company_id) AS company_id,
                   contact.partner_id, 'worked' AS outcome, contact.lead_id, contact.team_id
              FROM (%(contacts)s) AS contact
              JOIN res_users owner ON owner.id = contact.owner_id
             WHERE contact.lead_id IS NOT NULL
               AND contact.date >= date_trunc('second', contact.assigned_on)
            """,
            contacts=self.env["hr.performance.sales.contact"]._get_contact_sql(),
        )

    def _get_subject(self):
        self.ensure_one()
        return self.lead_id or super()._get_subject()
