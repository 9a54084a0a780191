import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from .hr_performance_perspective import PERSPECTIVES

#: Keys are drawn from all positive integers of the column.
LAST_KEY = 2**31 - 1


class HrPerformanceAnswer(models.Model):
    """One answer to one question of a poll, until the poll is closed. It has no author.

    There is no column of who or when, no chatter, no follower. The key is drawn at random, because
    a serial number would tell in which order people answered; the table has no serial number at
    all, so that a row that is created in any other way than by :meth:`_store` is refused by the
    database. The answers of one person to several questions are not tied to each other. Nobody has
    access to them. Closing the poll counts them once and deletes them.
    """

    _name = "hr.performance.answer"
    _description = "Anonymous Answer"
    _order = "id"
    _log_access = False

    poll_id = fields.Many2one("hr.performance.poll", required=True, index=True, ondelete="cascade")
    perspective = fields.Selection(PERSPECTIVES)
    department_id = fields.Many2one("hr.department", ondelete="set null", index="btree_not_null")
    question_id = fields.Many2one(
        "hr.performance.question",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: somebody answered; says how many people did.",
    )
    rating = fields.Integer(aggregator=None)
    text = fields.Text()

    def init(self):
        """Take the serial number away from the key."""
        result = super().init()
        self.env.cr.execute(
            SQL("ALTER TABLE %s ALTER COLUMN id DROP DEFAULT", SQL.identifier(self._table))
        )
        return result

    @api.model
    def _store(self, rows):
        """Insert answers under random keys; errors do not go into the log with the answers.

        :param rows: dicts with the same keys
        """
        rows = list(rows)
        secrets.SystemRandom().shuffle(rows)
        names = list(rows[0])
        while rows:
            keys = [secrets.randbelow(LAST_KEY) + 1 for _row in rows]
            values = [
                SQL("(%s)", SQL(", ").join([key, *(row[name] for name in names)]))
                for key, row in zip(keys, rows, strict=True)
            ]
            query = SQL(
                "INSERT INTO %s (id, %s) VALUES %s ON CONFLICT (id) DO NOTHING RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(values),
            )
            self.env.cr.execute(query, log_exceptions=False)
            stored = {key for (key,) in self.env.cr.fetchall()}
            rows = [row for key, row in zip(keys, rows, strict=True) if key not in stored]
        self.invalidate_model()
