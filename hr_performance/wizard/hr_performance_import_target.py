from datetime import date

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import headers as header_tools
from ..tools.import_rows import as_text, show_cell
from ..tools.period_names import period_from_text
from ..tools.tabular import TableError, parse_date, parse_number

#: Numbers from here on are no measurements but a cell of another column, such as a phone number.
TOO_LARGE = 10**12
EARLIEST_DAY = date(1990, 1, 1)
EMPLOYEE_ROLES = ("employee", "email", "number", "name")
#: Fields in which each kind of identifier is looked for; those of other addons where installed.
IDENTIFIERS = {
    "email": ("work_email",),
    "number": ("barcode", "registration_number", "identification_id"),
    "name": ("name",),
}
IDENTIFIERS["employee"] = tuple(name for names in IDENTIFIERS.values() for name in names)


class HrPerformanceImportTarget(models.AbstractModel):
    """What the rows of an import become: the registry of targets.

    A target with the key ``K`` is an abstract model ``hr.performance.import.target.K`` that
    inherits this one, a value ``K`` added to ``hr.performance.import.target``, and a field
    ``K_role`` of ``hr.performance.import.column``. All methods serve a batch of rows; the number of
    their queries does not depend on the number of rows.
    """

    _name = "hr.performance.import.target"
    _description = "Target of an Import"

    # What a target says of itself

    @api.model
    def _get_guessed_roles(self):
        """Keys of ``tools.headers.WORDS`` in the order in which headers are compared."""
        raise NotImplementedError

    @api.model
    def _get_metrics(self, wizard):
        """The metrics that rows may be about."""
        return self.env["hr.performance.metric"].search(self._get_metric_domain(wizard))

    @api.model
    def _get_metric_domain(self, wizard):
        return Domain("company_id", "in", [False, wizard.company_id.id])

    @api.model
    def _check_rights(self, wizard):
        """Refuse users who may not write what the rows become."""
        raise NotImplementedError

    @api.model
    def _check_mapping(self, wizard, mapping):
        """Refuse a mapping with which no row can be read.

        :raises UserError: saying what to choose
        """
        if not any(role in mapping for role in EMPLOYEE_ROLES):
            raise UserError(self.env._("Choose the column by which the employee is found."))

    @api.model
    def _prepare(self, run, rows):
        """Read the rows of a batch; what is bad is refused with ``run.refuse``.

        :return: list of ``tools.import_rows.Entry``
        """
        raise NotImplementedError

    @api.model
    def _compare(self, run, entries):
        """Tell the new entries from the changed and the unchanged ones."""
        raise NotImplementedError

    @api.model
    def _import_entries(self, run, entries):
        """Write new and changed entries."""
        raise NotImplementedError

    @api.model
    def _finish(self, run):
        """What is left to do once all rows are written."""

    @api.model
    def _describe(self, run, entry):
        """What the entry becomes, in a few words."""
        raise NotImplementedError

    @api.model
    def _get_note(self, run):
        """What the person should look at although no row is bad, or False."""
        return False

    @api.model
    def _get_done_action(self, wizard):
        """The action that shows what was imported."""
        raise NotImplementedError

    @api.model
    def _get_sample(self):
        """``(headers, rows)`` of a small file that can be imported after changing the names."""
        raise NotImplementedError

    # A batch

    @api.model
    def _import_batch(self, run, rows, write):
        """Read, compare and, where asked for, write the rows of a batch.

        :return: the entries of the good rows
        """
        for row in rows:
            if row.surplus:
                run.refuse(
                    row,
                    "",
                    None,
                    self.env._(
                        "There are more cells than headers. Put a text with the separator in "
                        "quotes, or remove the cells on the right."
                    ),
                )
        entries = run.keep(self._prepare(run, rows))
        self._compare(run, entries)
        entries = run.keep(entries)
        if write:
            self._import_entries(run, [entry for entry in entries if entry.change != "same"])
        return entries

    # Employees

    @api.model
    def _find_employees(self, run, rows):
        """``{row number: employee id}``; rows without exactly one employee are refused."""
        roles = [role for role in EMPLOYEE_ROLES if role in run.mapping]
        given = {row: self._get_keys(run, row, roles) for row in rows}
        known = self._search_employees(
            run.company, {pair for pairs in given.values() for pair in pairs}
        )
        found = {}
        for row, pairs in given.items():
            candidates = [known.get(pair, set()) for pair in pairs]
            employees = set.intersection(*candidates) if candidates else set()
            if len(employees) == 1:
                found[row.number] = next(iter(employees))
            else:
                self._refuse_employee(run, row, roles, pairs, candidates, employees)
        return found

    @api.model
    def _get_keys(self, run, row, roles):
        """The identifiers of a row as pairs (role, key); empty cells are left out."""
        cells = ((role, run.mapping.cell(row, role)) for role in roles)
        return [(role, header_tools.clean_key(as_text(cell))) for role, cell in cells if cell]

    @api.model
    def _search_employees(self, company, pairs):
        """``{(role, key): ids}`` of employees of the company, archived ones included. One query."""
        Employee = self.env["hr.employee"].with_context(active_test=False)
        query = Employee._search(Domain("company_id", "=", company.id))
        fields = {
            name: SQL("lower(%s)", Employee._field_to_sql(query.table, name, query))
            for name in {name for role, _key in pairs for name in IDENTIFIERS[role]}
            if name in Employee._fields
        }
        if not fields:
            return {}
        keys = list({key for _role, key in pairs})
        query.add_where(
            SQL("(%s)", SQL(" OR ").join(SQL("%s = ANY(%s)", sql, keys) for sql in fields.values()))
        )
        columns = query.select(SQL.identifier(query.table, "id"), *fields.values())
        found = {}
        for employee_id, *values in self.env.execute_query(columns):
            for name, value in zip(fields, values, strict=True):
                for role in EMPLOYEE_ROLES:
                    if value and name in IDENTIFIERS[role] and (role, value) in pairs:
                        found.setdefault((role, value), set()).add(employee_id)
        return found

    @api.model
    def _refuse_employee(self, run, row, roles, pairs, candidates, employees):
        """Say why no single employee was found."""
        if not pairs:
            header = run.mapping.header(roles[0])
            run.refuse(row, header, None, self.env._("Enter the employee."))
            return
        missing = next((pair for pair, ids in zip(pairs, candidates, strict=True) if not ids), None)
        role = (missing or pairs[0])[0]
        if missing:
            message = self.env._(
                "%(company)s has no such employee. Correct the cell, or enter it at the employee "
                "(work e-mail, badge) first.",
                company=run.company.name,
            )
        elif employees:
            message = self.env._(
                "Several employees fit. Add a column with the work e-mail or the badge number."
            )
        else:
            message = self.env._(
                "The columns name different employees: %s. Correct one of them.",
                ", ".join(show_cell(run.mapping.cell(row, other)) for other, _key in pairs),
            )
        run.refuse(row, run.mapping.header(role), run.mapping.cell(row, role), message)

    @api.model
    def _is_own(self, employee_id):
        """Whether the employee is the user himself, who decides nothing about himself."""
        return employee_id in self.env.user.employee_ids.ids

    # Metrics

    @api.model
    def _get_metric_cells(self, run, row, role):
        """``[(metric, header, cell)]`` of a row: one column per metric, or metric and number.

        Empty cells of columns that belong to one metric are left out: not everybody has a number.
        """
        metrics = {metric.id: metric for metric in run.metrics}
        cells = [
            (metrics[column.metric_id], run.mapping.headers[column.index], row.cells[column.index])
            for column in run.mapping.metrics
            if column.role == "metric_value" and row.cells[column.index] is not None
        ]
        if role in run.mapping:
            metric = self._find_metric(run, row)
            if metric:
                cells.append((metric, run.mapping.header(role), run.mapping.cell(row, role)))
        elif not cells:
            header = run.mapping.headers[run.mapping.metrics[0].index]
            run.refuse(row, header, None, self.env._("Enter at least one number."))
        return cells

    @api.model
    def _find_metric(self, run, row):
        """The metric that the row names, or that of all rows; None after refusing the row."""
        if "metric" not in run.mapping:
            return run.wizard.metric_id
        cell, header = run.mapping.cell(row, "metric"), run.mapping.header("metric")
        if cell is None:
            run.refuse(row, header, None, self.env._("Enter the code or the name of the metric."))
            return None
        found = self._get_metric_index(run).get(header_tools.fold(cell), [])
        if len(found) == 1:
            return found[0]
        message = (
            self.env._("Several metrics have this name. Enter the code of the metric.")
            if found
            else self.env._("There is no such metric. Enter its code or name as in the library.")
        )
        run.refuse(row, header, cell, message)
        return None

    @api.model
    def _get_metric_index(self, run):
        """``{folded code or name: metrics}``; a code goes before a name."""
        if "metrics" not in run.cache:
            by_name, by_code = {}, {}
            for metric in run.metrics:
                names = {metric.name, metric.with_context(lang="en_US").name}
                for name in map(header_tools.fold, names):
                    by_name.setdefault(name, set()).add(metric)
                # of two metrics with one code, that of the company goes before the shared one
                code = header_tools.fold(metric.code)
                if metric.company_id or code not in by_code:
                    by_code[code] = {metric}
            run.cache["metrics"] = {
                name: list(metrics) for name, metrics in (by_name | by_code).items()
            }
        return run.cache["metrics"]

    @api.model
    def _check_metric_mapping(self, wizard, mapping, role, message):
        """Refuse a mapping without numbers, or with numbers of nobody knows which metric."""
        if role not in mapping and not mapping.metrics:
            raise UserError(message)
        if role in mapping and "metric" not in mapping and not wizard.metric_id:
            raise UserError(
                self.env._("Choose the column that names the metric, or the metric of all rows.")
            )
        metrics = wizard.metric_id if role in mapping and "metric" not in mapping else []
        known = self._get_metrics(wizard)
        used = known.browse(column.metric_id for column in mapping.metrics).concat(*metrics)
        foreign = used - known
        if foreign:
            raise UserError(self._get_foreign_message(foreign))

    @api.model
    def _get_foreign_message(self, metrics):
        return self.env._(
            "%(metrics)s cannot be used here. Choose other metrics.",
            metrics=", ".join(metrics.mapped("name")),
        )

    # Cells

    @api.model
    def _read_number(self, run, row, header, cell, metric=None):
        """A number as ``Decimal``; None after refusing the row."""
        try:
            number = parse_number(cell, run.wizard.decimal_mark)
        except TableError as error:
            run.refuse(row, header, cell, self._explain_cell_error(error))
            return None
        if abs(number.value) >= TOO_LARGE:
            message = self.env._("This is too large. Is it the right column?")
        elif number.percent and metric and metric.unit != "percent":
            message = self.env._(
                "%(metric)s is not counted in percent. Remove the sign, or choose another column.",
                metric=metric.name,
            )
        else:
            return number.value
        run.refuse(row, header, cell, message)
        return None

    @api.model
    def _read_day(self, run, row):
        """The day of a row: a date, or a ``Period``; None after refusing the row."""
        if "date" not in run.mapping:
            return run.wizard.date
        cell, header = run.mapping.cell(row, "date"), run.mapping.header("date")
        period = period_from_text(cell)
        day_first = {"day": True, "month": False}.get(run.wizard.date_order)
        try:
            day = period.date_from if period else parse_date(cell, day_first=day_first)
        except TableError as error:
            run.refuse(row, header, cell, self._explain_cell_error(error))
            return None
        if EARLIEST_DAY <= day <= self._get_today(run):
            return period or day
        message = (
            self.env._("This lies in the future.")
            if day > EARLIEST_DAY
            else self.env._("This is long ago. Is it the right column?")
        )
        run.refuse(row, header, cell, message)
        return None

    @api.model
    def _get_today(self, run):
        if "today" not in run.cache:
            run.cache["today"] = run.company._get_performance_today()
        return run.cache["today"]

    @api.model
    def _explain_cell_error(self, error):
        texts = {
            "empty_cell": self.env._("The cell is empty. Enter a value."),
            "not_a_number": self.env._("This is no number. Enter digits, such as 1234.5."),
            "out_of_range": self.env._("This is too large or too small for a number."),
            "not_a_date": self.env._("This is no day. Enter it as 2026-03-31."),
            "ambiguous_date": self.env._(
                "This can be read as two days. Enter it as 2026-03-31, or choose above how to read "
                "such dates."
            ),
        }
        return texts[error.code]

    @api.model
    def _refuse_repeated(self, run, row, key):
        """Refuse a row that another row of the file has brought already; True when refused."""
        first = run.claim(row, key)
        if first:
            run.refuse(
                row,
                "",
                None,
                self.env._("Row %s is about the same. Remove one of the two.", first),
            )
        return bool(first)
