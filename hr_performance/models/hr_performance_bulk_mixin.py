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
        records = self._bulk_append(vals_list, conflict)
        if records:
            self.env.invalidate_all()  # lists of the parents do not know the new rows
        return records

    @api.model
    def _bulk_append(self, vals_list, conflict=None):
        """As ``_bulk_insert``, for rows that no list in the cache could contain.

        The cache stays as it is, so that a request that goes on reads nothing twice.
        """
        if not vals_list:
            return self.browse()
        stamp = {}
        if self._log_access:
            now = self.env.cr.now()
            stamp = {"create_uid": self.env.uid, "write_uid": self.env.uid}
            stamp |= {"create_date": now, "write_date": now}
        names = [*vals_list[0], *stamp]
        query = SQL(
            "INSERT INTO %s (%s) %s %s RETURNING id",
            SQL.identifier(self._table),
            SQL(", ").join(map(SQL.identifier, names)),
            self._get_rows(names, [vals | stamp for vals in vals_list]),
            SQL("ON CONFLICT (%s) DO NOTHING", conflict) if conflict else SQL(),
        )
        return self.browse(row[0] for row in self.env.execute_query(query))

    @api.model
    def _bulk_update(self, vals_list):
        """Update rows by ``id``; rows that would not change are not touched.

        :param vals_list: dicts with the same keys, ``id`` among them
        """
        if not vals_list:
            return
        names = [name for name in vals_list[0] if name != "id"]
        ids = [vals["id"] for vals in vals_list]
        self.flush_model(names)
        # The range keeps the planner from reading the whole table for some thousand rows, which
        # lie close together as they were created together.
        query = SQL(
            """UPDATE %(table)s t SET (%(columns)s) = ROW(%(new)s)
                 FROM (%(rows)s) n
                WHERE t.id = n.id AND t.id BETWEEN %(first)s AND %(last)s
                  AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
            table=SQL.identifier(self._table),
            columns=SQL(", ").join(map(SQL.identifier, names)),
            old=SQL(", ").join(SQL.identifier("t", name) for name in names),
            new=SQL(", ").join(SQL.identifier("n", name) for name in names),
            rows=self._get_rows(["id", *names], vals_list),
            first=min(ids),
            last=max(ids),
        )
        self.env.cr.execute(query)
        self.env.invalidate_all()  # and with the columns what is computed from them

    @api.model
    def _get_rows(self, names, vals_list):
        """``SQL`` that selects the values as rows, sent as one array per column."""
        arrays, columns = [], []
        for name in names:
            field, column = self._fields[name], SQL.identifier(name)
            kind = field.column_type[1]
            if field.type == "monetary":
                values = [vals[name] for vals in vals_list]  # decimals, rounded by the caller
            elif kind == "numeric":
                # As Float.convert_to_column rounds, but by the server: it is the slowest of all.
                kind, values = "float8", [vals[name] for vals in vals_list]
                scale = field.get_digits(self.env)[1]
                column = SQL("round(%s::numeric, %s) AS %s", column, scale, column)
            else:
                values = [field.convert_to_column(vals[name], self) for vals in vals_list]
            arrays.append(SQL("%s::%s[]", values, SQL(kind)))
            columns.append(column)
        return SQL(
            "SELECT %s FROM unnest(%s) AS u(%s)",
            SQL(", ").join(columns),
            SQL(", ").join(arrays),
            SQL(", ").join(map(SQL.identifier, names)),
        )
