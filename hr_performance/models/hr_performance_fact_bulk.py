from odoo import api, models
from odoo.tools import SQL

#: What two rows with one outside id are compared by; the file that brought them does not matter.
COMPARED = ("employee_id", "date", "value", "weight", "description")


class HrPerformanceFact(models.Model):
    """Bringing rows in by the thousand: one statement for the rows of a batch."""

    _name = "hr.performance.fact"
    _inherit = ["hr.performance.fact", "hr.performance.bulk.mixin"]

    @api.model
    def _find_by_key(self, keys):
        """The rows with these keys, of every company, for a key belongs to one row only.

        :param keys: list of pairs (metric id, outside id)
        :return: tuples (metric id, outside id, company id, employee id, date, value, weight,
            description)
        """
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT f.metric_id, f.external_id, f.company_id, f.employee_id, f.date, f.value,
                          f.weight, f.description
                     FROM hr_performance_fact f
                     JOIN unnest(%s::int[], %s::text[]) AS k(metric_id, external_id)
                       ON k.metric_id = f.metric_id AND k.external_id = f.external_id
                    WHERE f.external_id != ''""",
                [metric_id for metric_id, _external_id in keys],
                [external_id for _metric_id, external_id in keys],
            )
        )

    @api.model
    def _bring_in(self, vals_list):
        """Insert rows or correct those with the same outside id, in one statement.

        Rows in which nothing changed are not written. A row of another company is never touched.
        The caller has checked the rights and that no key comes twice.

        :param vals_list: dicts with the same keys, ``metric_id``, ``external_id``, ``company_id``
            and ``weighted_value`` among them
        :return: number of rows written
        """
        if not vals_list:
            return 0
        self.flush_model()
        now = self.env.cr.now()
        stamp = {"create_uid": self.env.uid, "write_uid": self.env.uid}
        stamp |= {"create_date": now, "write_date": now}
        names = [*vals_list[0], *stamp]
        updated = [n for n in names if n not in ("create_uid", "create_date")]
        written = self.env.execute_query(
            SQL(
                """INSERT INTO hr_performance_fact AS f (%(names)s)
                   %(rows)s
              ON CONFLICT (metric_id, external_id)
                          WHERE external_id IS NOT NULL AND external_id != ''
                DO UPDATE SET (%(updated)s) = ROW(%(excluded)s)
                    WHERE f.company_id = excluded.company_id
                      AND (%(old)s) IS DISTINCT FROM (%(new)s)
                RETURNING id""",
                names=_columns(names),
                rows=self._get_rows(names, [vals | stamp for vals in vals_list]),
                updated=_columns(updated),
                excluded=_columns(updated, "excluded"),
                old=_columns(COMPARED, "f"),
                new=_columns(COMPARED, "excluded"),
            )
        )
        self.invalidate_model(flush=False)
        return len(written)


def _columns(names, table=None):
    parts = (SQL.identifier(table, name) if table else SQL.identifier(name) for name in names)
    return SQL(", ").join(parts)
