import re

from odoo import api, models


class HrPerformanceAccessLogMixin(models.AbstractModel):
    """A model with results of people: reading them from outside is noted, once for a whole list.

    What the server reads for itself is not opening; what a client asks for is, whichever way:
    records, lists, tables by person, exports. Pages and documents call :meth:`_note_access`.
    """

    _name = "hr.performance.access.log.mixin"
    _description = "Noted when it is Opened"

    #: Fields that tell a result; reading none of them is not opening it.
    _result_fields = frozenset()
    #: The column that leads to the review.
    _review_column = "review_id"

    def _note_access(self, way=None):
        self.env["hr.performance.access.log"]._note(
            self._table, self._review_column, self._origin.ids, way or self._get_way()
        )

    def _get_way(self):
        return "form" if len(self) == 1 else "list"

    @api.model
    def _tells_result(self, names):
        return names is None or any(n.split("/")[0] in self._result_fields for n in names)

    def read(self, fields=None, load="_classic_read"):
        rows = super().read(fields, load)
        if self._tells_result(fields or None):
            self._note_access()
        return rows

    @api.model
    @api.readonly
    def search_read(self, domain=None, fields=None, offset=0, limit=None, order=None, **kwargs):
        rows = super().search_read(domain, fields, offset, limit, order, **kwargs)
        if self._tells_result(fields or None):
            self.browse(row["id"] for row in rows)._note_access("list")
        return rows

    def export_data(self, fields_to_export):
        result = super().export_data(fields_to_export)
        if self._tells_result([name.split(":")[0] for name in fields_to_export]):
            self._note_access("export")
        return result

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        groups = super().formatted_read_group(domain, groupby, aggregates, *args, **kwargs)
        self._note_groups(domain, [groupby], aggregates)
        return groups

    @api.model
    @api.readonly
    def formatted_read_grouping_sets(self, domain, grouping_sets, aggregates=(), **kwargs):
        result = super().formatted_read_grouping_sets(domain, grouping_sets, aggregates, **kwargs)
        self._note_groups(domain, grouping_sets, aggregates)
        return result

    @api.model
    @api.readonly
    @api.deprecated("Since 19.0, as in core; clients may still call it, so it is noted as well")
    def read_group(self, domain, fields, groupby, *args, **kwargs):
        groups = super().read_group(domain, fields, groupby, *args, **kwargs)
        groupby = [groupby] if isinstance(groupby, str) else groupby
        names = [part for field in fields for part in re.split(r"\W", field)]
        self._note_groups(domain, [groupby], names)
        return groups

    @api.model
    def _note_groups(self, domain, grouping_sets, aggregates):
        """A table by person shows the results of persons."""
        names = [aggregate.split(":")[0] for aggregate in aggregates]
        people = {"employee_id", "employee_user_id", "review_id", "id", "display_name"}
        parts = {part for groupby in grouping_sets for name in groupby for part in name.split(".")}
        by_person = bool(people & parts)
        if by_person and self._tells_result(names) and not self.env.su:
            self.search(domain)._note_access("list")
