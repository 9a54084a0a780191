from odoo import api, fields, models
from odoo.tools import SQL

#: What a contact takes from the lead of a message, and from the lead of a meeting.
LEAD_COLUMNS = {
    "lead_id": "document.id",
    "owner_id": "document.user_id",
    "assigned_on": "COALESCE(document.date_open, document.create_date)",
    "lead_company_id": "document.company_id",
    "team_id": "document.team_id",
}
MEETING_COLUMNS = {
    "lead_id": "event.opportunity_id",
    "owner_id": "lead.user_id",
    "assigned_on": "COALESCE(lead.date_open, lead.create_date)",
    "lead_company_id": "lead.company_id",
    "team_id": "lead.team_id",
}


class HrPerformanceSalesContact(models.Model):
    """One contact of an internal user with a customer, as it is recorded in Odoo.

    Contacts are messages on leads, orders and customers, dated when they were posted and belonging
    to their author: done activities, notes, and messages or e-mails that were sent. Tracking,
    automatic messages, mailings and messages whose text was deleted are none.

    Meetings that are over and that concern a lead or have an attendee from outside are contacts
    too, one of each internal attendee who did not decline. A done activity of the kind "meeting" is
    left out where the messages are read, because its meeting stands in the calendar.
    """

    _name = "hr.performance.sales.contact"
    _description = "Customer Contact"
    _inherit = ["hr.performance.sales.fact.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "calendar.attendee": ["event_id", "partner_id", "state"],
        "calendar.event": ["active", "opportunity_id", "start", "stop"],
        "crm.lead": ["company_id", "date_open", "partner_id", "team_id", "user_id"],
        "mail.activity.type": ["category"],
        "mail.message": [
            "attachment_ids",
            "author_id",
            "body",
            "date",
            "mail_activity_type_id",
            "message_type",
            "model",
            "res_id",
            "subtype_id",
        ],
        "res.partner": ["commercial_partner_id", "company_id", "partner_share"],
        "res.users": ["company_id", "partner_id", "share"],
        "sale.order": ["commitment_date", "company_id", "partner_id", "state"],
    }

    kind = fields.Selection(
        [
            ("activity", "Activity done"),
            ("note", "Note"),
            ("message", "Message sent"),
            ("meeting", "Meeting"),
        ],
        readonly=True,
    )
    lead_id = fields.Many2one("crm.lead", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    event_id = fields.Many2one("calendar.event", "Meeting", readonly=True)
    # Not a many2one: its name would show the subject of an e-mail to whoever reads the row.
    message_ref = fields.Integer(readonly=True, aggregator=None, export_string_translation=False)
    activity_type_id = fields.Many2one("mail.activity.type", readonly=True)
    days_after_delivery = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Days since the customer's latest delivery before the contact, in the company's time "
        "zone; 0 on the same day. -1: nothing was delivered before.",
    )
    content = fields.Char(
        compute="_compute_content",
        help="What was noted, for readers who may read the message itself.",
    )

    @property
    def _table_query(self):
        # OFFSET 0: the delivery is looked up once where it is asked for, and not at all elsewhere
        return SQL(
            """
            SELECT contact.id, contact.date, contact.user_id, contact.company_id,
                   contact.partner_id, contact.kind, contact.lead_id, contact.order_id,
                   contact.event_id, contact.message_ref, contact.activity_type_id,
                   after.days_after_delivery
              FROM (%(contacts)s) AS contact
              JOIN %(zone)s ON zone.company_id = contact.company_id
        CROSS JOIN LATERAL (
                   SELECT COALESCE(
                          (contact.date AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date
                          - (%(delivery)s AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date,
                          -1) AS days_after_delivery
                   OFFSET 0) after  -- looked up once where it is asked for, else not at all
            """,
            delivery=self._get_delivery_sql(),
            contacts=self._get_contact_sql(),
            zone=self.env["res.company"]._get_performance_zones_sql(),
        )

    @api.depends("message_ref")
    @api.depends_context("uid", "lang")
    def _compute_content(self):
        messages = self.env["mail.message"].browse(filter(None, self.mapped("message_ref")))
        previews = {message.id: message.preview for message in messages._filtered_access("read")}
        for contact in self:
            contact.content = previews.get(contact.message_ref, False)

    def _get_subject(self):
        self.ensure_one()
        return self.lead_id or self.order_id or super()._get_subject()

    @api.model
    def _get_contact_sql(self):
        """All contacts, without the days after the delivery, which cost a look-up for each row, and
        with the salesperson, the assignment, the company and the team of the lead."""
        return SQL(" UNION ALL ").join(
            [
                self._get_message_sql("crm.lead", LEAD_COLUMNS),
                self._get_message_sql("sale.order", {"order_id": "document.id"}),
                self._get_message_sql("res.partner", {}),
                self._get_meeting_sql(),
            ]
        )

    @api.model
    def _get_message_sql(self, model, columns):
        """Contacts recorded in the messages of the documents of ``model``.

        :param columns: what the rows take from the ``document``; the other columns are empty
        """
        is_partner = model == "res.partner"
        return SQL(
            """
            SELECT message.id::bigint * 2 AS id, message.date, author.id AS user_id,
                   COALESCE(document.company_id, author.company_id) AS company_id,
                   customer.commercial_partner_id AS partner_id, %(kind)s AS kind,
                   NULL::integer AS event_id, message.id AS message_ref,
                   message.mail_activity_type_id AS activity_type_id, %(columns)s
              FROM mail_message message
              JOIN %(documents)s document ON document.id = message.res_id AND %(is_customer)s
              JOIN res_users author
                ON author.partner_id = message.author_id AND author.share IS NOT TRUE
         LEFT JOIN res_partner customer ON customer.id = %(customer)s
         LEFT JOIN mail_activity_type activity ON activity.id = message.mail_activity_type_id
             WHERE message.model = %(model)s AND %(is_contact)s
            """,
            kind=self._get_kind_sql(),
            columns=self._get_columns_sql(columns),
            documents=SQL.identifier(self.env[model]._table),
            is_customer=SQL("document.partner_share" if is_partner else "TRUE"),
            customer=SQL("document.id" if is_partner else "document.partner_id"),
            model=model,
            is_contact=self._get_is_contact_sql(),
        )

    @api.model
    def _get_columns_sql(self, columns):
        """What not all kinds of contacts have, in one order; empty where ``columns`` has none."""
        kinds = dict.fromkeys(
            ("lead_id", "order_id", "owner_id", "lead_company_id", "team_id"), "NULL::integer"
        )
        values = {**kinds, "assigned_on": "NULL::timestamp", **columns}
        return SQL(", ").join(
            SQL("%s AS %s", SQL(value), SQL.identifier(name)) for name, value in values.items()
        )

    @api.model
    def _get_kind_sql(self):
        return SQL(
            """CASE WHEN message.mail_activity_type_id IS NOT NULL THEN 'activity'
                    WHEN message.message_type = 'email' OR message.subtype_id = %s THEN 'message'
                    ELSE 'note' END""",
            self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
        )

    @api.model
    def _get_is_contact_sql(self):
        """Whether a ``message`` with its ``activity`` type records a contact: somebody wrote it,
        and something is left in it."""
        return SQL(
            """(message.mail_activity_type_id IS NOT NULL
                OR message.message_type IN ('comment', 'email'))
               AND activity.category IS DISTINCT FROM 'meeting'
               AND (message.body ~ '(^|>)[[:space:]]*[^<[:space:]]'
                    OR EXISTS (SELECT FROM message_attachment_rel attached
                                WHERE attached.message_id = message.id))"""
        )

    @api.model
    def _get_meeting_sql(self):
        """Meetings with customers that are over, one row for each internal attendee."""
        return SQL(
            """
            SELECT attendee.id::bigint * 2 + 1 AS id, event.start AS date, person.id AS user_id,
                   COALESCE(lead.company_id, person.company_id) AS company_id,
                   COALESCE(customer.commercial_partner_id, guest.partner_id) AS partner_id,
                   'meeting' AS kind, event.id AS event_id, NULL::integer AS message_ref,
                   NULL::integer AS activity_type_id, %(columns)s
              FROM calendar_event event
              JOIN calendar_attendee attendee
                ON attendee.event_id = event.id AND attendee.state IS DISTINCT FROM 'declined'
              JOIN res_users person
                ON person.partner_id = attendee.partner_id AND person.share IS NOT TRUE
         LEFT JOIN crm_lead lead ON lead.id = event.opportunity_id
         LEFT JOIN res_partner customer ON customer.id = lead.partner_id
         LEFT JOIN LATERAL (%(guest)s) guest ON TRUE
             WHERE event.active IS TRUE AND event.stop <= %(now)s
               AND (event.opportunity_id IS NOT NULL OR guest.partner_id IS NOT NULL)
            """,
            columns=self._get_columns_sql(MEETING_COLUMNS),
            guest=self._get_guest_sql(),
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_guest_sql(self):
        """The first attendee of the ``event`` from outside who did not decline."""
        return SQL(
            """SELECT partner.commercial_partner_id AS partner_id
                 FROM calendar_attendee other
                 JOIN res_partner partner ON partner.id = other.partner_id
                WHERE other.event_id = event.id AND partner.partner_share
                  AND other.state IS DISTINCT FROM 'declined'
             ORDER BY other.id LIMIT 1"""
        )

    @api.model
    def _get_delivery_sql(self):
        """The latest delivery to the customer before the ``contact``."""
        return SQL(
            """(SELECT MAX(%(delivered)s)
                  FROM res_partner person
                  JOIN sale_order delivery ON delivery.partner_id = person.id
                 WHERE person.commercial_partner_id = contact.partner_id
                   AND delivery.company_id = contact.company_id AND delivery.state = 'sale'
                   AND %(delivered)s <= contact.date)""",
            delivered=self._get_delivered_sql(),
        )

    @api.model
    def _get_delivered_sql(self):
        """When an order was delivered: the real date where the inventory app knows it, else the
        agreed one, such as the day of the shooting."""
        real = self.env["sale.order"]._fields.get("effective_date")
        if real:
            return SQL("COALESCE(delivery.effective_date, delivery.commitment_date)", to_flush=real)
        return SQL("delivery.commitment_date")
