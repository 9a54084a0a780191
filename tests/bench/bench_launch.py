"""Launching a cycle: a review with five lines for every employee of a company."""

import dataset
from compare import assert_same_rows
from harness import Row, exponent, ratio
from meter import Meter

REVIEWS = """
    INSERT INTO hr_performance_review
           (cycle_id, company_id, date_from, date_to, state, deadline, priority, employee_id,
            department_id, job_id, manager_id, participation, template_id,
            create_uid, write_uid, create_date, write_date)
    SELECT c.id, c.company_id, c.date_from, c.date_to, 'progress', c.date_to, '0', e.id,
           v.department_id, v.job_id, e.parent_id, 1, t.id, 1, 1, now(), now()
      FROM hr_performance_cycle c
      JOIN hr_performance_template t ON t.company_id = c.company_id
      JOIN hr_employee e ON e.company_id = c.company_id
      JOIN hr_version v ON v.id = e.current_version_id
     WHERE c.id = %(cycle)s
  ORDER BY e.id
"""
LINES = """
    INSERT INTO hr_performance_review_line
           (review_id, cycle_id, company_id, employee_id, department_id, sequence, kind, metric_id,
            template_line_id, weight, target, base_target, has_start, start_value, rule, measured,
            scored, excluded, manager_set, self_set, create_uid, write_uid, create_date, write_date)
    SELECT r.id, r.cycle_id, r.company_id, r.employee_id, r.department_id, t.sequence, 'metric',
           t.metric_id, t.id, t.weight, t.target, t.target, t.has_start, t.start_value, t.rule,
           FALSE, FALSE, FALSE, FALSE, FALSE, 1, 1, now(), now()
      FROM hr_performance_review r
      JOIN hr_performance_template_line t ON t.template_id = r.template_id
     WHERE r.cycle_id = %(cycle)s
"""


def run(bench):
    """Launch companies of sizes ten apart; yield the results."""
    sizes = (400, 4000) if bench.small else (1000, 10_000, 100_000)
    companies = bench.child("bench_launch.prepare", sizes=sizes)
    plain, ours = {}, {}
    for size in sizes:
        times = 1 if size > 10_000 else 3
        options = {"company_id": companies[str(size)], "warm_id": companies["warm"]}
        plain[size] = bench.best("bench_launch.launch_plainly", times, **options)
        ours[size] = bench.best("bench_launch.launch", times, **options)
        cycles = [plain[size]["cycle"], ours[size]["cycle"]]
        bench.child("bench_launch.check", cycles=cycles)
        yield ratio("launch", f"{size:,}", plain[size], ours[size], 6, 2)
        per_employee = ours[size]["queries"] / size
        yield Row("launch", f"{size:,}", "queries per employee", per_employee, 0.15)
        yield Row("launch", f"{size:,}", "memory", ours[size]["memory"], 50, unit="MB")
    yield Row("launch", f"{sizes[0]:,}–{sizes[-1]:,}", "growth exponent", exponent(ours), 1.10)


def prepare(env, sizes):
    """Create a company of each size, and one to warm up with; return their ids."""
    companies = {}
    for name, people in (*((str(size), size) for size in sizes), ("warm", 350)):
        company = dataset.add_company(env, people)
        dataset.add_template(env, company)
        companies[name] = company.id
    env.flush_all()
    dataset.tidy(env, *dataset.PEOPLE_TABLES)
    return companies


def launch_plainly(env, company_id, warm_id):
    """Launch by two statements."""
    _launch_plainly(env, warm_id)
    return _launch_plainly(env, company_id)


def _launch_plainly(env, company_id):
    cycle = _add_cycle(env, company_id)
    with Meter(env.cr) as meter:
        for statement in (REVIEWS, LINES):
            env.cr.execute(statement, {"cycle": cycle.id})
        env.cr.commit()
    return {"cycle": cycle.id, **meter.cost.as_dict()}


def launch(env, company_id, warm_id):
    """Launch as the button and the scheduled job do: one transaction for each work item."""
    _launch(env, warm_id)
    return _launch(env, company_id)


def _launch(env, company_id):
    cycle = _add_cycle(env, company_id)
    with Meter(env.cr) as meter:
        cycle._launch()
        env.cr.commit()
        env["hr.performance.work.item"]._cron_process()
    return {"cycle": cycle.id, **meter.cost.as_dict()}


def _add_cycle(env, company_id):
    cycle = dataset.add_cycle(env, env["res.company"].browse(company_id))
    env.cr.commit()
    return cycle


def check(env, cycles):
    """Fail unless both sides wrote the same."""
    for table in ("hr_performance_review", "hr_performance_review_line"):
        assert_same_rows(env, table, *cycles)
