import base64
import csv
import io
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .import_common import ImportCase, read_xlsx, to_csv, to_xlsx

HEADERS = ["Work Email", "Metric", "Date", "Value"]


@tagged("post_install", "-at_install")
@freeze_time("2026-04-15")
class TestImportFact(ImportCase):
    def _facts(self, metric=None):
        domain = [("metric_id", "in", (metric or self.visits + self.late).ids)]
        return self.env["hr.performance.fact"].search(domain, order="id")

    def _row(self, **changes):
        """A good row, with changed cells."""
        row = {
            "Work Email": "anna@bright.example",
            "Metric": "t_visits",
            "Date": "2026-03-02",
            "Value": "12",
        }
        return [*(row | changes).values()]

    def _bad(self, *rows, headers=HEADERS, **options):
        """The problems of bad rows in a file that begins with a good one."""
        good = ["bo@bright.example", "t_late", "2026-03-31", "1"]
        good += [""] * (len(headers) - 4)
        wizard = self._check([headers, good, *rows], **options)
        self.assertEqual(wizard.bad_count, len({n for n, *_rest in self._problems(wizard)}))
        self.assertEqual(wizard.new_count, 1, "a bad row stops no other row")
        return self._problems(wizard)

    def _assert_refused(self, row, header, message, **options):
        (problem,) = self._bad(row, **options)
        self.assertEqual(problem[:2], (3, header))
        self.assertRegex(problem[3], message)
        return problem

    def test_own_numbers_are_refused(self):
        """Whoever is measured decides nothing about himself, by a file or by hand."""
        user = self.anna.user_id
        user.group_ids += self.env.ref("hr_performance.group_hr_performance_user")
        self._assert_refused(self._row(), "", "somebody else", user=user)
        theirs = self._add_facts(self.bo, self.visits, 3).with_user(user)
        own = self._add_facts(self.anna, self.visits, 3).with_user(user)
        theirs.value = 4
        attacks = {
            "create": lambda: own.copy(),
            "write": lambda: own.write({"value": 99}),
            "take": lambda: theirs.write({"employee_id": self.anna.id}),
            "unlink": lambda: own.unlink(),
        }
        for name, attack in attacks.items():
            with self.subTest(name), self.assertRaises(AccessError), self.cr.savepoint():
                attack()

    # Good files

    def test_columns_are_guessed_from_english_headers(self):
        wizard = self._upload([[*HEADERS, "Remarks", "Order No.", "Colour"], [1] * 7])
        self.assertEqual(
            wizard.column_ids.mapped("fact_role"),
            ["email", "metric", "date", "value", "description", "external_id", False],
        )

    def test_columns_are_guessed_from_chinese_headers(self):
        headers = ["工号", "姓名", "指标名称", "统计日期", "完成值(必填)", "备注"]
        wizard = self._upload([headers, ["1007"] * 6])
        self.assertEqual(
            wizard.column_ids.mapped("fact_role"),
            ["number", "name", "metric", "date", "value", "description"],
        )

    def test_column_of_a_metric_is_guessed_by_its_name(self):
        wizard = self._upload([["Email", "Date", "Visits", "T_LATE"], ["a", "b", 1, 2]])
        columns = wizard.column_ids[2:]
        self.assertEqual(columns.mapped("fact_role"), ["metric_value", "metric_value"])
        self.assertEqual(columns.metric_id, self.visits + self.late)

    def test_rows_become_facts(self):
        self._import([[*HEADERS, "ID", "Note"], [*self._row(), "A-1", "By the park"]])
        self.assertRecordValues(
            self._facts(),
            [
                {
                    "metric_id": self.visits.id,
                    "employee_id": self.anna.id,
                    "company_id": self.company.id,
                    "date": date(2026, 3, 2),
                    "value": 12.0,
                    "weight": 1.0,
                    "weighted_value": 12.0,
                    "external_id": "A-1",
                    "description": "By the park",
                    "import_ref": "rows.csv",
                    "create_uid": self.hr_user.id,
                }
            ],
        )

    def test_imported_rows_are_measured(self):
        self._launch()
        rows = [self._row(), self._row(Date="2026-03-09", Value="8")]
        self._import([HEADERS, *rows])
        self.cycle._schedule("refresh", ("goal",))
        line = self._line(self._review_of(self.anna), self.visits)
        self.assertRecordValues(line, [{"value": 20.0, "measured": True, "sample": 2}])

    def test_preview_writes_nothing(self):
        wizard = self._check([HEADERS, self._row(), self._row(Value="x")])
        self.assertEqual(self._counts(wizard), (1, 0, 0, 1))
        self.assertFalse(self._facts())
        self.assertEqual(wizard.state, "preview")
        (line,) = wizard.line_ids
        self.assertEqual(line.employee_id, self.anna)
        self.assertIn("Visits: 12", line.summary)

    def test_import_needs_the_preview(self):
        wizard = self._upload([HEADERS, self._row()])
        with self.assertRaisesRegex(UserError, "Check"):
            wizard.action_import()

    def test_same_file_twice_changes_nothing(self):
        for headers, row in ((HEADERS, self._row()), ([*HEADERS, "ID"], [*self._row(), "A-1"])):
            with self.subTest(headers=headers):
                self._facts().unlink()
                self.assertEqual(self._counts(self._import([headers, row])), (1, 0, 0, 0))
                before = self._facts().read()
                again = self._import([headers, row], filename="again.csv")
                self.assertEqual(self._counts(again), (0, 0, 1, 0))
                self.assertEqual(self._facts().read(), before)

    def test_corrected_file_corrects(self):
        self._import([HEADERS, self._row()])
        wizard = self._import([HEADERS, self._row(Value="15")])
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0))
        self.assertIn("(was 12)", wizard.line_ids.summary)
        self.assertEqual(self._facts().mapped("value"), [15.0])

    def test_outside_id_finds_the_row_when_everything_else_changed(self):
        self._import([[*HEADERS, "ID"], [*self._row(), "A-1"]])
        row = ["bo@bright.example", "t_visits", "2026-03-03", "9", "A-1"]
        wizard = self._import([[*HEADERS, "ID"], row])
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0))
        self.assertRecordValues(self._facts(), [{"employee_id": self.bo.id, "value": 9.0}])

    def test_rows_of_one_day_can_all_count(self):
        rows = [HEADERS, self._row(), self._row(), self._row(Value="3")]
        wizard = self._import(rows, same_rows="keep")
        self.assertEqual(self._counts(wizard), (3, 0, 0, 0))
        self.assertEqual(self._facts().mapped("value"), [12.0, 12.0, 3.0])
        again = self._import(rows, same_rows="keep")
        self.assertEqual(self._counts(again), (0, 0, 3, 0))

    def test_wide_file_has_a_column_for_each_metric(self):
        rows = [
            ["姓名", "月份", "Visits", "Late"],
            ["Anna", "2026年3月", 12, 1],
            ["Bo", "2026-03", "", 0],
        ]
        wizard = self._import(rows)
        self.assertEqual(self._counts(wizard), (3, 0, 0, 0))
        self.assertRecordValues(
            self._facts(),
            [
                {"employee_id": self.anna.id, "metric_id": self.visits.id, "value": 12.0},
                {"employee_id": self.anna.id, "metric_id": self.late.id, "value": 1.0},
                {"employee_id": self.bo.id, "metric_id": self.late.id, "value": 0.0},
            ],
        )
        self.assertEqual(set(self._facts().mapped("date")), {date(2026, 3, 31)})

    def test_metric_and_day_of_all_rows(self):
        rows = [["Employee", "Value"], ["1007", 5], ["bo@bright.example", 6], ["Carl", 7]]
        wizard = self._upload(rows)
        wizard.write({"metric_id": self.visits.id, "date": date(2026, 3, 5)})
        wizard.action_check()
        wizard.action_import()
        self.assertEqual(self._facts().employee_id, self.anna + self.bo + self.carl)
        self.assertEqual(self._facts().mapped("date"), [date(2026, 3, 5)] * 3)

    def test_encodings_and_signs_of_other_places(self):
        rows = [["邮箱", "指标", "日期", "数值"], ["anna@bright.example", "t_visits", "", ""]]
        cases = [
            ("utf-8-sig", "2026年3月2日", "１，２３４．５"),
            ("gbk", "2026/3/2", "1,234.5"),
            ("utf-16", "20260302", "1 234.5"),
            ("utf-8", "02.03.2026", "¥1,234.50"),
        ]
        for encoding, day, value in cases:
            with self.subTest(encoding=encoding):
                self._facts().unlink()
                rows[1][2:] = day, value
                self._import(to_csv(rows, encoding, ";"))
                expected = [{"date": date(2026, 3, 2), "value": 1234.5}]
                self.assertRecordValues(self._facts(), expected)

    def test_workbook_with_real_dates_and_percentages(self):
        self.visits.unit = "percent"
        rows = [["Badge ID", "Date", "Visits"], [1007, date(2026, 3, 2), 0.455]]
        wizard = self._import(to_xlsx(rows, {2: "0.0%"}), filename="rows.xlsx")
        self.assertFalse(wizard.note)
        self.assertRecordValues(self._facts(), [{"employee_id": self.anna.id, "value": 45.5}])

    def test_percent_sign_means_percent(self):
        self.visits.unit = "percent"
        self._import([HEADERS, self._row(Value="45.5%")])
        self.assertEqual(self._facts().value, 45.5)

    def test_fractions_of_a_percent_metric_are_pointed_out(self):
        self.visits.unit = "percent"
        rows = [self._row(Value=f"0.{n}", Date=f"2026-03-{n}") for n in range(10, 14)]
        wizard = self._check([HEADERS, *rows])
        self.assertIn("Visits", wizard.note)
        self.assertFalse(self._check([HEADERS, *rows, self._row(Value="45")]).note)

    def test_archived_people_are_found(self):
        self.anna.active = False
        self.assertEqual(self._counts(self._check([HEADERS, self._row()])), (1, 0, 0, 0))

    def test_metric_of_the_company_goes_before_the_shared_one(self):
        own = self.visits.copy({"code": "t_visits", "company_id": self.company.id})
        self._import([HEADERS, self._row()])
        self.assertEqual(self._facts(own).value, 12.0)
        self.assertFalse(self._facts(self.visits))

    def test_ambiguous_day_is_read_as_chosen(self):
        for order, expected in (("day", date(2026, 2, 1)), ("month", date(2026, 1, 2))):
            with self.subTest(order=order):
                self._facts().unlink()
                self._import([HEADERS, self._row(Date="1/2/2026")], date_order=order)
                self.assertEqual(self._facts().date, expected)

    def test_mapping_is_remembered(self):
        rows = [["Wer", "Was", "Wann", "Wieviel"], self._row()]
        wizard = self._upload(rows)
        self.assertEqual(wizard.column_ids.mapped("fact_role"), [False] * 4)
        roles = ["email", "metric", "date", "value"]
        for column, role in zip(wizard.column_ids, roles, strict=True):
            column.fact_role = role
        wizard.action_check()
        wizard.action_import()
        self.assertEqual(self._upload(rows).column_ids.mapped("fact_role"), roles)

    # Bad rows

    def test_bad_employees(self):
        self.bo.name = self.carl.name = "Kim"
        cases = [
            ("nobody@bright.example", "no such employee"),
            ("dora@other.example", "no such employee"),
            ("Kim", "Several employees"),
            ("", "Enter the employee"),
            ("=cmd|' /C calc'!A0", "no such employee"),
        ]
        for cell, message in cases:
            with self.subTest(cell=cell):
                self._assert_refused(
                    [cell, "t_visits", "2026-03-02", "1"],
                    "Employee",
                    message,
                    headers=["Employee", *HEADERS[1:]],
                )

    def test_columns_that_name_two_people(self):
        headers = [*HEADERS, "Name"]
        row = [*self._row(), "Bo"]
        self._assert_refused(row, "Work Email", "anna.*Bo", headers=headers)

    def test_name_settled_by_the_number(self):
        self.bo.name = "Anna"
        rows = [["Name", "Staff No.", *HEADERS[1:]], ["Anna", "1007", *self._row()[1:]]]
        self._import(rows)
        self.assertEqual(self._facts().employee_id, self.anna)

    def test_bad_numbers(self):
        cases = {
            "": "empty",
            "abc": "no number",
            "NaN": "no number",
            "inf": "no number",
            "1e400": "no number|too large",
            "9" * 30: "too large",
            "10000000000000": "too large",
            "12,5": "no number",
            "²": "no number",
            "=1+1": "no number",
            "45%": "not counted in percent",
        }
        for cell, message in cases.items():
            with self.subTest(cell=cell):
                problem = self._assert_refused(self._row(Value=cell), "Value", message)
                self.assertEqual(problem[2], cell)

    def test_bad_days(self):
        cases = {
            "": "empty",
            "yesterday": "no day",
            "2026-02-30": "no day",
            "1/2/2026": "two days",
            "2026-04-16": "future",
            "2062-01-01": "future",
            "12": "no day|long ago",
            "00:15": "no day",
            "19000101": "long ago",
        }
        for cell, message in cases.items():
            with self.subTest(cell=cell):
                self._assert_refused(self._row(Date=cell), "Date", message)

    def test_bad_metrics(self):
        twin = self.visits.copy({"name": "Visits", "code": "t_visits_2"})
        cases = {
            "": "Enter the code",
            "nothing": "no such metric",
            self.quality.code: "no such metric",
            twin.name: "Several metrics",
        }
        for cell, message in cases.items():
            with self.subTest(cell=cell):
                self._assert_refused(self._row(Metric=cell), "Metric", message)

    def test_repeated_rows(self):
        (problem,) = self._bad(["bo@bright.example", "t_late", "2026-03-31", "2"])
        self.assertIn("Row 2", problem[3])
        headers = [*HEADERS, "ID"]
        rows = [[*self._row(), "A-1"], [*self._row(Date="2026-03-05"), "A-1"]]
        wizard = self._check([headers, *rows])
        self.assertEqual(self._counts(wizard), (1, 0, 0, 1))

    def test_row_wider_than_the_headers(self):
        self._assert_refused([*self._row(), "5"], "", "more cells")

    def test_bad_weight_and_outside_id(self):
        headers = [*HEADERS, "Samples", "ID"]
        self._assert_refused([*self._row(), "0", "A"], "Samples", "above zero", headers=headers)
        self._assert_refused([*self._row(), "2", "A" * 201], "ID", "200", headers=headers)

    def test_outside_id_of_another_company(self):
        fact = self._add_facts(self.stranger, self.visits, 4)
        fact.external_id = "A-1"
        self._assert_refused(
            [*self._row(), "A-1"], "ID", "another company", headers=[*HEADERS, "ID"]
        )
        self.assertEqual(fact.employee_id, self.stranger)

    def test_every_problem_of_a_row_is_told(self):
        problems = self._bad(["nobody", "nothing", "never", "x"])
        self.assertEqual([p[1] for p in problems], ["Work Email", "Date", "Metric"])

    def test_all_or_nothing(self):
        rows = [HEADERS, self._row(), self._row(Value="x")]
        wizard = self._import(rows, all_or_nothing=True)
        self.assertFalse(self._facts())
        self.assertEqual(wizard.state, "preview")
        self.assertEqual(self._counts(wizard), (1, 0, 0, 1))
        wizard.all_or_nothing = False
        wizard.action_import()
        self.assertEqual(len(self._facts()), 1)
        self.assertEqual(wizard.state, "done")

    # The file of rows to correct

    def test_rows_to_correct_as_csv(self):
        wizard = self._check([HEADERS, self._row(), self._row(Value="=cmd|'/C calc'!A0")])
        self.assertEqual(wizard.report_name, "To correct - rows.csv")
        content = base64.b64decode(wizard.report_file)
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        self.assertEqual(rows[0], [*HEADERS, "Row in the File", "What to Do"])
        self.assertEqual(rows[1][:4], self._row(Value="'=cmd|'/C calc'!A0"))
        self.assertEqual(rows[1][4], "3")
        self.assertIn("Value: This is no number", rows[1][5])
        self.assertEqual(len(rows), 2)

    def test_rows_to_correct_as_workbook_come_back(self):
        bad = ["anna@bright.example", "t_visits", date(2026, 3, 2), "x"]
        rows = [HEADERS, bad, ["bo@bright.example", "=1+1", date(2026, 3, 2), 4]]
        wizard = self._check(to_xlsx(rows), filename="rows.xlsx")
        content = base64.b64decode(wizard.report_file)
        ((headers, first, second),) = read_xlsx(content).values()
        self.assertEqual(first[2].date(), date(2026, 3, 2))
        self.assertEqual(second[1], "'=1+1")
        self.assertEqual(second[3], 4)
        first[2], first[3] = first[2].date(), 12
        corrected = self._import(to_xlsx([headers, first]), filename="corrected.xlsx")
        self.assertEqual(self._counts(corrected), (1, 0, 0, 0))

    def test_all_bad_rows_are_in_the_file(self):
        rows = [self._row(Value="x") for _n in range(250)]
        wizard = self._check([HEADERS, *rows])
        self.assertEqual(wizard.bad_count, 250)
        self.assertEqual(len(wizard.problem_ids), 200)
        lines = base64.b64decode(wizard.report_file).decode().splitlines()
        self.assertEqual(len(lines), 251)

    # Bad files and mappings

    def test_bad_files_say_what_to_do_and_keep_everything(self):
        cases = [
            (b"", "Choose a file"),
            (b"   ", "empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old kind"),
            (b"PK\x03\x04nonsense", "damaged"),
            (b"\x00\x01\x02", "no table"),
            (b"a,b\n", "no rows"),
            (b"a,a\n1,2\n", "called “a”"),
            (b'a,b\n1,"2\n', "row 2"),
        ]
        for content, message in cases:
            with self.subTest(content=content):
                wizard = self._new_wizard("fact", "x.csv", content)
                with self.assertRaisesRegex(UserError, message):
                    wizard.action_read()
                self.assertEqual(wizard.state, "upload")

    def test_bad_mappings_say_what_to_do(self):
        rows = [HEADERS, self._row()]
        cases = [
            ({"Work Email": False}, "employee is found"),
            ({"Metric": False}, "names the metric"),
            ({"Value": False}, "with the value"),
            ({"Date": False}, "day of all rows"),
            ({"Date": "value"}, "cannot hold the same"),
            ({"Value": "metric_value"}, "Choose the metric"),
        ]
        for changes, message in cases:
            with self.subTest(changes=changes):
                wizard = self._upload(rows)
                for header, role in changes.items():
                    self._column(wizard, header).fact_role = role
                with self.assertRaisesRegex(UserError, message):
                    wizard.action_check()
                self.assertEqual(wizard.state, "map")

    def test_metric_with_another_source_is_refused(self):
        wizard = self._upload([HEADERS, self._row()])
        column = self._column(wizard, "Value")
        column.write({"fact_role": "metric_value", "metric_id": self.quality.id})
        with self.assertRaisesRegex(UserError, "Quality"):
            wizard.action_check()

    # Rights

    def test_only_hr_imports(self):
        for user in (self.auditor, self.manager.user_id, self.anna.user_id):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._new_wizard("fact", "rows.csv", b"a,b\n1,2\n", user=user)

    def test_file_of_somebody_else_is_out_of_reach(self):
        wizard = self._check([HEADERS, self._row(), self._row(Value="x")])
        other = self._create_user("perf_hr2", "hr_performance.group_hr_performance_manager")
        foreign = wizard.with_user(other)
        foreign.env.invalidate_all()
        for action in ("action_read", "action_check", "action_import", "action_back"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(foreign, action)()
        for name in ("file", "report_file", "filename"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                foreign.read([name])
        self.assertFalse(foreign.search([("id", "=", wizard.id)]))

    def test_other_company_is_refused(self):
        rows = [HEADERS, ["dora@other.example", "t_visits", "2026-03-02", "1"]]
        wizard = self._upload(rows)
        wizard.company_id = self.other_company
        with self.assertRaises(AccessError):
            wizard.action_check()

    # Many rows

    def test_queries_do_not_grow_with_the_rows_of_a_batch(self):
        people = self.anna + self.bo + self.carl

        def rows(count, value):
            days = (f"2025-{1 + n // 28 % 12:02}-{1 + n % 28:02}" for n in range(count))
            emails = (people[n // 336].work_email for n in range(count))
            return [[e, "t_visits", d, value] for e, d in zip(emails, days, strict=True)]

        def count_queries(count, value):
            wizard = self._upload([HEADERS, *rows(count, value)])
            wizard.action_check()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = wizard._run(write=True)
            self.env.flush_all()
            self.assertEqual(run.counts["rows"], count)
            self.assertFalse(run.counts["bad"])
            return self.env.cr.sql_log_count - before

        count_queries(10, 1)
        self.assertEqual(count_queries(100, 2), count_queries(1000, 3))
        self.assertEqual(len(self._facts()), 1000)
