"""Keeping what a messenger sent: people who did not change, new employees, a million punches.

The reference of attendance is ``COPY`` into a temporary table and one upsert from it, for the same
decoded rows in the same order; that of new employees is core's own ``create`` of the same values.
"""

import io
from datetime import date, datetime, timedelta

import dataset
from harness import Row, ratio
from meter import Meter

from odoo.tools import SQL

ADDON = "hr_performance_dingtalk"
PAGE = 5000
#: New employees in one transaction.
HIRES = 200
COLUMNS = (
    "external_id", "user_key", "work_date", "check_type", "result", "location", "source_type",
    "planned_at", "punched_at", "minutes", "excused", "digest",
)  # fmt: skip


def run(bench):
    """Bring rows in for the first time, and again; yield the results."""
    people, punches = (10_000, 100_000) if bench.small else (50_000, 1_000_000)
    bench.databases.install(bench.database, [ADDON])
    scope = bench.child("bench_messenger.prepare")
    first = bench.child("bench_messenger.read_people", **scope, people=people)
    again = bench.child("bench_messenger.read_people", **scope, people=people)
    title = "people of a messenger"
    yield Row(title, f"{people:,}", "first reading, seconds", first["cpu"], unit="s")
    yield Row(title, f"{people:,}", "unchanged: rows written", again["written"], 0)
    yield Row(title, f"{people:,}", "unchanged: queries/1,000", again["queries"] * 1000 / people, 1)
    yield Row(title, f"{people:,}", "unchanged: memory", again["memory"], 200, unit="MB")
    hires = 200 if bench.small else 1000
    title = "employees of a messenger"
    plain = bench.child("bench_messenger.create_plainly", people=hires)
    ours = bench.child("bench_messenger.create_from_people", people=hires)
    yield ratio(title, f"{hires:,}", plain, ours, 1.15, measure="ours ÷ core's create")
    more = (ours["queries"] - plain["queries"]) / hires
    yield Row(title, f"{hires:,}", "queries/person beyond core's", more, 0.1)
    yield Row(title, f"{hires:,}", "memory beyond core's", ours["memory"] - plain["memory"], 50)
    title = "attendance results"
    plain = bench.child("bench_messenger.copy_plainly", **scope, punches=punches)
    ours = bench.child("bench_messenger.read_punches", **scope, punches=punches)
    replay = bench.child("bench_messenger.read_punches", **scope, punches=punches)
    yield ratio(title, f"{punches:,}", plain, ours, 2, 1.3, "ours ÷ COPY and upsert")
    yield Row(title, f"{punches:,}", "queries/1,000", ours["queries"] * 1000 / punches, 1)
    yield Row(title, f"{punches:,}", "memory", ours["memory"], 100, unit="MB")
    yield Row(title, f"{punches:,}", "replay: rows written", replay["written"], 0)


def prepare(env):
    """A company with a connection; what identifies it."""
    connection = _add_connection(env, 1)
    env.cr.commit()
    return {"connection": connection.id}


def _add_connection(env, number, **vals):
    return env["hr.performance.im.connection"].create(
        {
            "name": f"Bench {number}",
            "provider": "dingtalk",
            "company_id": dataset.add_company(env, number).id,
            **vals,
        }
    )


def read_people(env, connection, people):
    """Bring in the people of a listing, as its pages come."""
    run = _start_run(env, env["hr.performance.im.connection"].browse(connection))
    provider = run.connection_id._get_provider()
    env.cr.commit()

    def once():
        for start in range(0, people, 10_000):
            numbers = range(start, min(start + 10_000, people))
            provider._bring_in_users(run, dict(map(_get_user, numbers)))
            env.cr.commit()

    return _measure(env, "hr_performance_im_identity", once)


def _start_run(env, connection):
    return env["hr.performance.im.run"].create(
        {"connection_id": connection.id, "kind": "people", "state": "done"}
    )


def _get_user(number):
    """A person as a page of the listing names him, by his outside id."""
    return f"user{number}", {
        "external_id": f"user{number}",
        "union_id": f"union{number}",
        "name": f"Person {number}",
        "job_number": f"A{number:06}",
        "mobile": f"138{number:08}",
        "email": f"p{number}@example.com",
        "title": "Planner",
        "department_keys": ["1", str(number % 50)],
        "joined_on": date(2020, 1, 1),
    }


