"""The leaderboard of one group: its first page, its last one, a search, as several people.

The reference is one plain query that says where everybody stands, from the deals themselves, and
gives the first page with names. What reading the stored results alone costs in plain SQL is shown
beside it. Seconds are those of one call with warm caches of the server, in a new transaction.
"""

import dataset
from bench_sales import END, PLAIN, START
from bench_screens import measure_calls
from harness import Row, ratio

from odoo.tools import SQL

MONTHS = 24
PAGE = 50
FIRST_PAGE = f"""
    SELECT e.name, n.* FROM ({PLAIN}) n
      JOIN hr_performance_sales_result r ON r.id = n.id
      JOIN hr_employee e ON e.id = r.employee_id
  ORDER BY n.rank LIMIT {PAGE}
"""
STORED_PAGE = """
    SELECT e.name, r.rank, r.rank_before, r.amount, r.minimum, r.line, r.gap, r.meets_minimum
      FROM hr_performance_sales_result r JOIN hr_employee e ON e.id = r.employee_id
     WHERE r.period_id = %(period)s AND r.group_ref = %(group)s
  ORDER BY r.rank LIMIT 50
"""
STORED_COUNT = """
    SELECT COUNT(*) FROM hr_performance_sales_result
     WHERE period_id = %(period)s AND group_ref = %(group)s
"""


def run(bench):
    """Open pages as a salesperson under each policy, as the manager, as HR; yield the results."""
    people, deals = (1000, 100_000) if bench.small else (10_000, 1_000_000)
    scope = bench.child("bench_board.prepare", people=people, deals=deals)
    size = f"{people:,}"
    plain = bench.best("bench_board.compute_plainly", 3, **scope)
    stored = bench.best("bench_board.read_plainly", 3, **scope)
    for policy in ("full", "bands", "upper"):
        ours = bench.best("bench_board.open_page", 3, **scope, policy=policy)
        title = f"leaderboard, {policy}"
        yield ratio(title, size, plain, ours, 3, measure="first page: ours ÷ plain")
        yield Row(title, size, "first page: queries", ours["queries"], 8)
        yield ratio(title, size, stored, ours, None, measure="ours ÷ stored rows")
    for title, options in (
        ("leaderboard, last page", {"page": 10**6}),
        ("leaderboard, a name", {"name": "99"}),
        ("leaderboard, as manager", {"role": "manager"}),
        ("leaderboard, as HR", {"role": "officer"}),
    ):
        ours = bench.best("bench_board.open_page", 3, **scope, **options)
        yield ratio(title, size, plain, ours, 3, measure="ours ÷ plain")
        yield Row(title, size, "queries", ours["queries"], 8)


def prepare(env, people, deals):
    """Everybody in one group, led by its first; a salesperson from the middle, and HR."""
    scope = dataset.add_sales_period(env, people, deals, MONTHS, people)
    period = env["hr.performance.sales.period"].browse(scope["period"])
    period._refresh()
    employees = env["hr.employee"].search([("company_id", "=", scope["company"])], order="id")
    users = {
        "manager": employees[0].user_id,
        "seller": employees[len(employees) // 2].user_id,
        "officer": employees[-1].user_id,
    }
    for user in users.values():
        user.group_ids += env.ref("base.group_user")
    users["officer"].group_ids += env.ref("hr_performance.group_hr_performance_user")
    dataset.tidy(env, "hr_performance_sales_result")
    return {
        **scope,
        "group": period.result_ids[:1].group_ref,
        "users": {role: user.id for role, user in users.items()},
    }


def compute_plainly(env, company, period, group, users):
    values = {"company": company, "period": period, "start": START, "end": END}

    def call(_board):
        env.cr.execute(FIRST_PAGE, values)
        env.cr.fetchall()

    return measure_calls(env, users["seller"], "hr.performance.sales.board", call, calls=5)


def read_plainly(env, company, period, group, users):
    def call(_board):
        for query in (STORED_PAGE, STORED_COUNT):
            env.cr.execute(query, {"period": period, "group": group})
            env.cr.fetchall()

    return measure_calls(env, users["seller"], "hr.performance.sales.board", call, calls=50)


def open_page(env, company, period, group, users, policy="full", role="seller", **options):
    env.cr.execute(
        SQL(
            """UPDATE hr_performance_sales_plan SET visibility = %s
                WHERE id = (SELECT plan_id FROM hr_performance_sales_period WHERE id = %s)""",
            policy,
            period,
        )
    )
    env.cr.commit()

    def call(board):
        page = board.with_context(tz="Asia/Shanghai").get_page(period_id=period, **options)
        if not page["rows"]:
            raise AssertionError("the page is empty")

    return measure_calls(env, users[role], "hr.performance.sales.board", call)
