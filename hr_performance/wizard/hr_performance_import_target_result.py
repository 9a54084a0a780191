from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ..tools import headers as header_tools
from ..tools.decimals import round_half_up
from ..tools.grades import GradeScale
from ..tools.import_rows import Entry, as_text
from ..tools.period import Period

#: A score beyond this is a cell of another column.
MAX_SCORE = 100_000
MAX_COMMENT = 10_000


class KnownResult(NamedTuple):
    """A result that was imported before."""

    employee_id: int
    date_from: date
    id: int
    scored: bool
    total: float
    grade_id: int | None
    rank: int
    rank_count: int
    comment: str


class HrPerformanceImportTargetResult(models.AbstractModel):
    """Past results: closed reviews in closed cycles, so that rank and trend have a history.

    A result is known by employee and period. Periods in which reviews were really held take no
    imported results, for those would change the ranks.
    """

    _name = "hr.performance.import.target.result"
    _inherit = ["hr.performance.import.target"]
    _description = "Import of Past Results"

    @api.model
    def _get_guessed_roles(self):
        roles = ("email", "number", "name", "employee", "date", "total", "grade", "rank")
        return (*roles, "rank_count", "comment")

    @api.model
    def _check_rights(self, wizard):
        if not self.env["hr.performance.cycle"].has_access("create"):
            raise AccessError(self.env._("Only HR officers import results."))
        wizard.program_id.check_access("read")
        wizard.template_id.check_access("read")

    @api.model
    def _check_mapping(self, wizard, mapping):
        if not wizard.program_id:
            raise UserError(self.env._("Choose the programme that the results belong to."))
        if wizard.program_id.company_id != wizard.company_id:
            raise UserError(self.env._("The programme belongs to another company."))
        if wizard.template_id.company_id not in (wizard.company_id.browse(), wizard.company_id):
            raise UserError(self.env._("The template belongs to another company."))
        if "total" not in mapping and "grade" not in mapping:
            raise UserError(self.env._("Choose the column with the score or with the grade."))
        if "date" not in mapping and not wizard.date:
            raise UserError(
                self.env._("Choose the column with the period, or enter a day of the period.")
            )
        return super()._check_mapping(wizard, mapping)

    # Reading

    @api.model
    def _prepare(self, run, rows):
        employees = self._find_employees(run, rows)
        entries = []
        for row in rows:
            period = self._read_period(run, row)
            vals = {**self._read_score(run, row), **self._read_rank(run, row)}
            vals["comment"] = as_text(run.mapping.cell(row, "comment"))[:MAX_COMMENT]
            vals["lines"] = self._read_lines(run, row)
            if row.number in run.problems:
                continue
            employee_id = employees[row.number]
            vals["period"] = period
            if self._is_own(employee_id):
                message = self.env._("Your own result is for somebody else to import.")
                run.refuse(row, "", None, message)
            elif not self._refuse_repeated(run, row, (employee_id, period.date_from)):
                key = (employee_id, period.date_from)
                entries.append(Entry(row.number, employee_id, key, vals))
        return entries

    @api.model
    def _read_period(self, run, row):
        """The period of the programme that the row names; None after refusing the row."""
        day = self._read_day(run, row)
        if not day:
            return None
        named = day if isinstance(day, Period) else None
        period = run.wizard.program_id._get_period(named.date_from if named else day)
        cell, header = run.mapping.cell(row, "date"), run.mapping.header("date")
        if named and named != period:
            message = self.env._(
                "This is no period of %(program)s, whose periods are such as %(first)s – %(last)s.",
                program=run.wizard.program_id.name,
                first=format_date(self.env, period.date_from),
                last=format_date(self.env, period.date_to),
            )
        elif period.date_to >= self._get_today(run):
            message = self.env._("This period is not over yet.")
        else:
            message = self._get_cycle_problem(run, period)
        if message:
            run.refuse(row, header, cell, message)
        return period

    @api.model
    def _get_cycle_problem(self, run, period):
        """Why the cycle of the period takes no imported results; asked once for each period."""
        known = run.cache.setdefault("cycles", {})
        if period not in known:
            cycle = self.env["hr.performance.cycle"].search(
                Domain("program_id", "=", run.wizard.program_id.id)
                & Domain("date_from", "<=", period.date_to)
                & Domain("date_to", ">=", period.date_from),
                limit=1,
            )
            known[period] = self._explain_cycle(cycle, period)
        return known[period]

    @api.model
    def _explain_cycle(self, cycle, period):
        if not cycle:
            return None
        if cycle._get_period() != period:
            return self.env._(
                "%(cycle)s has other days than this period.", cycle=cycle.display_name
            )
        real = Domain("cycle_id", "=", cycle.id) & Domain("is_imported", "=", False)
        if self.env["hr.performance.review"].search_count(real, limit=1):
            return self.env._(
                "Reviews were held in %(cycle)s. Results are imported into periods without any.",
                cycle=cycle.display_name,
            )
        if cycle.state != "closed":
            return self.env._(
                "%(cycle)s is waiting to be launched. Delete it to import results instead.",
                cycle=cycle.display_name,
            )
        return None

    @api.model
    def _read_score(self, run, row):
        """Score and grade; a row needs one of the two."""
        cell, header = run.mapping.cell(row, "total"), run.mapping.header("total")
        grade = run.mapping.cell(row, "grade")
        total = None
        if cell is not None:
            total = self._read_number(run, row, header, cell)
            if total is not None and not 0 <= total <= MAX_SCORE:
                message = self.env._("A score is not below 0 nor that large.")
                run.refuse(row, header, cell, message)
        elif grade is None:
            header = header or run.mapping.header("grade")
            run.refuse(row, header, None, self.env._("Enter the score or the grade."))
        return {
            "total": None if total is None else round_half_up(total),
            "grade_id": self._read_grade(run, row, grade) if grade is not None else None,
        }

    @api.model
    def _read_grade(self, run, row, cell):
        """The grade by its name; None after refusing the row."""
        grades = self._get_grades(run)
        grade = grades.get(header_tools.fold(cell))
        if not grade:
            run.refuse(
                row,
                run.mapping.header("grade"),
                cell,
                self.env._(
                    "The grading scale has no such grade. It has: %s",
                    ", ".join(dict.fromkeys(g.name for g in grades.values())),
                ),
            )
        return grade.id if grade else None

    @api.model
    def _get_scale(self, run):
        wizard = run.wizard
        template = wizard.template_id or wizard.program_id.template_ids[:1]
        scale = wizard.program_id.scale_id or template.scale_id
        return scale or self.env["hr.performance.template"]._default_scale_id()

    @api.model
    def _get_grades(self, run):
        """``{folded name: grade}`` of the scale, in the user's language and in English."""
        if "grades" not in run.cache:
            grades = self._get_scale(run).grade_ids
            english = {
                header_tools.fold(grade.name): grade.with_env(self.env)
                for grade in grades.with_context(lang="en_US")
            }
            own = {header_tools.fold(grade.name): grade for grade in grades}
            run.cache["grades"] = english | own
        return run.cache["grades"]

    @api.model
    def _read_rank(self, run, row):
        """Rank and number of people ranked; zero for an empty cell."""
        vals = {}
        for role in ("rank", "rank_count"):
            cell, header = run.mapping.cell(row, role), run.mapping.header(role)
            number = 0 if cell is None else self._read_number(run, row, header, cell)
            vals[role] = int(number or 0)
            if number is None or cell is None:
                continue
            if number < 1 or number != int(number) or number > MAX_SCORE:
                run.refuse(row, header, cell, self.env._("Enter a whole number from 1."))
        if vals["rank_count"] and vals["rank"] > vals["rank_count"]:
            cell, header = run.mapping.cell(row, "rank"), run.mapping.header("rank")
            message = self.env._("The rank is beyond the number of people ranked.")
            run.refuse(row, header, cell, message)
        return vals

    @api.model
    def _read_lines(self, run, row):
        """``{metric id: {"value": float, "points": float}}`` of the columns that are filled."""
        metrics, lines = {metric.id: metric for metric in run.metrics}, {}
        for column in run.mapping.metrics:
            cell, header = row.cells[column.index], run.mapping.headers[column.index]
            if cell is None:
                continue
            is_value = column.role == "metric_value"
            metric = metrics[column.metric_id] if is_value else None
            number = self._read_number(run, row, header, cell, metric)
            if number is not None:
                line = lines.setdefault(column.metric_id, {})
                line["value" if is_value else "points"] = round(float(number), 4)
        return lines

    # Comparing

    @api.model
    def _compare(self, run, entries):
        known = self._read_known(run, entries)
        for entry in entries:
            if entry.key in known:
                entry.record_id, entry.before = known[entry.key]
                self._compare_one(run, entry)
        self._pick_templates(run, [entry for entry in entries if not entry.record_id])

    @api.model
    def _read_known(self, run, entries):
        """``{(employee id, first day): (review id, its values)}`` in two queries."""
        Review = self.env["hr.performance.review"]
        Review.flush_model()
        query = SQL(
            """SELECT r.employee_id, r.date_from, r.id, r.scored, r.total::float8, r.full_grade_id,
                      COALESCE(r.imported_rank, 0), COALESCE(r.imported_count, 0),
                      COALESCE(r.manager_comment, '')
                 FROM hr_performance_review r
                 JOIN hr_performance_cycle c ON c.id = r.cycle_id
                WHERE c.program_id = %s AND r.is_imported AND r.employee_id = ANY(%s)
                  AND r.date_from = ANY(%s)""",
            run.wizard.program_id.id,
            list({entry.employee_id for entry in entries}),
            list({entry.key[1] for entry in entries}),
        )
        rows = [KnownResult(*row) for row in self.env.execute_query(query)]
        lines = self._read_known_lines([row.id for row in rows])
        return {
            (row.employee_id, row.date_from): (
                row.id,
                {
                    "total": round_half_up(row.total) if row.scored else None,
                    "grade_id": row.grade_id,
                    "rank": row.rank,
                    "rank_count": row.rank_count,
                    "comment": row.comment,
                    "lines": lines.get(row.id, {}),
                },
            )
            for row in rows
        }

    @api.model
    def _read_known_lines(self, review_ids):
        """``{review id: {metric id: values}}``"""
        Line = self.env["hr.performance.review.line"]
        Line.flush_model()
        lines = {}
        query = SQL(
            """SELECT review_id, metric_id, measured, value::float8, scored, points::float8
                 FROM hr_performance_review_line WHERE review_id = ANY(%s)""",
            review_ids,
        )
        for row in self.env.execute_query(query):
            review_id, metric_id, measured, value, scored, points = row
            vals = {"value": value} if measured else {}
            vals |= {"points": points} if scored else {}
            lines.setdefault(review_id, {})[metric_id] = vals
        return lines

    @api.model
    def _compare_one(self, run, entry):
        """Compare what the file has columns for; what it leaves out stays as it is."""
        mapping, before, vals = run.mapping, entry.before, entry.vals
        for role, name in (
            ("total", "total"),
            ("grade", "grade_id"),
            ("rank", "rank"),
            ("rank_count", "rank_count"),
            ("comment", "comment"),
        ):
            if role not in mapping:
                vals[name] = before[name]
        if "grade" not in mapping and vals["total"] != before["total"]:
            vals["grade_id"] = None
        vals["lines"] = {**before["lines"], **vals["lines"]}
        self._complete_grade(run, entry)
        compared = ("total", "grade_id", "rank", "rank_count", "comment", "lines")
        same = all(vals[name] == before[name] for name in compared)
        entry.change = "same" if same else "changed"

    @api.model
    def _complete_grade(self, run, entry):
        """The grade that the score has on the scale, where the file gives none."""
        if entry.vals["grade_id"] is None and entry.vals["total"] is not None:
            if "scale" not in run.cache:
                bands = self._get_scale(run)._get_bands()
                run.cache["scale"] = GradeScale(bands) if bands else None
            scale = run.cache["scale"]
            entry.vals["grade_id"] = scale.grade_of(entry.vals["total"]) if scale else None

    @api.model
    def _pick_templates(self, run, entries):
        """Where each employee stood in the period, and by which template he was reviewed."""
        by_period = {}
        for entry in entries:
            self._complete_grade(run, entry)
            by_period.setdefault(entry.vals["period"], {})[entry.employee_id] = entry
        for period, people in by_period.items():
            employees = self.env["hr.employee"].browse(people)
            snapshots = employees._get_performance_snapshots(period, self._get_today(run))
            templates = self._get_templates(run, period, snapshots)
            for snapshot in snapshots:
                people[snapshot.employee_id].vals |= {
                    "snapshot": snapshot,
                    "template_id": templates.get(snapshot.employee_id),
                }
            for entry in people.values():
                if not entry.vals.get("template_id"):
                    message = self.env._(
                        "No template fits the job and the department that the employee had then. "
                        "Choose a template for all rows above."
                    )
                    run.refuse(entry, "", None, message)

    @api.model
    def _get_templates(self, run, period, snapshots):
        """``{employee id: template id}``"""
        wizard = run.wizard
        if wizard.template_id:
            return dict.fromkeys((s.employee_id for s in snapshots), wizard.template_id.id)
        picked = self.env["hr.performance.template"]._pick(
            run.company,
            [(s.employee_id, s.job_id, s.department_id) for s in snapshots],
            period.date_to,
            wizard.program_id.template_ids,
        )
        return {employee_id: template.id for employee_id, template in picked.items()}

    # Writing

    @api.model
    def _import_entries(self, run, entries):
        if not entries:
            return
        cycles = self._open_cycles(run, {entry.vals["period"] for entry in entries})
        # sudo: reviews belong to the engine; the right to import was checked
        reviews = self.env["hr.performance.review"].sudo()
        new = [entry for entry in entries if entry.change == "new"]
        changed = [entry for entry in entries if entry.change == "changed"]
        created = reviews._bulk_insert(
            [self._get_review_vals(entry, cycles) for entry in new],
            conflict=SQL("cycle_id, employee_id"),
        )
        ids = {(r.employee_id.id, r.date_from): r.id for r in created}
        for entry in new:
            entry.record_id = ids.get(entry.key)
        reviews._bulk_update([{"id": e.record_id, **_get_result_vals(e.vals)} for e in changed])
        self._write_lines(run, entries, [entry.record_id for entry in changed])
        self._note_changes(run, changed)

    @api.model
    def _open_cycles(self, run, periods):
        """``{period: closed cycle}``; the cycles that are missing are made."""
        # sudo: the state of a cycle is the engine's; the right to import was checked
        program = run.wizard.program_id.sudo().with_context(tracking_disable=True)
        cycles = program._open_cycles(sorted(periods))
        cycles.filtered(lambda cycle: cycle.state == "draft").write({"state": "closed"})
        run.cache.setdefault("touched", set()).update(cycles.ids)
        return {cycle._get_period(): cycle for cycle in cycles}

    @api.model
    def _get_review_vals(self, entry, cycles):
        vals, period = entry.vals, entry.vals["period"]
        snapshot, cycle = vals["snapshot"], cycles[period]
        return {
            "cycle_id": cycle.id,
            "company_id": cycle.company_id.id,
            "date_from": period.date_from,
            "date_to": period.date_to,
            "state": "closed",
            "priority": "0",
            "employee_id": entry.employee_id,
            "department_id": snapshot.department_id,
            "job_id": snapshot.job_id,
            "manager_id": snapshot.manager_id,
            "participation": snapshot.share or 1.0,
            "template_id": vals["template_id"],
            "is_imported": True,
            "published_on": self.env.cr.now(),
            "published_by_id": self.env.uid,
            **_get_result_vals(vals),
        }

    @api.model
    def _write_lines(self, run, entries, changed_ids):
        if not run.mapping.metrics:
            return
        # sudo: lines belong to the engine; the right to import was checked
        lines = self.env["hr.performance.review.line"].sudo()
        lines.search([("review_id", "in", changed_ids)]).unlink()
        reviews = self.env["hr.performance.review"].sudo().browse(e.record_id for e in entries)
        reviews = {review.id: review for review in reviews}
        metrics = {metric.id: metric for metric in run.metrics}
        lines._bulk_insert(
            [
                reviews[entry.record_id]._get_imported_line_vals(metrics[metric_id], vals)
                for entry in entries
                for metric_id, vals in entry.vals["lines"].items()
                if entry.record_id and vals
            ]
        )

    @api.model
    def _note_changes(self, run, changed):
        """A result that stood already says in its history what it was and which file changed it."""
        # sudo: the history of reviews that the user may import
        reviews = self.env["hr.performance.review"].sudo()
        bodies = {
            entry.record_id: self.env._(
                "Imported anew from %(file)s: %(before)s became %(after)s.",
                file=run.wizard.filename,
                before=self._show_result(entry.before),
                after=self._show_result(entry.vals),
            )
            for entry in changed
        }
        if bodies:
            reviews.browse(bodies)._message_log_batch(bodies)

    @api.model
    def _finish(self, run):
        """Rank the cycles that the file was about, and show the ranks as the programme says."""
        # sudo: ranks belong to the engine
        cycles = self.env["hr.performance.cycle"].sudo().browse(run.cache.get("touched", ()))
        for cycle in cycles:
            cycle._rank()
        if cycles:
            cycles.review_ids.filtered("is_imported")._show_results()

    # Showing

    @api.model
    def _show_result(self, vals):
        grade = self.env["hr.performance.grade"].browse(vals["grade_id"]).name
        score = None if vals["total"] is None else formatLang(self.env, float(vals["total"]))
        return " · ".join(filter(None, (score, grade))) or "–"

    @api.model
    def _describe(self, run, entry):
        period = entry.vals["period"]
        text = self.env._(
            "%(first)s – %(last)s: %(result)s",
            first=format_date(self.env, period.date_from),
            last=format_date(self.env, period.date_to),
            result=self._show_result(entry.vals),
        )
        if entry.change == "changed":
            before = self._show_result(entry.before)
            text = self.env._("%(text)s (was %(before)s)", text=text, before=before)
        return text

    @api.model
    def _get_done_action(self, wizard):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_review_action"
        )
        domain = [("is_imported", "=", True), ("program_id", "=", wizard.program_id.id)]
        return dict(action, domain=domain, context={})

    @api.model
    def _get_sample(self):
        headers = [self.env._("Work Email"), self.env._("Period"), self.env._("Score")]
        headers += [self.env._("Grade"), self.env._("Rank"), self.env._("Comment")]
        scale = self.env["hr.performance.template"]._default_scale_id()
        grades = scale.grade_ids.sorted("min_score", reverse=True)[:2].mapped("name")
        best, next_best = [*grades, "", ""][:2]
        return headers, [
            ["anna@example.com", "2026-01", 96.5, best, 1, ""],
            ["bo@example.com", "2026-01", 88, next_best, 2, ""],
        ]


def _get_result_vals(vals):
    """The columns of a review that hold its result."""
    total = vals["total"]
    return {
        "total": float(total or 0),
        "base_total": float(total or 0),
        "scored": total is not None,
        "full_grade_id": vals["grade_id"],
        "imported_rank": vals["rank"],
        "imported_count": vals["rank_count"],
        "manager_comment": vals["comment"] or None,
    }
