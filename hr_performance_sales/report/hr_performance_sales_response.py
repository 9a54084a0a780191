from odoo import fields, models
from odoo.tools import SQL


class HrPerformanceSalesResponse(models.Model):
    """How long a lead waited for its salesperson: from the assignment to his first contact.

    The date is that of the assignment; a lead that is reassigned starts anew with its new
    salesperson. A lead without contact has waited until now, or until it was closed, so that not
    answering never looks fast. The time is clock time, nights and holidays included.
    """

    _name = "hr.performance.sales.response"
    _description = "Response to a Lead"
    _inherit = ["hr.performance.sales.fact.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "crm.lead": [
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

    date = fields.Datetime("Assigned On")
    lead_id = fields.Many2one("crm.lead", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    contact_date = fields.Datetime("First Contact", readonly=True)
    answered = fields.Boolean(readonly=True)
    self_entered = fields.Boolean(
        "Entered by the Salesperson",
        readonly=True,
        help="The salesperson created the lead himself, so that nobody waited for him.",
    )
    minutes = fields.Float("Minutes Waited", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT lead.id, lead.date_open AS date, lead.user_id,
                   COALESCE(lead.company_id, owner.company_id) AS company_id,
                   customer.commercial_partner_id AS partner_id, lead.id AS lead_id, lead.team_id,
                   first_contact.date AS contact_date, first_contact.date IS NOT NULL AS answered,
                   lead.create_uid IS NOT DISTINCT FROM lead.user_id AS self_entered,
                   GREATEST(0, EXTRACT(EPOCH FROM
                       COALESCE(first_contact.date, closed.date, %(now)s) - lead.date_open
                   ) / 60) AS minutes
              FROM crm_lead lead
              JOIN res_users owner ON owner.id = lead.user_id
         LEFT JOIN res_partner customer ON customer.id = lead.partner_id
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN lead.won_status IN ('won', 'lost')
                          THEN lead.date_closed END AS date) closed
        CROSS JOIN LATERAL (
                   SELECT MIN(contact.date) AS date
                     FROM (%(contacts)s) AS contact
                    WHERE contact.lead_id = lead.id AND contact.user_id = lead.user_id
                      AND contact.date >= date_trunc('second', lead.date_open)) first_contact
             WHERE lead.date_open IS NOT NULL
            """,
            now=fields.Datetime.now(),
            contacts=self.env["hr.performance.sales.contact"]._get_contact_sql(),
        )

    def _get_subject(self):
        self.ensure_one()
        return self.lead_id or super()._get_subject()
