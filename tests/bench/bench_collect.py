"""Measuring one metric for many people: what they won in a month, from all leads of the company.

The reference of *aggregate* is the one grouping query, its rows fetched; ours also says for each
employee how many records there were, and what an empty month means. The reference of *and store*
inserts the same rows of ``hr.performance.value`` from that grouping, everybody included.
"""

import dataset
from harness import Row, exponent, ratio
from meter import Meter

PERIOD = {"start": "2026-02-28 16:00:00", "end": "2026-03-31 16:00:00"}  # March in Shanghai
AGGREGATE = """
    SELECT user_id, count(*) sample, sum(expected_revenue) amount
      FROM crm_lead
     WHERE active AND won_status = 'won' AND date_closed >= %(start)s AND date_closed < %(end)s
       AND (company_id = %(company)s OR company_id IS NULL)
  GROUP BY user_id
"""
STORE = f"""
    INSERT INTO hr_performance_value
           (metric_id, employee_id, company_id, date_from, date_to, source, computed_at, value,
            measured, numerator, sample, coverage)
    SELECT %(metric)s, e.id, e.company_id, %(from)s, %(to)s, 'model', now(),
           coalesce(t.amount, 0), TRUE, coalesce(t.amount, 0), coalesce(t.sample, 0), 1
      FROM hr_employee e LEFT JOIN ({AGGREGATE}) t ON t.user_id = e.user_id
     WHERE e.id = ANY(%(employees)s)
  ORDER BY e.id
"""


def run(bench):
    """Measure ever more people from the same leads; yield the results."""
    people = (100, 1000) if bench.small else (100, 1000, 10_000)
    leads = 100_000 if bench.small else 1_000_000
    scope = bench.child("bench_collect.prepare", people=people[-1], leads=leads)
    title = f"collect from {leads:,}"
    for store in (False, True):
        measure = "and store" if store else "aggregate"
        ours = {}
        for size in people:
            options = {**scope, "people": size, "store": store}
            plain = bench.best("bench_collect.collect_plainly", 3, **options)
            ours[size] = bench.best("bench_collect.collect", 3, **options)
            yield ratio(title, f"{size:,}", plain, ours[size], 3, 1.7, f"{measure}: ours ÷ plain")
        bench.child("bench_collect.check", **scope, people=people[-1])
        more = ours[people[-1]]["queries"] - ours[people[0]]["queries"]
        sizes = f"{people[0]:,}–{people[-1]:,}"
        per_employee = more / (people[-1] - people[0])
        yield Row(title, sizes, f"{measure}: queries/employee", per_employee, 0)
        yield Row(title, sizes, f"{measure}: growth exponent", exponent(ours), 0.6)
        yield Row(
            title,
            f"{people[-1]:,}",
            f"{measure}: memory",
            ours[people[-1]]["memory"],
            50,
            unit="MB",
        )


def prepare(env, people, leads):
    """Create the people, their leads and the metric; return what identifies them."""
    company = dataset.add_company(env, people)
    dataset.add_leads(env, company, leads)
    dataset.tidy(env, "crm_lead", *dataset.PEOPLE_TABLES)
    fields = env["ir.model.fields"]
    metric = env["hr.performance.metric"].create(
        {
            "name": "Won amount",
            "code": "bench_won",
            "company_id": company.id,
            "source": "model",
            "unit": "money",
            "model_id": env["ir.model"]._get_id("crm.lead"),
            "domain": "[('won_status', '=', 'won')]",
            "date_path": "date_closed",
            "employee_path": "user_id",
            "aggregate": "sum",
            "measure_field_id": fields._get("crm.lead", "expected_revenue").id,
            "empty_as": "zero",
        }
    )
    company.resource_calendar_id.tz = "Asia/Shanghai"
    return {"company": company.id, "metric": metric.id}


def collect_plainly(env, company, metric, people, store, calls=3):
    """Group the leads, and store the groups."""
    start, end = dataset.PERIOD
    employees = _get_employees(env, company, people).ids
    values = {**PERIOD, "company": company, "metric": metric, "from": start, "to": end}
    values["employees"] = employees

    def once():
        env.cr.execute(STORE if store else AGGREGATE, values)
        if not store:
            env.cr.fetchall()

    return _measure_calls(env, metric, once, calls)


def collect(env, company, metric, people, store, calls=3):
    """Measure as the refreshing of reviews does."""
    employees = _get_employees(env, company, people)
    record = env["hr.performance.metric"].browse(metric)
    method = record._refresh_values if store else record._measure

    def once():
        env.invalidate_all()
        method(employees, *dataset.PERIOD)

    return _measure_calls(env, metric, once, calls)


def _get_employees(env, company, people):
    return env["hr.employee"].search([("company_id", "=", company)], order="id", limit=people)


def _measure_calls(env, metric, once, calls):
    """Cost of one call, from several: the backend counts in hundredths of a second."""
    total = {}
    for number in range(calls + 1):
        env.cr.execute("DELETE FROM hr_performance_value WHERE metric_id = %s", [metric])
        env.cr.commit()
        with Meter(env.cr) as meter:
            once()
            env.cr.commit()
        if number:  # the first one warms up
            for key, value in meter.cost.as_dict().items():
                total[key] = total.get(key, 0) + value / calls
    return total


def check(env, company, metric, people):
    """Fail unless both sides store the same."""
    columns = "employee_id, company_id, value, measured, numerator, sample, coverage, source"
    rows = []
    for function in (collect_plainly, collect):
        function(env, company, metric, people, store=True, calls=1)
        env.cr.execute(f"SELECT {columns} FROM hr_performance_value ORDER BY employee_id")
        rows.append(env.cr.fetchall())
    unlike = [pair for pair in zip(*rows, strict=True) if pair[0] != pair[1]]
    if unlike or len(rows[0]) != people:
        raise AssertionError(f"{len(unlike)} of {len(rows[0])} differ: {unlike[:1]}")
