import io
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: From so many new rows on they are copied in.
COPY_FROM = 500
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


class HrPerformanceImRawMixin(models.AbstractModel):
    """A record of the outside system, kept as it came under its outside id.

    Bringing the same records in again writes nothing; a record that changed outside is corrected in
    place. What is measured is measured here, so that a number can be explained and computed again
    without asking the outside system.
    """

    _name = "hr.performance.im.raw.mixin"
    _inherit = ["hr.performance.bulk.mixin"]
    _description = "Outside Record"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    external_id = fields.Char("Outside ID", required=True, readonly=True)
    digest = fields.Char(readonly=True, export_string_translation=False)

    _external_unique = models.UniqueIndex("(connection_id, external_id)")

    def _check_fields_by_hand(self, vals, allowed):
        """Refuse to change by hand what comes from outside."""
        refused = sorted(set(vals) - allowed)
        if refused:
            raise AccessError(
                self.env._("%(fields)s: this comes from outside.", fields=", ".join(refused))
            )

    @api.model
    def _bring_in(self, connection, rows):
        """Insert what is new and correct what changed, in one statement each.

        One query finds out that nothing changed. The engine calls it with sudo.

        :param rows: dicts with the same keys, ``external_id`` and ``digest`` among them; plain
            column values, None for nothing. Of two with the same outside id the last one counts
        :return: :class:`Brought`
        """
        rows = {row["external_id"]: row for row in rows}
        known = self._find_digests(connection, list(rows))
        now = fields.Datetime.now()
        fixed = {"connection_id": connection.id, "company_id": connection.company_id.id}
        new = [fixed | row for key, row in rows.items() if key not in known]
        changed = [
            {"id": known[key][0], **row, "write_date": now}
            for key, row in rows.items()
            if key in known and known[key][1] != row["digest"]
        ]
        insert = self._copy_insert if len(new) >= COPY_FROM else self._bulk_insert
        created = insert(new, SQL("connection_id, external_id"))
        self._bulk_update(changed)
        return Brought(created, self.browse(row["id"] for row in changed), len(rows))

    @api.model
    def _copy_insert(self, vals_list, conflict):
        """As :meth:`_bulk_insert`, by ``COPY``: half the time for thousands of rows.

        :param vals_list: plain column values; JSON columns as lists and dicts
        """
        names = list(vals_list[0])
        json_names = {name for name in names if self._fields[name].type == "json"}
        lines = io.StringIO()
        for vals in vals_list:
            cells = (
                _to_cell(json.dumps(value) if name in json_names and value is not None else value)
                for name, value in vals.items()
            )
            lines.write("\t".join(cells) + "\n")
        lines.seek(0)
        cr, page = self.env.cr, SQL.identifier(f"{self._table}_page")
        columns = SQL(", ").join(map(SQL.identifier, names))
        table = SQL.identifier(self._table)
        # with what an earlier page of the same transaction left, in one round trip
        cr.execute(
            SQL(
                """DROP TABLE IF EXISTS %s;
                   CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA""",
                page,
                page,
                columns,
                table,
            )
        )
        cr.copy_expert(SQL("COPY %s (%s) FROM STDIN", page, columns).code, lines)
        cr.execute(
            SQL(
                """INSERT INTO %(table)s
                          (%(columns)s, create_uid, write_uid, create_date, write_date)
                   SELECT %(columns)s, %(uid)s, %(uid)s, now, now
                     FROM %(page)s, (SELECT now() AT TIME ZONE 'UTC' AS now) clock
              ON CONFLICT (%(conflict)s) DO NOTHING RETURNING id""",
                table=table,
                columns=columns,
                uid=self.env.uid,
                page=page,
                conflict=conflict,
            )
        )
        records = self.browse(row[0] for row in cr.fetchall())
        self.env.invalidate_all()  # lists of the parents do not know the new rows
        return records

    @api.model
    def _find_digests(self, connection, external_ids):
        """``{outside id: (id, digest)}``"""
        if not external_ids:
            return {}
        self.env.cr.execute(
            SQL(
                """SELECT external_id, id, digest FROM %s
                    WHERE connection_id = %s AND external_id = ANY(%s)""",
                SQL.identifier(self._table),
                connection.id,
                external_ids,
            )
        )
        return {external_id: (id_, digest) for external_id, id_, digest in self.env.cr.fetchall()}


def _to_cell(value):
    """A value as ``COPY`` reads it."""
    if value is None or value is False:
        return "f" if value is False else "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES) or "\\N"
    return "t" if value is True else str(value)


class Brought:
    """What became of rows that were brought in.

    :ivar created: new records
    :ivar changed: records that were corrected
    :ivar read: number of different rows
    """

    __slots__ = ("created", "changed", "read")

    def __init__(self, created, changed, read):
        self.created, self.changed, self.read = created, changed, read

    @property
    def unchanged(self):
        """Number of rows that stood already as they came."""
        return self.read - len(self.created) - len(self.changed)