def create_plainly(env, people):
    """Core's own creation of employees, some at a time."""
    company = dataset.add_company(env, 2)
    create = (
        env["hr.employee"]
        .with_company(company)
        .with_context(tracking_disable=True, mail_create_nosubscribe=True)
        .create
    )
    env.cr.commit()

    def once():
        for start in range(0, people, HIRES):
            users = [_get_user(number)[1] for number in range(start, start + HIRES)]
            create(
                [
                    {
                        "name": user["name"],
                        "company_id": company.id,
                        "work_email": user["email"],
                        "mobile_phone": user["mobile"],
                        "job_title": user["title"],
                        "date_version": user["joined_on"],
                    }
                    for user in users
                ]
            )
            env.cr.commit()

    return _measure(env, "hr_employee", once)


def create_from_people(env, people):
    """New employees for people whom nobody knows, from finding no match to the end of the run."""
    connection = _add_connection(
        env, 3, create_employees=True, people_checked_on=datetime(2026, 1, 1)
    )
    provider = connection._get_provider()
    run = _start_run(env, connection)
    provider._bring_in_users(run, dict(map(_get_user, range(people))))
    run.position = {"phase": "matches"}
    env.cr.commit()

    def once():
        while not provider._step_people(run, None):
            env.cr.commit()

    cost = _measure(env, "hr_employee", once)
    hired = env["hr.performance.im.identity"].search_count(
        [("connection_id", "=", connection.id), ("employee_id", "!=", False)]
    )
    assert hired == people, f"{hired} of {people}"
    return cost


def read_punches(env, connection, punches):
    """Bring in decoded results, as the pages of a run come."""
    connection = env["hr.performance.im.connection"].browse(connection)
    model = env["hr.performance.dingtalk.punch"]

    def once():
        for results in _pages(punches):
            model._bring_in(connection, model._to_rows(results))
            env.cr.commit()

    return _measure(env, model._table, once)


def copy_plainly(env, connection, punches):
    """COPY and upsert the same rows, and take them away again."""
    model = env["hr.performance.dingtalk.punch"]
    table, names = SQL.identifier(model._table), SQL(", ").join(map(SQL.identifier, COLUMNS))
    company = env["hr.performance.im.connection"].browse(connection).company_id.id
    upsert = SQL(
        """INSERT INTO %(table)s (connection_id, company_id, %(names)s)
           SELECT %(connection)s, %(company)s, %(names)s FROM page
      ON CONFLICT (connection_id, external_id) DO UPDATE SET (%(names)s) = ROW(%(new)s)
            WHERE %(table)s.digest <> excluded.digest""",
        table=table,
        names=names,
        new=SQL(", ").join(SQL.identifier("excluded", name) for name in COLUMNS),
        connection=connection,
        company=company,
    )

    def once():
        env.cr.execute(
            SQL("CREATE TEMP TABLE page AS SELECT %s FROM %s WITH NO DATA", names, table)
        )
        for results in _pages(punches):
            lines = io.StringIO()
            for row in model._to_rows(results):
                cells = (row[name] for name in COLUMNS)
                lines.write("\t".join("\\N" if c is None else str(c) for c in cells) + "\n")
            lines.seek(0)
            env.cr.copy_expert(SQL("COPY page (%s) FROM STDIN", names).code, lines)
            env.cr.execute(upsert)
            env.cr.execute("TRUNCATE page")
            env.cr.commit()

    cost = _measure(env, model._table, once)
    env.cr.execute(SQL("TRUNCATE %s", table))
    env.cr.commit()
    return cost


def _pages(punches):
    """Pages of decoded results: two a day and person."""
    from odoo.addons.hr_performance_dingtalk.tools.attendance import Result

    first = datetime(2026, 1, 1, 1)
    for start in range(0, punches, PAGE):
        page = []
        for number in range(start, start + PAGE):
            person, rest = divmod(number, 60)
            day, kind = divmod(rest, 2)
            planned = first + timedelta(days=day, hours=9 * kind)
            late = number % 11 == 0
            page.append(
                Result(
                    str(10**9 + number),
                    f"user{person}",
                    planned.date(),
                    "OffDuty" if kind else "OnDuty",
                    "Late" if late else "Normal",
                    "Normal",
                    "USER",
                    planned,
                    planned + timedelta(minutes=10 * late),
                    None,
                    None,
                    None,
                    None,
                    None,
                )  # fmt: skip
            )
        yield page


def _measure(env, table, once):
    """The cost of it, with the number of rows that the table got or that were written anew."""
    before = _get_written(env, table)
    with Meter(env.cr) as meter:
        once()
    return {**meter.cost.as_dict(), "written": _get_written(env, table) - before}


def _get_written(env, table):
    env.cr.execute("SELECT pg_stat_force_next_flush()")
    env.cr.commit()
    env.cr.execute(
        "SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = %s", [table]
    )
    return env.cr.fetchone()[0]
