import zlib
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.redaction import Secret
from ..tools.tokens import Token


class HrPerformanceImToken(models.Model):
    """Short-lived tokens, one row for each connection and kind.

    They live in the database for all workers, and are written by a cursor of their own: a run that
    is rolled back does not lose the token that it fetched. Nobody has access.
    """

    _name = "hr.performance.im.token"
    _description = "Token of a Connection"
    _log_access = False
    _rec_name = "kind"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Char(required=True)
    token = fields.Char()
    expires_at = fields.Float(digits=(16, 3), aggregator=None, help="Seconds since 1970.")

    _kind_unique = models.UniqueIndex("(connection_id, kind)")

    @api.model
    def _get_store(self, connection):
        """Where the client of a connection keeps its tokens."""
        return TokenStore(self.env.registry, connection.id)

    @api.model
    def _forget(self, connection):
        """Drop the tokens of a connection, because its secrets changed."""
        # sudo: nobody has access to tokens
        self.sudo().search([("connection_id", "=", connection.id)]).unlink()


class TokenStore:
    """The token store of ``tools.tokens`` as a table, each call in a short transaction."""

    def __init__(self, registry, connection_id):
        self._registry, self._connection_id = registry, connection_id

    def get(self, key):
        """The :class:`~..tools.tokens.Token` under ``key`` or None."""
        rows = self._execute(
            SQL(
                """SELECT token, expires_at FROM hr_performance_im_token
                    WHERE connection_id = %s AND kind = %s AND token IS NOT NULL""",
                self._connection_id,
                key,
            )
        )
        return Token(Secret(rows[0][0]), float(rows[0][1])) if rows else None

    def put(self, key, token):
        """Keep ``token`` under ``key`` in place of any other."""
        self._execute(
            SQL(
                """INSERT INTO hr_performance_im_token (connection_id, kind, token, expires_at)
                   VALUES (%s, %s, %s, %s)
              ON CONFLICT (connection_id, kind)
            DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
                RETURNING id""",
                self._connection_id,
                key,
                token.value.reveal(),
                token.expires_at,
            )
        )

    def expire(self, key, value):
        """Forget the token if ``value`` still is the one that is kept."""
        self._execute(
            SQL(
                """DELETE FROM hr_performance_im_token
                    WHERE connection_id = %s AND kind = %s AND token = %s RETURNING id""",
                self._connection_id,
                key,
                value.reveal(),
            )
        )

    @contextmanager
    def lock(self, key):
        """Held while a new token is fetched, over all workers."""
        number = zlib.crc32(f"hr_performance_im_token {self._connection_id} {key}".encode())
        with self._registry.cursor() as cr:
            cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", number))
            yield

    def _execute(self, query):
        with self._registry.cursor() as cr:
            cr.execute(query)
            return cr.fetchall()
