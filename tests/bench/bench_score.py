"""Publishing and closing a cycle: lock, score for the last time, rank, freeze, show, close.

The lines have their values but no points yet, so that everything is written. The reference
writes the same columns by four plain statements, which also work the points out: one for the
lines, three for the reviews (scores, publication with ranks, closing).
"""

import bench_launch
import dataset
from compare import assert_same_rows
from harness import Row, ratio
from meter import Meter

READY = """
    UPDATE hr_performance_review SET state = 'ready', deadline = NULL, touched_on = NULL
     WHERE cycle_id = %(cycle)s
"""
VALUES = """
    UPDATE hr_performance_review_line
       SET value = (employee_id * 37 + sequence * 11) %% 150, measured = TRUE, coverage = 1,
           numerator = (employee_id * 37 + sequence * 11) %% 150, sample = 10
     WHERE cycle_id = %(cycle)s
"""
SCORE_LINES = """
    UPDATE hr_performance_review_line
       SET scored = TRUE, share = least(value / target * 100, 120),
           points = weight * least(value / target, 1.2), attainment = value / target * 100,
           met = value >= target, capped = value > target * 1.2
     WHERE cycle_id = %(cycle)s
"""
SCORE_REVIEWS = """
    UPDATE hr_performance_review r
       SET total = s.total, base_total = s.total, scored = TRUE, coverage = 100,
           missing_count = 0, blocked = FALSE, blocked_reason = NULL, touched_on = now(),
           full_grade_id = (SELECT id FROM hr_performance_grade g
                             WHERE g.scale_id = t.scale_id AND g.min_score <= s.total
                          ORDER BY g.min_score DESC LIMIT 1)
      FROM (SELECT review_id, round(sum(points), 2) total FROM hr_performance_review_line
             WHERE cycle_id = %(cycle)s GROUP BY review_id) s,
           hr_performance_template t
     WHERE s.review_id = r.id AND t.id = r.template_id
"""
PUBLISH = """
    UPDATE hr_performance_review r
       SET full_rank = n.place, full_count = n.people, rank = n.place, rank_count = n.people,
           rank_band = NULL, grade_id = r.full_grade_id, state = 'published', deadline = NULL,
           task_sent = FALSE, reminded = FALSE, escalated = FALSE, published_on = now(),
           published_by_id = 1, write_uid = 1, write_date = now()
      FROM (SELECT id, rank() OVER (PARTITION BY department_id ORDER BY total DESC) place,
                   count(*) OVER (PARTITION BY department_id) people
              FROM hr_performance_review WHERE cycle_id = %(cycle)s) n
     WHERE n.id = r.id
"""
CLOSE = """
    UPDATE hr_performance_review
       SET state = 'closed', deadline = NULL, task_sent = FALSE, reminded = FALSE,
           escalated = FALSE, write_uid = 1, write_date = now()
     WHERE cycle_id = %(cycle)s
"""


def run(bench):
    """Close a cycle on both sides; yield the results."""
    people = 1000 if bench.small else 10_000
    scope = bench.child("bench_score.prepare", people=people)
    plain = bench.best("bench_score.close_plainly", 3, **scope)
    ours = bench.best("bench_score.close", 3, **scope)
    bench.child("bench_score.check", cycles=[plain["cycle"], ours["cycle"]])
    yield ratio("score and close", f"{people:,}", plain, ours, 2.5)
    yield Row("score and close", f"{people:,}", "queries per review", ours["queries"] / people)
    yield Row("score and close", f"{people:,}", "memory", ours["memory"], unit="MB")


def prepare(env, people):
    """Create the people and their template."""
    companies = bench_launch.prepare(env, [people])
    return {"company": companies[str(people)], "warm": companies["warm"]}


def close_plainly(env, company, warm):
    """Write the results of a cycle by plain statements."""
    _close_plainly(env, warm)
    return _close_plainly(env, company)


def _close_plainly(env, company):
    cycle = _add_ready_cycle(env, company)
    with Meter(env.cr) as meter:
        for statement in (SCORE_LINES, SCORE_REVIEWS, PUBLISH, CLOSE):
            env.cr.execute(statement, {"cycle": cycle.id})
        env.cr.commit()
    return {"cycle": cycle.id, **meter.cost.as_dict()}


def close(env, company, warm):
    """Publish and close as the buttons and the scheduled job do."""
    _close(env, warm)
    return _close(env, company)


def _close(env, company):
    cycle = _add_ready_cycle(env, company)
    with Meter(env.cr) as meter:
        for step in ("action_publish", "action_close_early"):
            getattr(cycle, step)()
            env.cr.commit()
            env["hr.performance.work.item"]._cron_process()
    if cycle.state != "closed":
        raise AssertionError(f"The cycle is {cycle.state}.")
    return {"cycle": cycle.id, **meter.cost.as_dict()}


def _add_ready_cycle(env, company):
    """A cycle of the company's people whose reviews wait for publication, without points."""
    cycle = dataset.add_cycle(env, env["res.company"].browse(company))
    cycle.sudo().state = "open"
    env.flush_all()
    for statement in (bench_launch.REVIEWS, bench_launch.LINES, READY, VALUES):
        env.cr.execute(statement, {"cycle": cycle.id})
    dataset.tidy(env, "hr_performance_review", "hr_performance_review_line")
    env.cr.commit()
    env.invalidate_all()
    return cycle


def check(env, cycles):
    """Fail unless both sides came to the same results."""
    times = {"touched_on", "published_on", "state_on"}
    for table in ("hr_performance_review", "hr_performance_review_line"):
        assert_same_rows(env, table, *cycles, but=times)
