"""Downloading the results of a cycle as a workbook.

The reference writes the same number of rows and columns with xlsxwriter in constant memory, from
a cursor of the database, and nothing else: no rights, no translations, no protection against
formulas in names.
"""

import tempfile

import dataset
import xlsxwriter
from harness import Row, ratio
from meter import Meter

SHEETS = {
    "Results": """
        SELECT e.name, d.name->>'en_US', j.name->>'en_US', m.name, t.name->>'en_US', r.state,
               r.total::float8, g.name->>'en_US', r.full_rank, r.full_count,
               r.coverage::float8 / 100, r.missing_count, r.published_on::date
          FROM hr_performance_review r
          JOIN hr_employee e ON e.id = r.employee_id
          JOIN hr_performance_template t ON t.id = r.template_id
     LEFT JOIN hr_employee m ON m.id = r.manager_id
     LEFT JOIN hr_department d ON d.id = r.department_id
     LEFT JOIN hr_job j ON j.id = r.job_id
     LEFT JOIN hr_performance_grade g ON g.id = r.full_grade_id
         WHERE r.cycle_id = %(cycle)s
      ORDER BY e.name, r.id""",
    "Lines": """
        SELECT e.name, d.name->>'en_US', x.name->>'en_US', l.kind, l.weight::float8,
               l.target::float8, l.value::float8, x.unit, l.points::float8,
               l.attainment::float8 / 100, l.sample, l.coverage, l.manager_reason
          FROM hr_performance_review_line l
          JOIN hr_employee e ON e.id = l.employee_id
          JOIN hr_performance_metric x ON x.id = l.metric_id
     LEFT JOIN hr_department d ON d.id = l.department_id
         WHERE l.cycle_id = %(cycle)s
      ORDER BY e.name, l.review_id, l.sequence, l.id""",
}


def run(bench):
    """Write both workbooks; yield the results."""
    rows = 10_000 if bench.small else 100_000
    cycle = bench.child("bench_export.prepare", people=rows // (1 + dataset.METRICS))
    plain = bench.best("bench_export.write_plainly", 3, cycle=cycle)
    ours = bench.best("bench_export.write", 3, cycle=cycle)
    if plain["rows"] != ours["rows"]:
        raise AssertionError(f"{plain['rows']} and {ours['rows']} rows")
    size = f"{sum(ours['rows']):,}"
    yield ratio("XLSX of a cycle", size, plain, ours, 1.3)
    yield Row("XLSX of a cycle", size, "memory", ours["memory"], 40, unit="MB")
    yield Row("XLSX of a cycle", size, "queries", ours["queries"])


def prepare(env, people):
    """Create people with one cycle; return it."""
    company = dataset.add_company(env, people)
    cycle = dataset.add_review_history(env, company, 1)
    cycle._rank()
    dataset.tidy(env, "hr_performance_review", "hr_performance_review_line", *dataset.PEOPLE_TABLES)
    return cycle.id


def write_plainly(env, cycle):
    """Write the rows as they come."""
    with Meter(env.cr) as meter, tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        counts = []
        for title, query in SHEETS.items():
            sheet = book.add_worksheet(title)
            env.cr.execute(f"DECLARE plain CURSOR FOR {query}", {"cycle": cycle})
            count = 0
            while rows := _fetch(env.cr):
                for row in rows:
                    count += 1
                    sheet.write_row(count, 0, row)
            env.cr.execute("CLOSE plain")
            counts.append(count)
        book.close()
    return {"rows": counts, **meter.cost.as_dict()}


def _fetch(cr):
    cr.execute("FETCH FORWARD 2000 FROM plain")
    return cr.fetchall()


def write(env, cycle):
    """Write the workbook that the button downloads."""
    record = env["hr.performance.cycle"].browse(cycle)
    with Meter(env.cr) as meter, tempfile.TemporaryFile() as file:
        counts = record._export_xlsx(file)
    return {"rows": counts, **meter.cost.as_dict()}
