# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Opening the same result again within this time is not noted again.
PAUSE = "1 hour"


class HrPerformanceAccessLog(models.Model):
    """Who opened whose result, when and in which way. Rows are only ever added.

    Results of others alone: what somebody looks at of his own is his business. The person
    concerned reads it, and so do auditors; managers do not.
    """

    _name = "hr.performance.access.log"
    _description = "Opened Result"
    _inherit = ["hr.performance.access.mixin"]
    _order = "opened_on desc, id desc"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", "Opened by", required=True, readonly=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", "Whose Result", required=True, readonly=True, index=True, ondelete="restrict"
    )
    review_id = fields.Many2one(
        "hr.performance.review", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    way = fields.Selection(
        [
            ("form", "Form or page"),
            ("list", "List or table"),
            ("export", "Export"),
            ("report", "Document"),
        ],
        required=True,
        readonly=True,
    )
    opened_on = fields.Datetime(required=True, readonly=True)

    _recent_idx = models.Index("(user_id, review_id, opened_on)")

    @api.depends("user_id", "employee_id")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = f"{entry.user_id.name} → {entry.employee_id.name}"

    def write(self, vals):
        raise UserError(self.env._("What was opened stays as it was noted."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was opened stays as it was noted."))

    @api.model
    def _note(self, table, review_column, ids, way):
        """Note that the current user opened these rows: one statement, whatever their number.

        :param table: name of a table with ``employee_id`` and ``company_id``
        :param review_column: the column that leads to the review
        """
        if not ids or self.env.su:
            return
        query = SQL(
            """INSERT INTO hr_performance_access_log
                      (user_id, employee_id, review_id, company_id, way, opened_on)
               SELECT DISTINCT %(uid)s, r.employee_id, r.%(review)s, r.company_id, %(way)s,
                      %(now)s::timestamp
                 FROM %(table)s r JOIN hr_employee e ON e.id = r.employee_id
                WHERE r.id = ANY(%(ids)s) AND e.user_id IS DISTINCT FROM %(uid)s
                  AND NOT EXISTS (
                      SELECT FROM hr_performance_access_log l
                       WHERE l.user_id = %(uid)s AND l.review_id = r.%(review)s AND l.way = %(way)s
                         AND l.opened_on > %(now)s::timestamp - %(pause)s::interval)""",
            uid=self.env.uid,
            table=SQL.identifier(table),
            review=SQL.identifier(review_column),
            ids=list(ids),
            way=way,
            now=fields.Datetime.now(),
            pause=PAUSE,
        )
        self._write(query)

    @api.model
    def _write(self, query):
        """Execute the statement; where the request only reads, right after it."""
        cr, registry = self.env.cr, self.env.registry
        if not cr.readonly:
            cr.execute(query)
            return

        @cr.postcommit.add
        def write_apart():
            with registry.cursor() as apart:
                apart.execute(query)
