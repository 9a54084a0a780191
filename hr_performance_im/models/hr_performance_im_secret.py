from odoo import api, fields, models

#: What is shown instead of a secret; writing it back changes nothing.
MASK = "••••••••"


def secret_field(name, label):
    """A field of a connection for a secret: it can be set, and shows only that one is there.

    :param name: the name of the field, under which the secret is kept
    """
    return fields.Char(
        label,
        compute=lambda self: self._compute_secret(name),
        inverse=lambda self: self._inverse_secret(name),
        groups="base.group_system",
    )


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
