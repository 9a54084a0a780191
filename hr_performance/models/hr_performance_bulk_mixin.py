from odoo import api, models
from odoo.tools import SQL


class HrPerformanceBulkMixin(models.AbstractModel):
    """Set-based writing for the engine: one statement for thousands of rows.

    The ORM writes different values row by row in Python; launching and scoring a large company
    that way costs five times the plain statement. These two methods are for columns that only the
    engine writes: they compute no stored fields and trigger no tracking, and the caller has
    checked the rights.
    """

    _name = "hr.performance.bulk.mixin"
    _description = "Set-Based Writing"

    @api.model
    def _bulk_insert(self, vals_list, conflict=None):
        """Insert rows and return the created records; rows that stand already are left alone.

        :param vals_list: dicts with the same keys, column values by field name
        :param conflict: ``SQL`` of the columns of a unique index; a row in conflict is skipped
        """
        if not vals_list:
            return self.browse()
        names = [*vals_list[0], "create_uid", "write_uid", "create_date", "write_date"]
        stamp = {"create_uid": self.env.uid, "write_uid": self.env.uid}
        now = self.env.cr.now()
        stamp |= {"create_date": now, "write_date": now}
        arrays = self._get_arrays(names, [vals | stamp for vals in vals_list])
        query = SQL(
            "INSERT INTO %s (%s) SELECT * FROM unnest(%s) %s RETURNING id",
            SQL.identifier(self._table),
            SQL(", ").join(map(SQL.identifier, names)),
            arrays,
            SQL("ON CONFLICT (%s) DO NOTHING", conflict) if conflict else SQL(),
        )
        records = self.browse(row[0] for row in self.env.execute_query(query))
        self.env.invalidate_all()  # lists of the parents do not know the new rows
        return records

    @api.model
    def _bulk_update(self, vals_list):
        """Update rows by ``id``; rows that would not change are not touched.

        :param vals_list: dicts with the same keys, ``id`` among them
        """
        if not vals_list:
            return
        names = [name for name in vals_list[0] if name != "id"]
        self.flush_model(names)
        columns = SQL(", ").join(map(SQL.identifier, names))
        query = SQL(
            """UPDATE %(table)s t SET (%(columns)s) = ROW(%(new)s)
                 FROM unnest(%(arrays)s) AS n(id, %(columns)s)
                WHERE t.id = n.id AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
            table=SQL.identifier(self._table),
            columns=columns,
            old=SQL(", ").join(SQL.identifier("t", name) for name in names),
            new=SQL(", ").join(SQL.identifier("n", name) for name in names),
            arrays=self._get_arrays(["id", *names], vals_list),
        )
        self.env.cr.execute(query)
        self.env.invalidate_all()  # and with the columns what is computed from them

    @api.model
    def _get_arrays(self, names, vals_list):
        """The values as one typed array per column, the arguments of ``unnest``."""
        arrays = []
        for name in names:
            field = self._fields[name]
            values = [field.convert_to_column(vals[name], self) for vals in vals_list]
            arrays.append(SQL("%s::%s[]", values, SQL(field.column_type[1])))
        return SQL(", ").join(arrays)
