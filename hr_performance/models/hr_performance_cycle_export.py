from odoo import api, models
from odoo.tools import SQL

from ..tools.workbook import Column, Workbook

#: Rows fetched at once from the cursor of the database.
FETCH_SIZE = 2000


class HrPerformanceCycle(models.Model):
    """The results of a cycle as a workbook, for any number of reviews.

    Rows go from a cursor of the database into the file without becoming records; which rows, the
    record rules of the reader say. One statement for each sheet, and a fetch for each 2,000 rows.
    """

    _inherit = "hr.performance.cycle"

    def action_export_xlsx(self):
        """Download the results that the user may see."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/hr_performance/cycle/{self.id}/results.xlsx",
            "target": "download",
        }

    def _export_xlsx(self, stream):
        """Write the workbook into a binary file, with the rights and in the language of the user.

        :return: number of rows of each sheet
        """
        self.ensure_one()
        self.check_access("read")
        reviews = self.env["hr.performance.review"].search([("cycle_id", "=", self.id)])
        reviews._note_access("export")
        book = Workbook(stream, self.display_name)
        counts = [
            book.add_table(
                self.env._("Results"), self._get_result_columns(), self._fetch_results()
            ),
            book.add_table(self.env._("Lines"), self._get_line_columns(), self._fetch_lines()),
        ]
        book.close()
        return counts

    def _get_export_filename(self):
        return f"{self.display_name}.xlsx"

    # Results

    @api.model
    def _get_result_columns(self):
        return [
            Column(self.env._("Employee"), width=20),
            Column(self.env._("Department"), width=18),
            Column(self.env._("Job Position"), width=18),
            Column(self.env._("Manager"), width=20),
            Column(self.env._("Template"), width=18),
            Column(self.env._("State"), width=16),
            Column(self.env._("Score"), "score", 10),
            Column(self.env._("Grade"), width=12),
            Column(self.env._("Rank"), "integer", 8),
            Column(self.env._("People Ranked"), "integer", 10),
            Column(self.env._("Data Coverage"), "percent", 12),
            Column(self.env._("Unmeasured Lines"), "integer", 12),
            Column(self.env._("Published on"), "date", 12),
        ]

    def _fetch_results(self):
        """The rows of the sheet of results, in the order of the columns."""
        Review = self.env["hr.performance.review"]
        query = Review._search([("cycle_id", "=", self.id)])
        review = query.table
        # before publication, rank and grade are for those alone who follow all reviews
        names = ("full_grade_id", "full_rank", "full_count")
        if not Review._has_field_access(Review._fields["full_rank"], "read"):
            names = ("grade_id", "rank", "rank_count")
        employee = query.join(review, "employee_id", "hr_employee", "id", "employee")
        manager = query.left_join(review, "manager_id", "hr_employee", "id", "manager")
        column = SQL.identifier
        query.order = SQL("%s, %s", column(employee, "name"), column(review, "id"))
        columns = query.select(
            column(employee, "name"),
            self._join_name(query, review, "department_id", "hr.department"),
            self._join_name(query, review, "job_id", "hr.job"),
            column(manager, "name"),
            self._join_name(query, review, "template_id", "hr.performance.template"),
            self._case_labels(column(review, "state"), Review._fields["state"]),
            SQL(
                "CASE WHEN %s THEN %s::float8 END",
                column(review, "scored"),
                column(review, "total"),
            ),
            self._join_name(query, review, names[0], "hr.performance.grade"),
            SQL("NULLIF(%s, 0)", column(review, names[1])),
            SQL("NULLIF(%s, 0)", column(review, names[2])),
            SQL("%s::float8 / 100", column(review, "coverage")),
            column(review, "missing_count"),
            self._local_date(column(review, "published_on")),
        )
        return self._fetch("performance_results", columns)

    # Lines

    @api.model
    def _get_line_columns(self):
        return [
            Column(self.env._("Employee"), width=20),
            Column(self.env._("Department"), width=18),
            Column(self.env._("Metric or Rule"), width=26),
            Column(self.env._("Kind"), width=16),
            Column(self.env._("Weight"), "number", 8),
            Column(self.env._("Target"), "number", 12),
            Column(self.env._("Value"), "number", 12),
            Column(self.env._("Unit"), width=10),
            Column(self.env._("Points"), "score", 10),
            Column(self.env._("Attainment"), "percent", 12),
            Column(self.env._("Records"), "integer", 10),
            Column(self.env._("Data Coverage"), "percent", 12),
            Column(self.env._("Manager's Reason"), width=30),
        ]

    def _fetch_lines(self):
        """The rows of the sheet of lines, in the order of the columns."""
        Line = self.env["hr.performance.review.line"]
        query = Line._search([("cycle_id", "=", self.id)])
        line = query.table
        employee = query.join(line, "employee_id", "hr_employee", "id", "employee")
        metric = query.join(line, "metric_id", "hr_performance_metric", "id", "metric")
        column = SQL.identifier
        query.order = SQL(", ").join(
            [
                column(employee, "name"),
                *(column(line, name) for name in ("review_id", "sequence", "id")),
            ]
        )
        is_metric = SQL("%s = 'metric'", column(line, "kind"))
        columns = query.select(
            column(employee, "name"),
            self._join_name(query, line, "department_id", "hr.department"),
            self._get_line_name(query, line, metric),
            self._case_labels(column(line, "kind"), Line._fields["kind"]),
            self._only_if(is_metric, column(line, "weight")),
            self._only_if(is_metric, column(line, "target")),
            self._get_line_value(line),
            self._get_unit(metric),
            self._only_if(column(line, "scored"), column(line, "points")),
            SQL("%s::float8 / 100", column(line, "attainment")),
            column(line, "sample"),
            column(line, "coverage"),
            SQL(
                "COALESCE(%s, %s)", column(line, "manager_reason"), column(line, "exclusion_reason")
            ),
        )
        return self._fetch("performance_lines", columns)

    def _get_line_name(self, query, line, metric):
        """The name of the metric, or of the rule of a deduction, or what a correction is called."""
        rule = self._join_name(query, line, "template_rule_id", "hr.performance.template.rule")
        return SQL(
            "COALESCE(CASE WHEN %(kind)s = 'metric' THEN %(metric)s END, %(rule)s, %(label)s)",
            kind=SQL.identifier(line, "kind"),
            metric=self.env["hr.performance.metric"]._field_to_sql(metric, "name"),
            rule=rule,
            label=SQL("%s->>'label'", SQL.identifier(line, "rule")),
        )

    @api.model
    def _get_line_value(self, line):
        """The value that counts, as on the screen; none for a line that is unknown or left out."""
        return SQL(
            """CASE WHEN %(excluded)s THEN NULL WHEN %(given)s THEN %(manager)s::float8
                    WHEN %(measured)s THEN %(value)s::float8 END""",
            excluded=SQL.identifier(line, "excluded"),
            given=SQL.identifier(line, "manager_set"),
            manager=SQL.identifier(line, "manager_value"),
            measured=SQL.identifier(line, "measured"),
            value=SQL.identifier(line, "value"),
        )

    @api.model
    def _get_unit(self, metric):
        Metric = self.env["hr.performance.metric"]
        return SQL(
            "CASE WHEN %(unit)s = 'custom' THEN %(own)s ELSE %(label)s END",
            unit=SQL.identifier(metric, "unit"),
            own=Metric._field_to_sql(metric, "unit_label"),
            label=self._case_labels(SQL.identifier(metric, "unit"), Metric._fields["unit"]),
        )

    # Both

    @api.model
    def _join_name(self, query, table, field, model):
        """The name of a related record in the language of the reader."""
        Model = self.env[model]
        alias = query.left_join(table, field, Model._table, "id", field)
        return Model._field_to_sql(alias, "name", query)

    @api.model
    def _case_labels(self, expression, field):
        """The label of a selection in the language of the reader."""
        cases = [
            SQL("WHEN %s THEN %s", key, label)
            for key, label in field._description_selection(self.env)
        ]
        return SQL("CASE %s %s END", expression, SQL(" ").join(cases))

    @api.model
    def _only_if(self, condition, number):
        return SQL("CASE WHEN %s THEN %s::float8 END", condition, number)

    @api.model
    def _local_date(self, moment):
        """The day of an instant in the reader's time zone."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, str(self.env.tz))

    def _fetch(self, name, query):
        """Yield the rows of a query from a cursor of the database, some at a time."""
        self.env.flush_all()
        cursor = SQL.identifier(name)
        self.env.cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, query))
        while True:
            self.env.cr.execute(SQL("FETCH FORWARD %s FROM %s", FETCH_SIZE, cursor))
            rows = self.env.cr.fetchall()
            yield from rows
            if len(rows) < FETCH_SIZE:
                break
        self.env.cr.execute(SQL("CLOSE %s", cursor))
