from odoo import api, fields, models

#: What is shown instead of a secret; writing it back changes nothing.
MASK = "••••••••"


class HrPerformanceImSecret(models.Model):
    """Passwords and keys of connections. Nobody has access: only code with sudo reads them."""

    _name = "hr.performance.im.secret"
    _description = "Secret of a Connection"
    _log_access = False
    _rec_name = "name"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    value = fields.Char()

    _name_unique = models.UniqueIndex("(connection_id, name)")

    @api.model
    def _get(self, connection, name):
        """The secret, or False."""
        # sudo: the one way to a secret; callers hand it to a client, never to a reader
        domain = [("connection_id", "=", connection.id), ("name", "=", name)]
        return self.sudo().search(domain, limit=1).value

    @api.model
    def _put(self, connection, name, value):
        """Keep a secret; empty forgets it."""
        # sudo: as above; the caller has checked that the user may change the connection
        secrets = self.sudo()
        secret = secrets.search([("connection_id", "=", connection.id), ("name", "=", name)])
        if not value:
            secret.unlink()
        elif secret:
            secret.value = value
        else:
            secrets.create({"connection_id": connection.id, "name": name, "value": value})
