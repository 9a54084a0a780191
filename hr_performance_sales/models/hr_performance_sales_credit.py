# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal

from ..tools.ledger import Booked, get_changes

#: The version of the rules by which documents become credits, noted on each row. It is raised when
#: the same document would be credited differently.
CREDIT_RULES = 1
#: Documents recorded in one go when history is taken over.
BATCH_SIZE = 500
BASES = [
    ("won", "Won opportunities"),
    ("ordered", "Confirmed orders"),
    ("invoiced", "Invoiced amounts"),
    ("paid", "Paid amounts"),
]
AMOUNTS = ("amount_untaxed", "amount_taxed", "margin")


class HrPerformanceSalesCredit(models.Model):
    """The ledger of what salespeople are credited with: rows are added, never changed or deleted.

    The documents stay the truth, and ``_record`` adds what brings the ledger in line with them; see
    ``tools/ledger.py`` for the dates. Recording twice is recording once. Plans add up these rows,
    each by its own basis, products and periods, so one row serves every plan, its preview and its
    pilots.
    """

    _name = "hr.performance.sales.credit"
    _description = "Sales Credit"
    _inherit = ["hr.performance.access.mixin", "hr.performance.bulk.mixin"]
    _order = "date desc, id desc"
    _rec_name = "document"

    basis = fields.Selection(BASES, required=True, readonly=True)
    cause = fields.Selection(
        [
            ("won", "Won"),
            ("ordered", "Ordered"),
            ("invoiced", "Invoiced"),
            ("paid", "Paid"),
            ("refunded", "Refunded"),
            ("cancelled", "Cancelled"),
            ("reversed", "Taken back"),
            ("changed", "Changed afterwards"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Datetime(
        required=True,
        readonly=True,
        help="When it counts. What was changed afterwards counts on the date of the original; in a "
        "plan whose period is closed by then, in the next one.",
    )
    create_date = fields.Datetime("Recorded On", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, readonly=True, index=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    share = fields.Float("Share (%)", readonly=True, aggregator=None, digits=(16, 2))
    is_support = fields.Boolean("Helped", readonly=True, help="Helped with a colleague's deal.")
    res_model = fields.Char("Document Type", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True, aggregator=None
    )
    line_ref = fields.Char("Line", required=True, readonly=True)
    number = fields.Integer("No.", required=True, readonly=True, aggregator=None)
    document = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="set null")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="set null")
    categ_id = fields.Many2one(
        "product.category", "Product Category", readonly=True, ondelete="set null"
    )
    amount_untaxed = fields.Monetary("Amount Without Tax", readonly=True)
    amount_taxed = fields.Monetary("Amount With Tax", readonly=True)
    margin = fields.Monetary(readonly=True)
    source_currency_id = fields.Many2one("res.currency", "Currency of the Document", readonly=True)
    source_rate = fields.Float(
        "Rate",
        readonly=True,
        aggregator=None,
        digits=(16, 6),
        help="Units of the document's currency for one unit of the company's, on its date.",
    )
    rule_version = fields.Integer(
        "Crediting Rules",
        readonly=True,
        aggregator=None,
        help="Version of the rules by which the document was turned into this credit.",
    )
    cause_id = fields.Many2one(
        "hr.performance.sales.credit",
        "Corrects",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The row that this one takes back or corrects.",
    )

    _line_unique = models.UniqueIndex("(res_model, res_id, basis, line_ref, user_id, number)")
    _period_idx = models.Index(
        "(company_id, basis, date) INCLUDE (employee_id, amount_untaxed, amount_taxed)"
    )
    _late_idx = models.Index("(create_date)")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._("Credits come from documents. Correct the document; the ledger follows it.")
        )

    def write(self, vals):
        raise UserError(self.env._("Rows of the ledger of credits are not changed."))

    def unlink(self):
        raise UserError(self.env._("Rows of the ledger of credits are not deleted."))

    def action_open_document(self):
        """Open the document behind the row, with the rights of the user there."""
        self.ensure_one()
        self.check_access("read")
        document = self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            raise UserError(self.env._("The document was deleted. The ledger keeps its credits."))
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # Recording

    @api.model
    def _record(self, basis, documents, gone=False):
        """Bring the ledger in line with the documents, and mark whom it concerns as stale.

        Nothing else happens inside the request: places, gaps and rewards are computed later.

        :param documents: leads, orders or invoices
        :param gone: whether they have been deleted
        :return: the added rows
        """
        # sudo: the ledger follows the documents whoever changed them, and reads shares and
        # employees that he may not read
        self = self.sudo()
        Entry = self.env["hr.performance.sales.entry"].sudo()
        entries = {} if gone else Entry._get_entries(basis, documents)
        booked = self._get_booked(basis, documents)
        vals_list = []
        now = fields.Datetime.now()
        for document_id in documents.ids:
            about = entries.get(document_id)
            rows = booked.get(document_id, [])
            changes = get_changes(about.entries if about else [], rows, now)
            vals_list += [self._get_vals(basis, documents, document_id, about, c) for c in changes]
        if not vals_list:
            return self.browse()
        self._complete(vals_list)
        return self._append(vals_list)

    @api.model
    def _append(self, vals_list):
        """Add rows with the employees of their users, and the marks of whom they concern; one
        statement, for somebody waits for it. Rows that stand already are left alone.

        The rows come in the order of ``vals_list``, on which the reading of the ledger rests: a
        join with the employees might be planned as one that gives them in another order. What
        corrects a credit is that of the same employee, who may have no user any more.
        """
        self.env["hr.employee"].flush_model(["user_id", "company_id"])
        uid, now = self.env.uid, self.env.cr.now()
        stamp = {"create_uid": uid, "write_uid": uid, "create_date": now, "write_date": now}
        names = [*vals_list[0], *stamp]
        query = SQL(
            """
            WITH added AS (
                     INSERT INTO hr_performance_sales_credit (%(columns)s, employee_id)
                     SELECT given.*, COALESCE(
                            (SELECT booked.employee_id FROM hr_performance_sales_credit booked
                              WHERE given.cause_id IS NOT NULL
                                AND booked.res_model = given.res_model
                                AND booked.res_id = given.res_id AND booked.basis = given.basis
                                AND booked.user_id = given.user_id
                           ORDER BY booked.id DESC LIMIT 1),
                            (SELECT id FROM hr_employee
                              WHERE user_id = given.user_id AND company_id = given.company_id))
                       FROM (%(rows)s) AS given
                ON CONFLICT (res_model, res_id, basis, line_ref, user_id, number) DO NOTHING
                  RETURNING id, company_id, basis, employee_id, date, create_uid, create_date),
                 marked AS (
                     INSERT INTO hr_performance_sales_mark
                            (company_id, basis, employee_id, date, create_uid, create_date)
                     SELECT DISTINCT company_id, basis, employee_id, date, create_uid, create_date
                       FROM added WHERE employee_id IS NOT NULL)
            SELECT id FROM added ORDER BY id
            """,
            columns=SQL(", ").join(map(SQL.identifier, names)),
            rows=self._get_rows(names, [vals | stamp for vals in vals_list]),
        )
        return self.browse(row[0] for row in self.env.execute_query(query))

    @api.model
    def _get_booked(self, basis, documents):
        """``{document id: [Booked]}``, in the order in which they were added."""
        rows = self.env.execute_query(
            SQL(
                """SELECT res_id, id, line_ref, user_id, date, share::text, is_support,
                          amount_untaxed::text, amount_taxed::text, margin::text
                     FROM hr_performance_sales_credit
                    WHERE res_model = %s AND res_id = ANY(%s) AND basis = %s
                 ORDER BY id""",
                documents._name,
                documents.ids,
                basis,
            )
        )
        booked = defaultdict(list)
        for res_id, row_id, line, user, date, share, is_support, *amounts in rows:
            amounts = tuple(Decimal(amount or 0) for amount in amounts)
            booked[res_id].append(
                Booked(row_id, line, user, date, Decimal(share), amounts, bool(is_support))
            )
        return booked

    @api.model
    def _get_vals(self, basis, documents, document_id, about, change):
        """The row of a change. What the document does not say any more comes from the ledger."""
        line = about.lines.get(change.line, {}) if about else {}
        vals = {
            "basis": basis,
            "cause": change.cause,
            "date": change.date,
            "user_id": change.user,
            "share": change.share,
            "is_support": change.is_support,
            "res_model": documents._name,
            "res_id": document_id,
            "line_ref": change.line,
            "number": change.number,
            "rule_version": CREDIT_RULES,
            "cause_id": change.cause_id,
            **dict(zip(AMOUNTS, change.amounts, strict=True)),
        }
        keys = ("company_id", "document", "partner_id", "product_id", "categ_id")
        keys += ("source_currency_id", "source_rate")
        return vals | {key: line.get(key) for key in keys}

    @api.model
    def _complete(self, vals_list):
        """Fill in what rows of vanished lines take from the row that they correct."""
        without = self.browse(vals["cause_id"] for vals in vals_list if not vals["company_id"])
        known = {row.id: row for row in without}
        for vals in vals_list:
            if not vals["company_id"]:
                row = known[vals["cause_id"]]
                vals |= {
                    "company_id": row.company_id.id,
                    "document": row.document,
                    "partner_id": row.partner_id.id or None,
                    "product_id": row.product_id.id or None,
                    "categ_id": row.categ_id.id or None,
                    "source_currency_id": row.source_currency_id.id or None,
                    "source_rate": row.source_rate,
                }

    @api.model
    def _backfill(self, company, basis, date_from, date_to):
        """Record the documents of a time that the ledger does not know yet. Idempotent.

        :param date_from, date_to: naive UTC instants
        """
        # sudo: every document of the company counts, whoever starts the plan
        Entry = self.env["hr.performance.sales.entry"].sudo()
        documents = Entry._find_documents(company, basis, date_from, date_to)
        for start in range(0, len(documents), BATCH_SIZE):
            self._record(basis, documents[start : start + BATCH_SIZE])

    @api.model
    def _get_domain(self, employee, basis, start, end):
        """The credits of somebody between two instants."""
        return (
            Domain("employee_id", "=", employee.id)
            & Domain("basis", "=", basis)
            & Domain("date", ">=", start)
            & Domain("date", "<", end)
        )

    @api.model
    def _round(self, amount, currency):
        return round_half_up(to_decimal(amount or 0), currency.decimal_places)
