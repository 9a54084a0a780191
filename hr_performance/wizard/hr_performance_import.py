import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..tools import headers as header_tools
from ..tools.import_rows import Mapping, MetricColumn, batches, show_cell
from ..tools.table_writer import CsvTable, XlsxTable
from ..tools.tabular import TableError, read_table
from .import_run import ImportRun

#: Rows read to show what a column holds.
SAMPLE_ROWS = 20
METRIC_ROLES = ("metric_value", "metric_points")


class _BadRows(Exception):
    """Some rows are bad, and all or nothing was asked for."""


class HrPerformanceImport(models.TransientModel):
    """Brings a CSV or XLSX file in: upload, mapping of the columns, preview, import.

    Every row is checked before and again while importing; a bad row stops itself alone, unless all
    or nothing is asked for. The file and the mapping stay until the assistant is left. What the
    rows become is left to the target, ``hr.performance.import.target.<target>``.
    """

    _name = "hr.performance.import"
    _description = "Import"

    state = fields.Selection(
        [("upload", "File"), ("map", "Columns"), ("preview", "Preview"), ("done", "Imported")],
        default="upload",
        required=True,
        readonly=True,
    )
    target = fields.Selection(
        [
            ("fact", "Rows that metrics are measured by"),
            ("result", "Past results of employees"),
            ("goal", "Targets of running reviews"),
        ],
        "What",
        default="fact",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self._default_company_id(),
        domain="[('id', 'in', allowed_company_ids)]",
        ondelete="cascade",
        help="Only employees of this company are found.",
    )
    file = fields.Binary("File (CSV or XLSX)")
    filename = fields.Char()
    column_ids = fields.One2many("hr.performance.import.column", "import_id")
    metric_id = fields.Many2one(
        "hr.performance.metric",
        "Metric of All Rows",
        domain="[('company_id', 'in', [False, company_id])]",
        ondelete="cascade",
        help="Where the file has no column that names the metric.",
    )
    date = fields.Date(
        "Day of All Rows",
        help="Where the file has no column with the day or the period. Past results belong to the "
        "period in which the day lies.",
    )
    program_id = fields.Many2one(
        "hr.performance.program",
        "Programme",
        domain="[('company_id', '=', company_id)]",
        ondelete="cascade",
        help="The results become closed cycles of this programme, as its history.",
    )
    template_id = fields.Many2one(
        "hr.performance.template",
        domain="[('company_id', 'in', [False, company_id])]",
        ondelete="cascade",
        help="Empty: the template that fits the job or the department of each employee.",
    )
    cycle_id = fields.Many2one(
        "hr.performance.cycle",
        domain="[('company_id', '=', company_id), ('state', '=', 'open')]",
        ondelete="cascade",
    )
    decimal_mark = fields.Selection(
        [(".", "Point: 1,234.5"), (",", "Comma: 1.234,5")], default=".", required=True
    )
    date_order = fields.Selection(
        [
            ("refuse", "Refuse: nobody can tell"),
            ("day", "1 February: the day first"),
            ("month", "2 January: the month first"),
        ],
        "Read 1/2/2026 as",
        default="refuse",
        required=True,
    )
    same_rows = fields.Selection(
        [
            ("refuse", "Refuse the second one"),
            ("keep", "Count each of them"),
        ],
        "Rows of One Employee, Metric and Day",
        default="refuse",
        required=True,
        help="Only for rows without an outside ID. With one, a row is known by it.",
    )
    all_or_nothing = fields.Boolean(
        help="Import nothing while a single row is bad. Otherwise the good rows are imported and "
        "the bad ones are left for you to correct.",
    )
    line_ids = fields.One2many(
        "hr.performance.import.line", "import_id", domain=[("message", "=", False)], readonly=True
    )
    problem_ids = fields.One2many(
        "hr.performance.import.line",
        "import_id",
        "Problems",
        domain=[("message", "!=", False)],
        readonly=True,
    )
    row_count = fields.Integer("Rows", readonly=True)
    bad_count = fields.Integer("Rows to Correct", readonly=True)
    new_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    same_count = fields.Integer("Unchanged", readonly=True)
    note = fields.Char("Please Look", readonly=True)
    report_file = fields.Binary("Rows to Correct as File", readonly=True)
    report_name = fields.Char(readonly=True)

    @api.model
    def _default_company_id(self):
        return self.env.company

    @api.depends("filename")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = wizard.filename or self.env._("Import")

    # Buttons

    def action_read(self):
        """Read the headers and propose what each column holds."""
        self.ensure_one()
        self._check_import_company()
        headers, samples = self._read_head()
        choices = self._guess_choices(headers)
        self.column_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "index": index,
                        "header": header or self.env._("(without header)"),
                        "sample": " · ".join(samples[index]),
                        **choices.get(index, {}),
                    }
                )
                for index, header in enumerate(headers)
            ),
        ]
        self.state = "map"
        return True

    def action_back(self):
        """One step back; the file and the mapping stay."""
        self.ensure_one()
        self.state = "map" if self.state == "preview" else "upload"
        return True

    def action_check(self):
        """Check every row and show what would be imported."""
        self.ensure_one()
        self._show(self._run(write=False))
        self.state = "preview"
        return True

    def action_import(self):
        """Import the good rows; with all or nothing, all of them or none."""
        self.ensure_one()
        if self.state != "preview":
            raise UserError(self.env._("Check the rows first."))
        try:
            with self.env.cr.savepoint():
                run = self._run(write=True)
                if self.all_or_nothing and run.counts["bad"]:
                    raise _BadRows
        except _BadRows:
            self._show(run)
            return self._notify(
                self.env._(
                    "Nothing was imported: %(count)s rows are to be corrected. Correct them, or "
                    "switch “All or Nothing” off to import the others.",
                    count=run.counts["bad"],
                )
            )
        self._show(run)
        self._get_target()._finish(run)
        self.env["hr.performance.import.profile"]._remember(self)
        self.state = "done"
        return True

    def action_view_imported(self):
        """The records that the file was about."""
        self.ensure_one()
        return self._get_target()._get_done_action(self)

    def action_download_sample(self):
        """A small file with the headers that are understood and two rows as an example."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/hr_performance/import/sample/{self.target}.xlsx",
            "target": "download",
        }

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # The file

    def _check_import_company(self):
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._("%(company)s is none of your companies.", company=self.company_id.name)
            )

    def _read_table(self):
        """The uploaded table.

        :raises UserError: when it is none, saying what to do
        """
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose a file first."))
        try:
            return read_table(self.filename or "", base64.b64decode(content))
        except TableError as error:
            raise UserError(self._explain_file_error(error)) from error

    def _read_head(self):
        """The headers, and for each column its first cells that differ."""
        table = self._read_table()
        samples = [[] for _header in table.headers]
        try:
            rows = next(batches(table.rows, SAMPLE_ROWS), [])
        except TableError as error:
            raise UserError(self._explain_file_error(error)) from error
        for row in rows:
            for sample, cell in zip(samples, row.cells, strict=True):
                text = show_cell(cell)[:30]
                if text and text not in sample and len(sample) < 3:
                    sample.append(text)
        if not rows:
            raise UserError(self.env._("The file has headers but no rows below them."))
        return table.headers, samples

    def _explain_file_error(self, error):
        texts = {
            "empty": self.env._("The file is empty."),
            "too_large": self.env._("The file is too large. Split it into several files."),
            "too_many_rows": self.env._("The file has too many rows. Split it into several files."),
            "too_many_columns": self.env._("The file has too many columns."),
            "unknown_encoding": self.env._(
                "The characters of the file cannot be read. Save it as XLSX, or as CSV UTF-8."
            ),
            "not_a_table": self.env._("This is no table. Save it as XLSX or CSV."),
            "old_excel": self.env._(
                "This is a workbook of an old kind (.xls). Open it and save it as .xlsx."
            ),
            "damaged": self.env._("The workbook is damaged. Open it and save it anew as .xlsx."),
            "bad_quotes": self.env._(
                "The quotes around the text that begins in row %s do not close.",
                error.params.get("row", ""),
            ),
            "duplicate_header": self.env._(
                "Two columns are called “%s”. Give each its own header.",
                error.params.get("header", ""),
            ),
        }
        return texts.get(error.code, self.env._("The file cannot be read."))

    # The mapping

    def _get_target(self):
        """The abstract model that knows what the rows become."""
        self.ensure_one()
        return self.env[f"hr.performance.import.target.{self.target}"]

    def _guess_choices(self, headers):
        """``{index of the column: values of its choice}``, from the last import or the headers."""
        remembered = self.env["hr.performance.import.profile"]._recall(self, headers)
        if remembered:
            return remembered
        roles = list(self._get_target()._get_guessed_roles())
        metrics = self._get_target()._get_metrics(self).sorted("id", reverse=True)
        names = {header_tools.fold(m.name): m.id for m in metrics}
        names |= {header_tools.fold(m.code): m.id for m in metrics}
        field, choices = f"{self.target}_role", {}
        for index, header in enumerate(headers):
            role = header_tools.guess_role(header, roles)
            metric_id = names.get(header_tools.fold(header)) if header else None
            if role:
                roles.remove(role)
                choices[index] = {field: role}
            elif metric_id:
                choices[index] = {field: "metric_value", "metric_id": metric_id}
        return choices

    def _get_mapping(self, headers):
        """What the columns hold, as ``tools.import_rows.Mapping``.

        :raises UserError: when the choices do not fit together
        """
        roles, metrics = {}, []
        for column in self.column_ids:
            role = column._get_role()
            if role in METRIC_ROLES:
                metrics.append(self._get_metric_column(column, role, metrics))
            elif role in roles:
                raise UserError(
                    self.env._(
                        "“%(first)s” and “%(second)s” cannot hold the same. Choose one of them.",
                        first=headers[roles[role]],
                        second=column.header,
                    )
                )
            elif role:
                roles[role] = column.index
        if any(index >= len(headers) for index in roles.values()):
            raise UserError(self.env._("The file has changed. Read it again."))
        return Mapping(headers, roles, tuple(metrics))

    def _get_metric_column(self, column, role, others):
        if not column.metric_id:
            raise UserError(
                self.env._("Choose the metric of the column “%(header)s”.", header=column.header)
            )
        metric_column = MetricColumn(column.index, column.metric_id.id, role)
        if any((c.metric_id, c.role) == (metric_column.metric_id, role) for c in others):
            raise UserError(
                self.env._(
                    "Two columns hold %(metric)s. Choose one of them.",
                    metric=column.metric_id.name,
                )
            )
        return metric_column

    # The run through the rows

    def _run(self, write):
        """Go through all rows in batches; the queries of a batch do not depend on its size.

        :param write: whether to write what is good, or only to look
        :return: an ``ImportRun``
        """
        self._check_import_company()
        table, target = self._read_table(), self._get_target()
        mapping = self._get_mapping(table.headers)
        target._check_rights(self)
        target._check_mapping(self, mapping)
        run = ImportRun(self, mapping, target._get_metrics(self))
        try:
            for rows in batches(table.rows):
                entries = target._import_batch(run, rows, write)
                run.end_batch(
                    rows,
                    entries,
                    lambda entry: target._describe(run, entry),
                    lambda: self._open_report(table.headers),
                )
                self.env.invalidate_all()
        except TableError as error:
            raise UserError(self._explain_file_error(error)) from error
        return run

    def _open_report(self, headers):
        """The file of the rows to correct, of the same kind as the one that was uploaded."""
        is_csv = (self.filename or "").lower().endswith((".csv", ".txt"))
        extra = [self.env._("Row in the File"), self.env._("What to Do")]
        return (CsvTable if is_csv else XlsxTable)([*headers, *extra])

    def _show(self, run):
        """Keep what a run came to for the screen."""
        counts, report = run.counts, run.report
        good = [(entry, text) for entry, text in run.preview if entry.employee_id]
        self.line_ids.unlink()
        self.problem_ids.unlink()
        self.env["hr.performance.import.line"].create(
            [
                {
                    "import_id": self.id,
                    "number": entry.number,
                    "employee_id": entry.employee_id,
                    "change": entry.change,
                    "summary": text,
                }
                for entry, text in good
            ]
            + [
                {
                    "import_id": self.id,
                    "number": problem.number,
                    "header": problem.header,
                    "value": problem.value,
                    "message": problem.message,
                }
                for problem in run.shown_problems
            ]
        )
        name = self.env._("To correct - %s", (self.filename or "").rpartition(".")[0])
        self.write(
            {
                "row_count": counts["rows"],
                "bad_count": counts["bad"],
                "new_count": counts["new"],
                "changed_count": counts["changed"],
                "same_count": counts["same"],
                "note": self._get_target()._get_note(run),
                "report_file": base64.b64encode(report.close()) if report else False,
                "report_name": f"{name}.{report.extension}" if report else False,
            }
        )
